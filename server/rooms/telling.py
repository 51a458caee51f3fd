"""What a room tells: one update a tick with all that has changed since the one before, and the welcome of a newcomer.

The teller remembers what was told last. A newcomer is welcomed into exactly that, not into what happened since, so that
the next update fits for him as it does for all others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from . import until as untils
from .branches import Branch, Branches, shared_past
from .frames import Until
from .limits import Limits
from .roles import People
from .updates import Updates

Notice = tuple[str, str, dict[str, Any]]
"""A code, a sentence, its parameters."""


class News:
    """What has happened in a room since the last update and is not seen from the moment shown."""

    def __init__(self, limits: Limits) -> None:
        self.notices: deque[Notice] = deque(maxlen=limits.notices_waiting_max)
        self.jumped = False
        """The next update shows the world itself: it was gone to, not played to."""
        self.changed: set[str] = set()
        """Names of facts that are to be told: people, controls, branches, lesson, scenario, challenge, stopped, warnings."""

    def clear(self) -> None:
        """Forgets it all."""
        self.notices.clear()
        self.changed.clear()
        self.jumped = False

    def notice(self, code: str, text: str, **args: Any) -> None:
        """A sentence for all."""
        self.notices.append((code, text, args))


@dataclass(frozen=True)
class Shown:
    """The moment that all are shown, as it is told in every update."""

    branch: int
    cursor: int
    head: int
    now: int
    playing: bool
    ratio: float
    until: Until | None

    def as_dict(self) -> dict[str, Any]:
        """As the wire tells it."""
        return {
            "now": self.now, "cursor": self.cursor, "head": self.head, "branch": self.branch,
            "playing": self.playing, "ratio": self.ratio, "until": untils.as_dict(self.until),
        }  # fmt: skip


class Teller:
    """Puts together the updates and the welcome of one room."""

    def __init__(
        self, epoch: str, limits: Limits, branches: Branches, people: People, news: News, shown: Shown
    ) -> None:
        self.limits = limits
        self.news = news
        self.branches = branches
        self.people = people
        self.updates = Updates(epoch, limits)
        self.begin(shown)
        self._people_pause_us = 0

    def begin(self, shown: Shown) -> None:
        """Takes a moment for told: whoever comes is welcomed in it."""
        told = next((branch for branch in self.branches.all if branch.id == shown.branch), None)
        if told is None:  # deleted after it was told, and then the room came back: to those who return it is a jump
            told = self.branches.shown
            shown = replace(shown, cursor=told.cursor, head=told.head, now=told.now)
            self.news.jumped = True
        self.told = shown
        self.told_branch = told
        """The branch that was told last; it may have been deleted since."""
        self.told_met = self.branches.shown.met

    def time_passes(self, elapsed_us: int) -> None:
        """Wall time has passed (µs)."""
        self._people_pause_us = max(0, self._people_pause_us - elapsed_us)

    # Updates

    def update(self, shown: Shown, facts: Mapping[str, Callable[[], Any]]) -> dict[str, Any] | None:
        """The next update, or None where nothing has changed. `facts` makes each fact of the room, by its name."""
        told, news, branch = self.told, self.news, self.branches.branch(shown.branch)
        if shown.branch != told.branch:
            news.changed.add("branches")  # the one that is left has grown, and is drawn with its end from now on
        due = [name for name in facts if name in news.changed and not (name == "people" and self._people_wait())]
        moved = shown != told
        if not (moved or due or news.notices or news.jumped or branch.met != self.told_met):
            return None
        fields: dict[str, Any] = shown.as_dict()
        if moved or news.jumped:
            self._tell_moves(fields, shown, branch)
        if news.notices:
            code, text, args = news.notices.popleft()
            fields["notice"] = {"code": code, "text": text, "args": args}
        for name in due:
            fields[name] = facts[name]()
        if branch.met != self.told_met:
            fields["scenario"] = facts["scenario"]()
        news.changed.difference_update(due)
        if "people" in due:
            fields["people_count"] = self.people.count()
            self._people_pause_us = self.limits.people_pause_us
        self.told, self.told_branch, self.told_met, news.jumped = shown, branch, branch.met, False
        return self.updates.number(fields)

    def last_words(self, stopped: dict[str, Any] | None) -> dict[str, Any]:
        """An update that says that the room has stopped, and relies on nothing but what was told before."""
        self.news.changed.discard("stopped")
        self.told = replace(self.told, playing=False, until=None)
        return self.updates.number({**self.told.as_dict(), "stopped": stopped})

    def _people_wait(self) -> bool:
        return self._people_pause_us > 0 and self.people.viewers > self.limits.people_told_max

    def _tell_moves(self, fields: dict[str, Any], shown: Shown, branch: Branch) -> None:
        """Events moved over, or the world; and what is new on the timeline and of the properties."""
        told, limits = self.told, self.limits
        known = told.head if shown.branch == told.branch else -1
        grown_here = branch.forked_at == told.cursor == shared_past(self.told_branch, branch)
        if shown.branch != told.branch and grown_here and not self.news.jumped:
            known = branch.forked_at  # the new branch begins where all are: they need what happened in it alone
        distance = shown.cursor - told.cursor
        history = branch.run.history
        far = not -limits.events_back_max <= distance <= limits.events_per_update_max
        # Undone events leave the browser at the time of the event before them, which it may not know but from `now`.
        went_on = distance < 0 and shown.now != history.time(shown.cursor)
        if self.news.jumped or known < 0 or far or went_on:
            known = known if shown.branch == told.branch else -1
            fields["jump"] = history.world(shown.cursor)
            fields["operations"] = branch.operations.last(shown.cursor, limits.operations_told_max)
        elif distance > 0:
            fields["events"] = history.told(told.cursor + 1, shown.cursor)
        elif distance < 0:
            fields["back"] = history.told(shown.cursor + 1, told.cursor)[::-1]
        if known < 0:
            fields["tape_reset"] = True
        if marks := branch.tape.between(known, shown.head):
            fields["tape"] = marks
        if properties := branch.transitions(known, shown.head):
            fields["properties"] = properties
        if judged := branch.judgement.known(known, shown.head, limits.judged_told_max):
            fields["judged"] = judged

    # The welcome

    def welcome(self, more: Mapping[str, Any]) -> dict[str, Any]:
        """All that a newcomer needs, as it was told last; `more` is added."""
        told, branch = self.told, self.told_branch
        return {
            "type": "welcome",
            "epoch": self.updates.epoch,
            "seq": self.updates.seq,
            **told.as_dict(),
            "world": branch.run.history.world(told.cursor),
            "tape": branch.tape.between(-1, told.head),
            "properties": branch.transitions(-1, told.head),
            "operations": branch.operations.last(told.cursor, self.limits.operations_told_max),
            "judged": branch.judgement.known(-1, told.head, self.limits.judged_told_max),
            "people": self.people.told(),
            "people_count": self.people.count(),
            "controls": self.people.controls,
            "branches": self.branches.as_list(),
            "limits": self.limits.told(),
            **more,
        }

    def events(self, branch: Branch, first: int, last: int) -> Iterable[dict[str, Any]]:
        """The events `first` to `last` of a branch, at most as many as one reply holds."""
        return branch.run.history.told(first, min(last, first + self.limits.events_per_reply_max - 1))
