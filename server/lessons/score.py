"""The score of an attempt at a challenge: the acts that were spent, and how it ended.

One score belongs to one branch of a run. It looks at the head alone and remembers at which moment the attempt ended, so
the outcome at any moment is read off, and going back takes it back. A fork has the score of its beginning:

    score = Score(challenge)
    score.take(event)                       # each event, in their order
    if score.watch(run):                    # once: the attempt has ended
        pause()
    score.outcome(cursor, now)              # at the moment shown
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..simulation import N_, Command, Event, Refused, Run
from ..simulation.commands import SwitchRule
from ..simulation.events import COMMAND
from .challenge import Challenge, kind_of
from .conditions import Moment, due_times

OPEN, WON, LOST = "open", "won", "lost"
BEGINNING = Moment(0, 0, 0)


@dataclass(frozen=True)
class Ended:
    """How an attempt ended: after event `seq`, at `now` (µs)."""

    seq: int
    now: int
    outcome: str
    text: str
    """Why (msgid)."""

    def by(self, seq: int, now: int) -> bool:
        """Whether it had ended at that moment."""
        return self.seq <= seq and self.now <= now


class Score:
    """One attempt."""

    def __init__(self, challenge: Challenge) -> None:
        self.challenge = challenge
        self.acts: list[tuple[int, str]] = []
        """The event and the kind of each command."""
        self.ended: Ended | None = None

    def beginning(self, seq: int, now: int) -> Score:
        """The score of a fork at that moment."""
        other = Score(self.challenge)
        other.acts = [act for act in self.acts if act[0] <= seq]
        other.ended = self.ended if self.ended is not None and self.ended.by(seq, now) else None
        return other

    # Looking

    def take(self, event: Event) -> None:
        """Counts an act."""
        if event.kind == COMMAND:
            self.acts.append((event.seq, kind_of(event.subject)))

    def spent(self, seq: int) -> Mapping[str, int]:
        """How many acts of each kind that is allowed had been given up to event `seq`."""
        kinds = [kind for at, kind in self.acts if at <= seq]
        return {kind: kinds.count(kind) for kind in self.challenge.allowed}

    def without_rule(self, seq: int) -> bool:
        """Whether the rule that makes it impossible was off at event `seq`."""
        return any(kind == SwitchRule.type for at, kind in self.acts if at <= seq)

    def outcome(self, seq: int, now: int) -> str:
        """`OPEN`, `WON` or `LOST`, after event `seq` at `now` (µs)."""
        return self.ended.outcome if self.ended is not None and self.ended.by(seq, now) else OPEN

    def watch(self, run: Run) -> bool:
        """Looks at the run, whose every event was taken; true once, when the attempt ends."""
        if self.ended is not None:
            return False
        found = self._judged(run)
        if found is None:
            return False
        self.ended = Ended(run.head, run.now, *found)
        return True

    def _judged(self, run: Run) -> tuple[str, str] | None:
        challenge = self.challenge
        if self._overspent(run.head):
            return LOST, N_("More acts were given than this challenge allows.")
        if challenge.goal.holds(run, BEGINNING):
            return WON, challenge.won
        if challenge.fails is not None and challenge.fails.holds(run, BEGINNING):
            return LOST, challenge.failed
        if run.now >= challenge.span:
            return LOST, N_("The time is over.")
        return None

    def _overspent(self, seq: int) -> bool:
        allowed = self.challenge.allowed
        return any(kind not in allowed and kind != SwitchRule.type for _, kind in self.acts) or any(
            most is not None and self.spent(seq)[kind] > most for kind, most in allowed.items()
        )

    def due_after(self, now: int) -> int | None:
        """The next time (µs) at which it may end without an event, or None."""
        if self.ended is not None:
            return None
        times = [*due_times(self.challenge.goal, BEGINNING), self.challenge.span]
        return min((time for time in times if time > now), default=None)

    # Acting

    def check(self, command: Command, seq: int, now: int) -> None:
        """Raises Refused where this act may not be given after event `seq`, at `now` (µs)."""
        kind = kind_of(command)
        if kind not in self.challenge.allowed:
            raise Refused("act_not_allowed", N_("This challenge does not allow that."))
        most = self.challenge.allowed[kind]
        if most is not None and self.spent(seq)[kind] >= most:
            raise Refused(
                "acts_spent", N_("All acts of this kind are spent ({most}): go back, or try again."), most=most
            )
        if self.outcome(seq, now) == LOST:
            raise Refused("attempt_over", N_("This attempt is lost: go back before that, or try again."))
