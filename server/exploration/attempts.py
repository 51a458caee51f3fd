"""Attempts at a challenge by chance: is one that is called impossible never won, and is it won once its rule is off?

The fuzzer's faults are let loose on the set-up of the challenge, within its limits, under another seed each time, and the
score judges as it does a person's attempt. That proves nothing by itself, as no search does; the argument is the paper's.
"""

from __future__ import annotations

from dataclasses import replace

from ..lessons import Challenge, Score
from ..protocols import Protocol
from ..simulation import Command, Recording, Refused, Run
from .explore import BUSY
from .fuzz import BY, SPAN
from .mischief import Mischief

NUDGE = 60_000
"""How long (µs) nothing needs to be done: a set-up in which only the learner begins something would stand still."""
NEEDS = {
    "crash": ("crash", "restart"), "isolate": ("partition", "heal"), "split": ("partition", "heal"), "cut": ("set_link",),
    "drop": ("drop",), "delay": ("delay",), "duplicate": ("duplicate", "delay"), "hold": ("hold_link", "release_link"),
    "pause": ("pause", "resume"), "fire": ("fire_timer",), "clock": ("set_clock",),
}  # fmt: skip
"""The kinds of commands that a kind of fault gives."""


def attempt(protocol: Protocol, challenge: Challenge, seed: int, *, rule_off: bool = False, span: int = SPAN) -> Score:
    """Tries it once, for `span` µs at the most, and returns the score."""
    run = protocol.run(_set_up(protocol, challenge, seed, rule_off))
    score = Score(challenge)
    forbidden = frozenset(fault for fault, kinds in NEEDS.items() if not set(kinds) <= set(challenge.allowed))
    mischief = Mischief(seed, forbidden)
    limit = min(span, challenge.span)
    nudge = NUDGE
    while score.ended is None:
        due = [time for time in (mischief.next_repair(), score.due_after(run.now)) if time is not None]
        event = run.step(min([limit, nudge, *due]))
        if event is not None:
            score.take(event)
            for command in mischief.after(event, run.cluster):
                _give(run, score, command)
        elif mischief.repairs and mischief.repairs[0][0] <= run.now:
            _give(run, score, mischief.repair())
        elif run.now >= limit:
            break
        elif run.now >= nudge:
            nudge += NUDGE
            for command in mischief.fire(run.cluster):
                _give(run, score, command)
        score.watch(run)
    return score


def _set_up(protocol: Protocol, challenge: Challenge, seed: int, rule_off: bool) -> Recording:
    """The set-up with clients that ask by themselves, where a person may have them ask.

    An impossible challenge is often set up so that nothing happens by itself; every other seed has the tunables of the
    protocol instead, for what can't be done under some must not be done under others.
    """
    setup = challenge.setup
    params = dict(setup.params) if seed % 2 or challenge.impossible is None else {}
    if "request" in challenge.allowed:
        params |= {name: given for name, given in BUSY.items() if name in protocol.program.params}
    rules = dict(setup.rules)
    if rule_off and challenge.impossible is not None:
        rules[challenge.impossible.rule] = False
    return replace(setup, seed=seed, params=params, rules=rules)


def _give(run: Run, score: Score, command: Command) -> None:
    """Gives a command, if it may be given."""
    try:
        score.check(command, run.head, run.now)
        score.take(run.act(command, BY))
    except Refused:
        return
