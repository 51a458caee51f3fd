"""A challenge in a room: the hints that were given, what people claim, and one attempt after the other.

Each attempt is a branch that begins at the beginning; its score says what was spent and how it ended. Who claims that the
challenge is impossible is told whether he is right, and may then try it without the rule that forbids it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..lessons import WON, Challenge, Score
from ..simulation import N_, Command, Refused
from .branches import Branch

if TYPE_CHECKING:
    from .show import Show

CHALLENGE = "challenge"
RIGHT, WRONG, GIVEN_UP = "right", "wrong", "given_up"
ASKED = ("hint", "claim", "give_up", "again", "without")
"""What can be asked for, beside acting."""


class Contest:
    """The challenge of one show."""

    def __init__(self, challenge: Challenge, show: Show) -> None:
        self.challenge = challenge
        self.show = show
        self.hints = 0
        """How many have been given."""
        self.claim: str | None = None
        """What people have claimed, and whether they were right; None as long as they have claimed nothing."""
        self.shown = bool(show.branch.run.script)
        """It is not tried here: the solution is played."""
        self.told = self.as_dict(show.branch)
        """The state as it was told last."""

    # Looking

    def watch(self, branch: Branch) -> bool:
        """Whether the attempt has just ended, which stops the show. The branch is at its head."""
        if branch.score is None or not branch.score.watch(branch.run):
            return False
        self.show.pause()
        return True

    def due_after(self, branch: Branch) -> int | None:
        """The time (µs) at which the attempt may end without an event."""
        return branch.score.due_after(branch.now) if branch.score is not None else None

    def end_before(self, branch: Branch) -> None:
        """Has an attempt end before an event that comes after its end; the branch is at its head."""
        due, coming = self.due_after(branch), branch.run.next_time()
        if due is not None and (coming is None or coming > due) and branch.on_to(due) is None:
            self.watch(branch)

    # Acting

    def check(self, command: Command) -> None:
        """Raises Refused where this act may not be given at the moment shown."""
        branch = self.show.branch
        if branch.score is not None:
            branch.score.check(command, branch.cursor, branch.now)

    def ask(self, what: str) -> None:
        """One of `ASKED`. Raises Refused."""
        match what:
            case "hint":
                self._hint()
            case "claim" | "give_up":
                self._claim(given_up=what == "give_up")
            case "again" | "without":
                self._begin(without=what == "without")

    def _hint(self) -> None:
        if self.hints >= len(self.challenge.hints):
            raise Refused("no_more_hints", N_("There are no more hints."))
        self.hints += 1

    def _claim(self, *, given_up: bool) -> None:
        """Somebody says that it is impossible, or wants to be told."""
        if given_up:
            self.claim = self.claim or GIVEN_UP
        elif self.claim is None or self.challenge.impossible is None:
            self.claim = RIGHT if self.challenge.impossible else WRONG
        self.show.pause()

    def _begin(self, *, without: bool) -> None:
        """Begins another attempt: a branch from the beginning of all, on which no script goes on. Without the rule that
        forbids it, where that has been told.
        """
        rule = self.challenge.rule_off() if without else None
        if without and (rule is None or self.claim is None):
            raise Refused("no_such_rule", N_("No rule has been named that forbids it."))
        show = self.show
        branch = show.branches.sprout(show.branches.first, 0, 0)
        branch.run.script = []
        if rule is not None:
            branch.act(rule, "")
        show.keep(branch)
        show.pause()
        show.news.jumped = True
        show.news.changed.add("warnings")

    # Told

    def as_dict(self, branch: Branch) -> dict[str, Any]:
        """As the wire tells it (`ChallengeState`), at the moment that the branch shows."""
        challenge, score = self.challenge, branch.score
        assert isinstance(score, Score)
        outcome = score.outcome(branch.cursor, branch.now)
        spent = score.spent(branch.cursor)
        known = challenge.impossible if self.claim is not None else None
        return {
            "name": challenge.name,
            "title": challenge.title,
            "text": challenge.text,
            "span": challenge.span,
            "acts": [{"kind": kind, "most": most, "spent": spent[kind]} for kind, most in challenge.allowed.items()],
            "hints": list(challenge.hints[: self.hints]),
            "hints_left": len(challenge.hints) - self.hints,
            "outcome": outcome,
            "said": score.ended.text if score.ended is not None and outcome != "open" else None,
            "claim": self.claim,
            "takes": None if self.claim is None or known else len(challenge.solution(branch.run.program).commands),
            "impossible": known and {"rule": known.rule, "why": known.why, "cites": known.cites},
            "without": score.without_rule(branch.cursor),
            "shown": self.shown,
            "solved": not self.shown and (outcome == WON or self.claim == RIGHT),
        }

    def news(self, branch: Branch) -> bool:
        """Whether what is to be told has changed since it was asked last."""
        now = self.as_dict(branch)
        changed = now != self.told
        self.told = now
        return changed
