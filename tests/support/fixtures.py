"""Fixtures for the tests of the page: events and worlds of eventful runs, as a browser gets them.

    python -m tests.support.fixtures FOLDER

Each `run_*.json` is `{"name", "setup", "first", "events", "worlds", "marks"}`: the world before the first event, all
events, and the world after each of them (`worlds[i]` is the one after `events[i]`). Each `session_*.json`
(`clients_*.json`: with busy clients) is what one browser heard of a room, `{"name", "welcome", "updates", "shown"}`:
`shown[i]` is what is true after `updates[i]`. Each `shiviz_*.json` is a log for ShiViz of such a run: `{"name", "text",
"events"}`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from server.exports import shiviz, span
from server.protocols import protocol as protocol_named
from server.rooms.marks import marks_of
from server.simulation import Run, encode

from .runs import eventful
from .sessions import session

COMPACTING = {"snapshot_every": 2, "membership": "joint", "initial_members": 3, "membership_churn": 3}
RUNS: tuple[tuple[str, int, int, dict[str, Any]], ...] = (
    ("run_with_five", 11, 5, {}), ("run_with_three", 23, 3, {}), ("run_alone", 4, 1, {}),
    ("run_that_compacts", 13, 4, COMPACTING),
)  # fmt: skip
SESSIONS = (("session_1", 1, "raft"), ("session_2", 2, "raft"), ("session_3", 3, "raft"), ("session_4", 4, "raft"),
            ("clients_5", 5, "gossip"), ("clients_6", 6, "gossip"))  # fmt: skip
LOGS = (("shiviz_whole", 11, "raft", None), ("shiviz_part", 12, "raft", 40), ("shiviz_of_clients", 13, "gossip", None),
        ("shiviz_of_commits", 14, "two_phase_commit", 25))  # fmt: skip
"""A seed, a protocol and the first event that is in it."""
ROUNDS = 60
EVENTS = 260


def fixture(name: str, run: Run) -> dict[str, Any]:
    """All of a run, as plain data."""
    history = run.history
    return {
        "name": name,
        "setup": run.setup.as_dict(),
        "first": history.world(0),
        "events": history.told(1, run.head),
        "worlds": [history.world(seq) for seq in range(1, run.head + 1)],
        "marks": [mark for event in history.events for mark in marks_of(event, ())],
    }


def shiviz_log(name: str, seed: int, protocol: str, first: int | None) -> dict[str, Any]:
    """A log for ShiViz of an eventful run, from the event `first` on."""
    history = eventful(seed, events=EVENTS, protocol_name=protocol).history
    chosen = span(history, first, None, len(history))
    text = "\n".join(shiviz(history, protocol_named(protocol), chosen)) + "\n"
    return {"name": name, "text": text, "events": len(chosen)}


def write(folder: Path) -> list[Path]:
    """Writes all fixtures into `folder`, which is made where it is not there. Returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, seed, nodes, params in RUNS:
        path = folder / f"{name}.json"
        path.write_text(
            encode(fixture(name, eventful(seed, events=EVENTS, nodes=nodes, params=params))), encoding="utf-8"
        )
        paths.append(path)
    for name, seed, protocol, first in LOGS:
        path = folder / f"{name}.json"
        path.write_text(encode(shiviz_log(name, seed, protocol, first)), encoding="utf-8")
        paths.append(path)
    for name, seed, protocol in SESSIONS:
        path = folder / f"{name}.json"
        path.write_text(encode(session(seed, ROUNDS, protocol)), encoding="utf-8")
        paths.append(path)
    return paths


def main() -> None:
    """Writes the fixtures into the folder named on the command line."""
    for path in write(Path(sys.argv[1])):
        sys.stdout.write(f"{path}: {path.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
