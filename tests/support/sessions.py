"""A person who plays, steps, seeks, acts and forks without a plan, from a seed: sessions of a room for tests."""

from __future__ import annotations

import random
from typing import Any

from server.rooms import frames

from .hall import Hall
from .runs import some_command


def something(rng: random.Random, hall: Hall) -> dict[str, Any]:
    """Says one thing to the room; returns its reply."""
    branch = hall.room.show.branch
    match rng.choice(("play", "pause", "step", "step", "back", "back", "seek", "time", "live", "act", "act", "branch",
                      "name", "delete", "speed", "until")):  # fmt: skip
        case "play":
            return hall.say(frames.Play)
        case "pause":
            return hall.say(frames.Pause)
        case "step":
            return hall.say(frames.Step, 1)
        case "back":
            return hall.say(frames.Step, -1)
        case "seek":
            return hall.say(frames.Seek, rng.randrange(branch.head + 1), None)
        case "time":
            return hall.say(frames.Seek, None, rng.randrange(branch.run.now + 1))
        case "live":
            return hall.say(frames.Live)
        case "act":
            return hall.act(**some_command(rng, branch.run.cluster))
        case "branch":
            return hall.say(frames.ToBranch, rng.choice(hall.room.show.branches.all).id)
        case "name":
            return hall.say(
                frames.RenameBranch, rng.choice(hall.room.show.branches.all).id, rng.choice(("A", "x", "y"))
            )
        case "delete":
            return hall.say(frames.DeleteBranch, rng.choice(hall.room.show.branches.all).id)
        case "speed":
            return hall.say(frames.Speed, float(rng.choice((1, 2, 10))))
    return hall.say(frames.RunUntil, frames.Until(rng.choice(("leader", "commit", "message")), None, None))


def rounds(rng: random.Random, hall: Hall, number: int) -> list[dict[str, Any]]:
    """So many rounds of doing some things and letting some ticks pass. Returns the updates."""
    before = len(hall.updates)
    for _ in range(number):
        for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
            something(rng, hall)
        for _ in range(rng.choice((1, 1, 1, 4))):
            hall.tick()
    return hall.updates[before:]


def session(seed: int, number: int, protocol: str = "raft") -> dict[str, Any]:
    """A welcome, the updates after it, and what a page must show after each of them."""
    rng = random.Random(seed)
    hall = Hall(protocol=protocol, seed=seed, params={"think_time": 60_000}, clients=2)
    hall.does(frames.Speed, 2.0)
    hall.ticks(rng.randrange(1, 20))
    welcome = hall.come("page", "token-of-the-page", "Page")["welcome"]
    del hall.screens["page"]
    updates, shown = [], []
    for _ in range(number):
        for update in rounds(rng, hall, 1):
            updates.append(update)
            shown.append(truth(hall, update))
    return {"name": f"session_{seed}", "welcome": welcome, "updates": updates, "shown": shown}


def truth(hall: Hall, update: dict[str, Any]) -> dict[str, Any]:
    """What is true of the moment that an update tells of; the world only of the last update and while nothing moves."""
    branch = hall.room.show.branches.branch(update["branch"])
    last = update is hall.updates[-1] and not update["playing"]
    return {
        "world": branch.run.history.world(update["cursor"]) if last else None,
        "tape": branch.tape.between(-1, update["head"]),
        "properties": branch.transitions(-1, update["head"]),
        "judged": branch.judgement.known(-1, update["head"], 1_000_000),
        "parts": branch.judgement.parts if update is hall.updates[-1] else None,
    }
