"""A search spread over a Dask cluster: the same stories, clear words for what is in the way, and a clean end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from server import cli
from server.cli import EXIT_INTERRUPTED, EXIT_WRONG_ARGUMENT, cluster
from server.exploration.explore import PATIENCE

if not os.environ.get("CI"):
    pytest.importorskip("distributed")

ROOT = Path(__file__).resolve().parents[2]
FOUND, NOTHING = 1, 0
UNKEPT = ["explore", "number_election", "--without", "durable_log", "--runs", "40"]
PATIENCE_S = 60


class Cluster:
    """`python -m tests.support.dask_cluster` in a process of its own."""

    def __init__(self, *words: str, command: list[str] | None = None) -> None:
        self.process = subprocess.Popen(
            command or [sys.executable, "-m", "tests.support.dask_cluster", *words],
            cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        assert self.address.startswith("tcp://")

    def kill(self) -> None:
        """Scheduler, workers and all that belongs to them."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE_S)

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.kill()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture(scope="module")
def two_workers() -> Iterator[str]:
    """The address of a cluster of two workers."""
    made = Cluster()
    yield made.address
    made.end()


@pytest.fixture
def make() -> Iterator[Callable[..., Cluster]]:
    """Makes other clusters, and ends them."""
    made: list[Cluster] = []

    def one(*words: str, **options: Any) -> Cluster:
        made.append(Cluster(*words, **options))
        return made[-1]

    yield one
    for each in made:
        if each.process.poll() is None:
            each.end()


def said(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """The exit code, standard output, standard error, also of what libraries write by themselves."""
    code = cli.run(list(words), None)
    out, err = capfd.readouterr()
    return code, out, err


def test_two_workers_find_the_story_that_one_process_finds(capfd: pytest.CaptureFixture[str], two_workers: str) -> None:
    alone = said(capfd, *UNKEPT)
    together = said(capfd, *UNKEPT, "--dask", two_workers)
    assert alone[0] == together[0] == FOUND
    assert alone[1] == together[1]
    assert together[2].startswith("quorumscope: ")
    assert together[2].count("\n") == 1


def test_one_worker_or_two_all_runs_count_the_same(
    capfd: pytest.CaptureFixture[str], two_workers: str, make: Callable[..., Cluster]
) -> None:
    words = ["explore", "raft", "--without", "majority", "--stories", "3", "--nodes", "3", "--json-lines", "--dask"]
    lines = (said(capfd, *words, address)[1].splitlines()[-1] for address in (make("1").address, two_workers))
    one, two = ({**json.loads(line), "seconds": 0} for line in lines)
    assert one == two
    assert one["result"]["broken"]
    assert one["runs"] >= PATIENCE


def test_where_nothing_breaks_it_says_so(capfd: pytest.CaptureFixture[str], two_workers: str) -> None:
    words = ["explore", "raft", "--runs", "20", "--dask", two_workers]
    assert said(capfd, *words) == (NOTHING, "20 runs broke nothing.\n", "")


def test_a_budget_ends_it(capfd: pytest.CaptureFixture[str], two_workers: str) -> None:
    code, out, err = said(capfd, "explore", "raft", "--budget", "1s", "--dask", two_workers)
    assert (code, err) == (NOTHING, "")
    assert out.endswith(" runs broke nothing.\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_stops_it_gets_what_is_there_and_the_cluster_is_free_again(
    capfd: pytest.CaptureFixture[str], number: int, two_workers: str
) -> None:
    process = begun(two_workers)
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == EXIT_INTERRUPTED
    last = json.loads(out.splitlines()[-1])
    assert last["stopped"] is True
    assert err == f"quorumscope: stopped after {last['runs']} runs.\n"
    assert said(capfd, "explore", "raft", "--runs", "8", "--dask", two_workers)[:2] == (
        NOTHING, "8 runs broke nothing.\n",
    )  # fmt: skip


def test_a_cluster_that_dies_is_said(make: Callable[..., Cluster]) -> None:
    lost = make()
    process = begun(lost.address)
    lost.kill()
    _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == EXIT_WRONG_ARGUMENT
    assert err == f"quorumscope: The Dask cluster at {lost.address} no longer answers.\n"


def begun(address: str) -> subprocess.Popen[str]:
    """A long search, after its first results."""
    process = subprocess.Popen(
        [sys.executable, "-m", "server", "explore", "raft", "--budget", "10m", "--json-lines", "--dask", address],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    while json.loads(process.stdout.readline())["progress"]["runs"] == 0:
        pass
    return process


# ---- what is in the way ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--dask", "127.0.0.1:9"], "No Dask scheduler answers at 127.0.0.1:9."),
        (["--dask", "nonsense"], "missing port number in address 'nonsense'; write it as HOST:PORT"),
        (["--dask", "127.0.0.1:9", "--jobs", "2"], "leave --jobs and --systematic out"),
        (["--dask", "127.0.0.1:9", "--systematic"], "leave --jobs and --systematic out"),
    ],
)
def test_a_wrong_address_is_one_sentence(capfd: pytest.CaptureFixture[str], words: list[str], sentence: str) -> None:
    code, out, err = said(capfd, "explore", "raft", *words)
    assert (code, out) == (EXIT_WRONG_ARGUMENT, "")
    assert sentence in err
    assert err.count("\n") == 1


def test_something_else_that_listens_is_no_scheduler(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 1)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"127.0.0.1:{mute.getsockname()[1]}"
        code, _, err = said(capfd, "explore", "raft", "--dask", address)
    assert (code, err) == (EXIT_WRONG_ARGUMENT, f"quorumscope: No Dask scheduler answers at {address}.\n")


def test_a_cluster_without_workers_is_said(capfd: pytest.CaptureFixture[str], make: Callable[..., Cluster]) -> None:
    empty = make("0").address
    code, _, err = said(capfd, "explore", "raft", "--dask", empty)
    assert (code, err) == (EXIT_WRONG_ARGUMENT, f"quorumscope: The Dask cluster at {empty} has no workers.\n")


def test_workers_with_other_sources_are_refused(
    capfd: pytest.CaptureFixture[str], two_workers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "fingerprint", lambda: "another")
    code, _, err = said(capfd, "explore", "raft", "--runs", "8", "--dask", two_workers)
    assert code == EXIT_WRONG_ARGUMENT
    assert "has other sources than this program" in err
    assert err.count("\n") == 1


def test_the_fingerprint_is_of_every_line_that_matters() -> None:
    assert cluster.fingerprint() == cluster.fingerprint.__wrapped__()
    assert len(cluster.fingerprint()) == 32


def test_workers_without_the_program_are_refused(
    capfd: pytest.CaptureFixture[str], make: Callable[..., Cluster], tmp_path: Path
) -> None:
    script = tmp_path / "bare.py"
    whole = (ROOT / "tests" / "support" / "dask_cluster.py").read_text()
    # It may be installed in the environment of the tests: there it is hidden.
    hidden = tmp_path / "hidden"
    (hidden / "server").mkdir(parents=True)
    (hidden / "server" / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'server'\")\n")
    script.write_text(whole.replace("silence_logs=50,", f"silence_logs=50, env={{'PYTHONPATH': {str(hidden)!r}}},"))
    bare = make(command=["env", "-C", str(tmp_path), f"PYTHONPATH={hidden}", sys.executable, "-P", str(script), "1"])
    code, _, err = said(capfd, "explore", "raft", "--runs", "8", "--dask", bare.address)
    assert code == EXIT_WRONG_ARGUMENT
    assert "does not have this program: install quorumscope" in err
    assert err.count("\n") == 1


VERSIONS = {"packages": {"python": "3.11.9.final.0", "dask": "2026.8.0", "distributed": "2026.8.0"}}


def other(**changes: str) -> dict[str, Any]:
    return {"packages": {**VERSIONS["packages"], **changes}}


@pytest.mark.parametrize(
    ("scheduler", "worker", "words"),
    [
        (VERSIONS, other(python="3.11.2.final.0"), None),
        (VERSIONS, other(python="3.12.1.final.0"), "its worker tcp://w:1 has python 3.12, this program 3.11"),
        (other(distributed="2025.1.0"), VERSIONS, "its scheduler has distributed 2025.1.0, this program 2026.8.0"),
        (VERSIONS, "no answer", "its worker tcp://w:1 has python of no known version, this program 3.11"),
    ],
)
def test_another_python_or_another_dask_is_named(scheduler: Any, worker: Any, words: str | None) -> None:
    told = {"client": VERSIONS, "scheduler": scheduler, "workers": {"tcp://w:1": worker}}
    assert cluster.disagreement(told) == words


def test_without_the_extra_it_says_what_to_install(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    code, _, err = said(capfd, "explore", "raft", "--dask", "127.0.0.1:9")
    assert code == EXIT_WRONG_ARGUMENT
    assert (
        err
        == "quorumscope: --dask needs the extra of that name, which is not installed: pip install 'quorumscope[dask]'.\n"
    )
