"""A Dask cluster on this machine, of two workers, for as long as its standard input is open. Says its address first.

python -m tests.support.dask_cluster [workers]
"""

from __future__ import annotations

import sys

from distributed import LocalCluster


def main() -> None:
    workers = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    with LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1",
        silence_logs=50,
    ) as cluster:  # fmt: skip
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
