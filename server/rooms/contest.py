"""A challenge in a room: the hints that were given, what people claim, and one attempt after the other.

Each attempt is a branch that begins at the beginning; its score says what was spent and how it ended. Who claims that the
challenge is impossible names the rule that forbids it. If that is the one, he is told why, and may try it without the rule;
if not, he is told no more than that, for a guess must not show whether it is possible, and it is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..lessons import WON, Challenge, Score
from ..lessons.script import BY as SCRIPT
from ..simulation import N_, Command, Refused
from .branches import Branch

if TYPE_CHECKING:
    from .show import Show

CHALLENGE = "challenge"
RIGHT, GIVEN_UP = "right", "given_up"
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
        """`RIGHT` when it was claimed to be impossible for the right reason, `GIVEN_UP` when they wanted to be told."""
        self.wrong: list[str] = []
        """The rules that were named, and do not forbid it."""
        self.missed: str | None = None
        """The one that was named last, until another attempt begins."""
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

    def ask(self, what: str, rule: str | None = None) -> None:
        """One of `ASKED`; a claim names a rule. Raises Refused."""
        match what:
            case "hint":
                self._hint()
            case "claim":
                self._claim(rule)
            case "give_up":
                self.claim = self.claim or GIVEN_UP
                self.missed = None
                self.show.pause()
            case "again" | "without":
                self._begin(without=what == "without")

    def _hint(self) -> None:
        if self.hints >= len(self.challenge.hints):
            raise Refused("no_more_hints", N_("There are no more hints."))
        self.hints += 1

    def _claim(self, rule: str | None) -> None:
        """Somebody says that it is impossible, because of that rule."""
        if self.claim is not None:
            raise Refused("already_told", N_("That has been told already."))
        if rule not in self.challenge.rules:
            raise Refused("no_reason", N_("Say which rule forbids it: one of those that are offered."))
        self.show.pause()
        if self.challenge.impossible is not None and rule == self.challenge.impossible.rule:
            self.claim, self.missed = RIGHT, None
            return
        self.missed = rule
        if rule not in self.wrong:
            self.wrong.append(rule)

    def _begin(self, *, without: bool) -> None:
        """Begins another attempt: a branch from the beginning of all, on which no script goes on. Without the rule that
        forbids it, where that has been told.
        """
        rule = self.challenge.rule_off() if without else None
        if without and (rule is None or self.claim is None):
            raise Refused("no_such_rule", N_("No rule has been named that forbids it."))
        self.missed = None
        show = self.show
        branch = show.branches.sprout(show.branches.first, 0, 0)
        branch.run.script = []
        if rule is not None:
            branch.act(rule, "")
        show.keep(branch)
        show.pause()
        show.news.jumped = True
        show.news.changed.add("warnings")

    # Kept

    def kept(self) -> dict[str, Any]:
        """What people asked for, as plain data; `restore` takes it. How attempts ended is judged again."""
        return {
            "hints": self.hints, "claim": self.claim, "wrong": list(self.wrong), "missed": self.missed,
            "shown": self.shown,
        }  # fmt: skip

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Has people have asked for the same. Raises Refused where nobody can have: it may be a stranger's."""
        hints, claim, shown, wrong = kept.get("hints"), kept.get("claim"), kept.get("shown"), kept.get("wrong")
        fits = type(hints) is int and 0 <= hints <= len(self.challenge.hints)
        fits = fits and isinstance(wrong, list) and all(rule in self.challenge.rules for rule in wrong)
        missed = kept.get("missed")
        possible = (None, GIVEN_UP) if self.challenge.impossible is None else (None, RIGHT, GIVEN_UP)
        played = any(given.by == SCRIPT for given in self.show.branches.first.run.recording.commands)
        if not fits or set(kept) != set(self.kept()) or claim not in possible or shown is not played:
            raise Refused("bad_place", N_("This is no place in this challenge."))
        if missed is not None and missed not in (wrong or ()):
            raise Refused("bad_place", N_("This is no place in this challenge."))
        self.hints, self.claim, self.shown = int(hints or 0), claim, bool(shown)
        self.wrong, self.missed = list(wrong or ()), missed

    # Told

    def as_dict(self, branch: Branch) -> dict[str, Any]:
        """As the wire tells it (`ChallengeState`), at the moment that the branch shows."""
        challenge, score = self.challenge, branch.score
        assert isinstance(score, Score)
        outcome = score.outcome(branch.cursor, branch.now)
        spent = score.spent(branch.cursor)
        known = challenge.impossible if self.claim is not None else None
        without = score.without_rule(branch.cursor)
        solved = not self.shown and ((outcome == WON and not without) or (self.claim == RIGHT and not self.wrong))
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
            "rules": list(challenge.rules),
            "claim": self.claim,
            "wrong": list(self.wrong),
            "missed": self.missed,
            "takes": None if self.claim is None or known else len(challenge.solution(branch.run.program).commands),
            "impossible": known and {"rule": known.rule, "why": known.why, "cites": known.cites},
            "without": without,
            "shown": self.shown,
            "solved": solved,
            "seen": not solved and (outcome == WON or self.claim is not None),
        }

    def news(self, branch: Branch) -> bool:
        """Whether what is to be told has changed since it was asked last."""
        now = self.as_dict(branch)
        changed = now != self.told
        self.told = now
        return changed
