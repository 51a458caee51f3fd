"""What goes on a handout: a span of a branch, as much as a page needs to draw it, to tell it, and to say where it is from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..exports import Span
from ..simulation import COMMAND, Given, Run, digest_of

if TYPE_CHECKING:
    from .room import Room


def handout(room: Room, branch_id: int | None, chosen: Span) -> dict[str, Any]:
    """The events of the span, the world after its last one, and the state of the properties then.

    `digest` is over these events, as `export` prints it for the same ones; `recording` is what leads there: the commands
    up to the end of the span, and how many there are. Raises Refused where there is no such branch.
    """
    branch = room.show.branches.branch(branch_id)
    history = branch.run.history
    told = history.told(chosen.first, chosen.last)
    commands = _commands(branch.run, chosen.last)
    recording = branch.run.recording.with_commands(commands)
    return {
        "title": room.title,
        "protocol": room.protocol.describe(),
        "setup": room.setup(),
        "branch": branch.id,
        "branches": room.show.branches.as_list(),
        "first": chosen.first,
        "last": chosen.last,
        "from": history.time(chosen.first),
        "to": history.time(chosen.last),
        "events": told,
        "world": history.world(chosen.last),
        "properties": branch.transitions(-1, chosen.last),
        "disclaimed": room.protocol.disclaimed(branch.run.setup.params),
        "digest": digest_of(told),
        "recording": {"commands": len(commands), "digest": digest_of([recording.as_dict()])},
    }


def _commands(run: Run, last: int) -> tuple[Given, ...]:
    """Those whose events are among the first `last`."""
    done = sum(1 for event in run.history.events[:last] if event.kind == COMMAND)
    return tuple(run.given[:done])
