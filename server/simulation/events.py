"""What is kept of an event.

An event is one atomic step of a run. It carries its facts: what arrived or ran out, what was sent, lost, set, changed
and indicated, and the state of the one host that it touched, after it. The state before it stands in `prior`, the last
event that touched that host, so an event can be told as a patch that applies both ways (`history.py`), and costs a tuple
of references.
"""

from __future__ import annotations

from typing import Any

from .network import Flight

START = "start"
DELIVER = "deliver"
TIMER = "timer"
LOST = "lost"
COMMAND = "command"

NOT_PEOPLE = ("scenario", "lesson")
"""Who else gives commands; no person is recorded under these names."""

LossAtSending = tuple[Flight, str]
Change = tuple[Any, ...]


class Timer:
    """A timer that runs on a host: times of the world, µs. While the host is paused `due` is None and `left` remains.

    `span` is its whole length as its host's clock runs now, `order` its place among what is due at the same time
    (`agenda.py`), `set_seq` the event that made it be due then.
    """

    __slots__ = ("due", "left", "name", "order", "set", "set_seq", "span")

    def __init__(
        self, name: str, set: int, due: int | None, left: int | None, set_seq: int, order: int, span: int
    ) -> None:
        self.name = name
        self.set = set
        self.due = due
        self.left = left
        self.set_seq = set_seq
        self.order = order
        self.span = span

    def as_dict(self) -> dict[str, Any]:
        """As the wire tells it."""
        return {"set": self.set, "due": self.due, "left": self.left, "span": self.span}


class Event:
    """One atomic step. `seq` counts from 1, `time` is µs, `cause` is the seq of the event that caused it, or 0.

    What few events have stands in the class, and in `EventWithFaults` for those few: a run keeps a million of these.
    """

    __slots__ = (
        "cause", "host", "indications", "kind", "prior", "sent", "seq", "state", "subject", "time", "timers",
    )  # fmt: skip

    detail: str = ""
    """Why a message was lost; who gave a command."""
    lost: tuple[LossAtSending, ...] = ()
    """Messages that never flew: the link was down, or a partition stood in between."""
    changes: tuple[Change, ...] = ()
    """Changes of the world that are no node's own: links, partition, rules, clocks, flights moved by hand."""

    def __init__(
        self, seq: int, time: int, kind: str, cause: int, host: str | None, subject: Any,
        state: tuple[Any, ...] | None, timers: tuple[Timer, ...], sent: tuple[Flight, ...],
        indications: tuple[Any, ...], prior: Event | None,
    ) -> None:  # fmt: skip
        self.seq = seq
        self.time = time
        self.kind = kind
        self.cause = cause
        self.host = host
        """The host it touched; None where it touched none."""
        self.subject = subject
        """The flight that was delivered or lost, the name of the timer that ran out, the command that was given."""
        self.state = state
        """The fields of the host after it, in the order of their declaration; None where no history is kept."""
        self.timers = timers
        self.sent = sent
        self.indications = indications
        self.prior = prior
        """The event before it that touched the same host."""


class EventWithFaults(Event):
    """An event in which something was lost, or that a person made."""

    __slots__ = ("changes", "detail", "lost")

    detail: str
    lost: tuple[LossAtSending, ...]
    changes: tuple[Change, ...]

    def __init__(
        self, *facts: Any, detail: str = "", lost: tuple[LossAtSending, ...] = (), changes: tuple[Change, ...] = ()
    ) -> None:
        super().__init__(*facts)
        self.detail = detail
        self.lost = lost
        self.changes = changes
