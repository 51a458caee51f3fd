"""Making a found recording short: commands are left out as long as the same property still breaks.

First in chunks, the halves of what is left and then smaller ones, at last one by one, until none can be spared (after
Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002). Leaving a command out shifts what comes
after it, the numbers of messages too, so a later command may hit something else or be refused. That does no harm: only
what still breaks the property is taken.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from ..protocols import Protocol
from ..simulation import Given, Recording
from .fuzz import Outcome, replay

REPLAYS_MAX = 2_000
"""How many replays a shrinking may cost."""
LAST_OF_ITS_INSTANT = 1_000_000
"""A place after everything that happens at an instant, where a script gives its commands."""


def shrink(protocol: Protocol, found: Outcome) -> Outcome:
    """The found run with as few commands as break the same property. Returns it as it was where nothing is broken."""
    if found.broken is None:
        return found
    best = found
    broken = found.broken
    tries = 0

    def breaks(commands: tuple[Given, ...]) -> Outcome | None:
        nonlocal tries
        tries += 1
        outcome = replay(protocol, found.recording.with_commands(commands), found.until, frozenset((broken,)))
        return outcome if outcome.broken == found.broken else None

    chunk = max(1, len(best.recording.commands) // 2)
    while tries < REPLAYS_MAX:
        spared = False
        start = 0
        while start < len(best.recording.commands) and tries < REPLAYS_MAX:
            commands = best.recording.commands
            shorter = breaks(commands[:start] + commands[start + chunk :])
            if shorter is None:
                start += chunk
            else:
                best, spared = shorter, True
        if chunk == 1 and not spared:
            break
        chunk = max(1, chunk // 2)
    at_the_end = tuple(replace(g, place=LAST_OF_ITS_INSTANT) for g in best.recording.commands)
    return breaks(at_the_end) or best


def as_scenario(protocol: Protocol, found: Outcome) -> str:
    """The found run as the source of a scenario, to be pasted into the protocol's folder."""
    setup = found.recording
    name = f"{found.broken or 'nothing'}_breaks_with_seed_{setup.seed}"
    lines = [
        f"def write_{name}(script: Script) -> None:",
        *(line for given in setup.commands for line in _lines(given)),
        *(() if setup.commands else ("    script.at(0)",)),
        "",
        "",
        f"{name.upper()} = Scenario(",
        f'    name="{name}",',
        f'    title=N_("{protocol.title}: {found.broken}"),',
        '    text=N_("Found by the fuzzer."),',
        f'    outcome=N_("The property {found.broken} breaks."),',
        f"    setup={_setup(setup)},",
        f"    write=write_{name},",
        "    judge=lambda run: True,  # that it breaks what it says is judged for every scenario",
        f"    until={found.until + 1:_},",
        f"    breaks=({found.broken!r},),",
        ")",
    ]
    return "\n".join(lines) + "\n"


def _lines(given: Given) -> tuple[str, str]:
    return f"    script.at({given.time:_})", f"    script.give({_source(given.command)})"


def _setup(recording: Recording) -> str:
    parts = [repr(recording.protocol)]
    default = Recording(recording.protocol)
    for f in fields(recording):
        mine = getattr(recording, f.name)
        if f.name not in ("protocol", "commands") and mine != getattr(default, f.name):
            parts.append(f"{f.name}={_source(mine)}")
    return f"Recording({', '.join(parts)})"


def _source(value: Any) -> str:
    """An expression for a command or a part of one; fields at their defaults are left out."""
    if not hasattr(type(value), "__dataclass_fields__"):
        return repr(value)
    written = ((f.name, getattr(value, f.name), f.default) for f in fields(value))
    return f"{type(value).__name__}({', '.join(f'{n}={_source(v)}' for n, v, default in written if v != default)})"
