"""Work spread over a Dask cluster that somebody else runs, its results given back in the order of the work.

Whether a worker is allowed to help is asked with every piece of work, since workers come and go: one whose code differs
by a letter might find other runs for the same seeds. Dask is an optional extra, so it is imported here and only when it
is asked for.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import time
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import server

from . import CommandError
from .program import fingerprint
from .spread import AHEAD, in_pool

Item = TypeVar("Item")
Result = TypeVar("Result")

CONNECT_S = 5
"""How long a scheduler may take to answer at first,"""
LOST_S = 15.0
"""and how long it may be away later."""
AHEAD_MAX = 512
"""How much is on its way at the most, however large the cluster is."""
MUST_AGREE = ("dask", "distributed")
REPORTERS = ("distributed", "tornado")
"""Who writes to the log about connections: Dask, and what it is built upon."""
UNREADABLE = "Error during deserialization"
"""How Dask begins what it says where work names modules that are not there."""


class Mismatch(Exception):
    """The code of a worker is not the one that is asked for."""


def in_order_on(
    address: str, work: Callable[[Item], Result], items: Iterable[Item], until: float | None = None
) -> Generator[Result | None, None, None]:
    """As `in_order`, on the workers of the scheduler at `address`. Raises CommandError with what is in the way."""
    with _joined(address) as (client, threads):
        pool = client.get_executor(pure=False)
        mine = fingerprint()
        helped = in_pool(pool, _helped, ((work, item, mine) for item in items), min(AHEAD_MAX, threads * AHEAD), until)
        try:
            yield from _answering(client, address, helped)
        except CommandError:
            raise
        except Exception as error:  # noqa: BLE001 - what it is, is looked at there
            raise _explained(error, client, address) from None
        finally:
            with suppress(Exception):  # it tells the scheduler, which may be gone, in several ways
                pool.shutdown(wait=False)


def _answering(client: Any, address: str, results: Iterator[Result | None]) -> Iterator[Result | None]:
    """The results, for as long as the scheduler is there."""
    heard = time.monotonic()
    for result in results:
        now = time.monotonic()
        if client.status == "running":
            heard = now
        elif now - heard > LOST_S or client.status == "closed":
            raise _gone(address)
        yield result


def _explained(error: Exception, client: Any, address: str) -> Exception:
    """What to say instead of an error that ended the work; the error itself where it is one of the work."""
    if isinstance(error, Mismatch):
        return CommandError(
            f"A worker of {address} has other sources than this program: with them the same seeds may give other "
            "runs. Install the same version on all of them."
        )
    if isinstance(error, ImportError) or (isinstance(error, RuntimeError) and UNREADABLE in str(error)):
        return CommandError(
            f"The scheduler or a worker of {address} does not have this program: install quorumscope "
            f"{server.__version__} on all of them."
        )
    # A client that is closed refuses work with errors of its own.
    if isinstance(error, BrokenExecutor | CancelledError | OSError) or client.status != "running":
        return _gone(address)
    return error


def _gone(address: str) -> CommandError:
    return CommandError(f"The Dask cluster at {address} no longer answers.")


def _helped(order: tuple[Callable[[Item], Result], Item, str]) -> Result:
    """What a worker does: the work, if its code is the one that is meant."""
    work, item, wanted = order
    if fingerprint() != wanted:
        raise Mismatch
    return work(item)


# Coming to a cluster


@contextmanager
def _joined(address: str) -> Iterator[tuple[Any, int]]:
    """A client of the cluster, and how many threads its workers have. Raises CommandError."""
    try:
        dask, distributed = importlib.import_module("dask"), importlib.import_module("distributed")
    except ImportError:
        raise CommandError(
            "--dask needs the extra of that name, which is not installed: pip install 'quorumscope[dask]'."
        ) from None
    # They report lost connections on several lines; what matters is said here in one sentence.
    for name in [each for each in logging.root.manager.loggerDict if each.partition(".")[0] in REPORTERS]:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    told = asyncio.run(_identity(distributed, address))
    threads = sum(worker["nthreads"] for worker in told.get("workers", {}).values())
    if not threads:
        raise CommandError(f"The Dask cluster at {address} has no workers.")
    with dask.config.set({"distributed.comm.timeouts.connect": f"{CONNECT_S}s"}), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that versions differ: it is looked at right below
        client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
        try:
            if (reason := disagreement(client.get_versions())) is not None:
                raise CommandError(f"The Dask cluster at {address} can't be used: {reason}.")
            yield client, threads
        finally:
            with suppress(Exception):  # so too
                client.close(timeout=CONNECT_S)


async def _identity(distributed: Any, address: str) -> dict[str, Any]:
    """What the scheduler says of itself. A client that finds nobody leaves threads behind that complain; this does not."""
    try:
        async with distributed.core.rpc(address, timeout=CONNECT_S) as there:
            told = await asyncio.wait_for(there.identity(), CONNECT_S)
    except ValueError as error:
        raise CommandError(f"--dask {address}: {error}; write it as HOST:PORT or tls://HOST:PORT.") from None
    except (TimeoutError, OSError, EOFError, TypeError, AttributeError):
        raise CommandError(f"No Dask scheduler answers at {address}.") from None
    if not isinstance(told, dict) or told.get("type") != "Scheduler":
        raise CommandError(f"What answers at {address} is no Dask scheduler.")
    return told


def disagreement(versions: dict[str, Any]) -> str | None:
    """Where scheduler or workers have another Python or another Dask than this program, in words; None where all agree."""
    mine = _versions(versions["client"])
    others = [("its scheduler", versions["scheduler"])]
    others += [(f"its worker {name}", told) for name, told in sorted(versions["workers"].items())]
    for who, told in others:
        theirs = _versions(told)
        for name, version in mine.items():
            if theirs.get(name) != version:
                return f"{who} has {name} {theirs.get(name) or 'of no known version'}, this program {version}"
    return None


def _versions(told: Any) -> dict[str, str | None]:
    packages = dict(told.get("packages", {})) if isinstance(told, dict) else {}
    python = str(packages.get("python", ""))
    return {"python": ".".join(python.split(".")[:2]), **{name: packages.get(name) for name in MUST_AGREE}}


__all__ = ["disagreement", "fingerprint", "in_order_on"]
