"""A found run told to a person: its name, its acts in plain words, and the source of a scenario to keep.

An act names what it hits: not message 213, but the RequestVote from n1 to n3. For that the run is played again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from textwrap import wrap
from typing import Any

from ..properties import EVENTUALLY
from ..protocols import Protocol
from ..protocols.narrate import fill
from ..simulation import N_, Cluster, Command, Given, Recording
from ..simulation.commands import (
    Crash,
    Delay,
    DeliverNow,
    Drop,
    Duplicate,
    FireTimer,
    Heal,
    HoldLink,
    Partition,
    Pause,
    ReleaseLink,
    Request,
    Restart,
    Resume,
    SetClock,
    SetLink,
    SwitchRule,
)
from ..simulation.host import TRUE_RATE_PPM
from .fuzz import Outcome

US_A_SECOND = 1_000_000
LINE_CHARACTERS_MAX = 100
"""How long a line of text in the source of a scenario is."""


@dataclass(frozen=True)
class Act:
    """One command in words: a sentence without its end (msgid), what fills it in, and when (µs)."""

    time: int
    text: str
    args: Mapping[str, Any]

    @property
    def english(self) -> str:
        """The words, filled in."""
        return fill(self.text, self.args)


MESSAGE_ACTS = {
    Drop: N_("the {message} from {src} to {dst} is lost"),
    Delay: N_("the {message} from {src} to {dst} is late"),
    Duplicate: N_("the {message} from {src} to {dst} is doubled"),
    DeliverNow: N_("the {message} from {src} to {dst} arrives"),
}
NODE_ACTS = {
    Crash: N_("{node} crashes"),
    Restart: N_("{node} restarts"),
    Pause: N_("{node} stands still"),
    Resume: N_("{node} goes on"),
}
LINK_ACTS = {
    HoldLink: N_("what {src} sends to {dst} is held back"),
    ReleaseLink: N_("what {src} sent to {dst} is let go"),
}
LINK_CUT = N_("the link from {src} to {dst} is cut")
LINK_MENDED = N_("the link from {src} to {dst} is mended")
LINK_CHANGED = N_("the link from {src} to {dst} becomes another")
PARTED = N_("a partition separates {groups}")
HEALED = N_("the network is whole again")
TIMER_FIRED = N_("the timer “{timer}” of {node} runs out")
CLOCK_SET = N_("the clock of {node} runs at {percent} percent of its pace")
REQUESTED = N_("{client} asks for {operation}")
RULE_SWITCHED = N_("the rule “{rule}” is switched")

NOBODY = N_("No fault is needed.")
WITHOUT = N_("Without the rule “{rules}”:")
BREAKS = N_("“{property}” breaks at {seconds} s.")
LOST = N_("“{property}” is lost at {seconds} s and does not come back.")


def acts_of(protocol: Protocol, found: Outcome) -> tuple[Act, ...]:
    """What was done in a run, in its order."""
    run = protocol.run(found.recording, keep=False)
    acts: list[Act] = []
    told = 0
    names = _Messages()
    while run.step(found.until) is not None:
        if len(run.given) > told:
            acts += [_act(protocol, given, names) for given in run.given[told:]]
            told = len(run.given)
        names.see(run.cluster)
    return tuple(acts)


class _Messages:
    """What the messages that were in flight before a command are called: type, from, to."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[str, str, str]] = {}

    def see(self, cluster: Cluster) -> None:
        for id, flight in cluster.flights.items():
            if id not in self.known:
                self.known[id] = (type(flight.body).__name__, flight.src, flight.dst)


def _act(protocol: Protocol, given: Given, names: _Messages) -> Act:
    text, args = _words(protocol, given.command, names)
    return Act(given.time, text, args)


def _words(protocol: Protocol, command: Command, names: _Messages) -> tuple[str, dict[str, Any]]:
    kind = type(command)
    if kind in MESSAGE_ACTS:
        assert isinstance(command, Drop | Delay | Duplicate | DeliverNow)
        message, src, dst = names.known.get(command.message, (f"message {command.message}", "", ""))
        return MESSAGE_ACTS[kind], {"message": message, "src": src, "dst": dst}
    if kind in NODE_ACTS:
        assert isinstance(command, Crash | Restart | Pause | Resume)
        return NODE_ACTS[kind], {"node": command.node}
    if kind in LINK_ACTS:
        assert isinstance(command, HoldLink | ReleaseLink)
        return LINK_ACTS[kind], {"src": command.src, "dst": command.dst}
    match command:
        case SetLink(src=src, dst=dst, up=up):
            text = LINK_CHANGED if up is None else LINK_MENDED if up else LINK_CUT
            return text, {"src": src, "dst": dst}
        case Partition(groups=groups):
            return PARTED, {"groups": " | ".join(", ".join(group) for group in groups)}
        case Heal():
            return HEALED, {}
        case FireTimer(node=node, timer=timer):
            label, _ = protocol.timers[timer]
            return TIMER_FIRED, {"node": node, "timer": label}
        case SetClock(node=node, rate_ppm=rate):
            return CLOCK_SET, {"node": node, "percent": (rate or TRUE_RATE_PPM) * 100 // TRUE_RATE_PPM}
        case Request(client=client, operation=operation):
            return REQUESTED, {"client": client, "operation": operation}
        case SwitchRule(rule=rule):
            return RULE_SWITCHED, {"rule": protocol.program.rules[rule].title}
        case _:
            raise TypeError(f"{kind.__name__} has no words")


def sentence(protocol: Protocol, found: Outcome) -> str:
    """The whole story in English: without which rule, who did what, and which property broke when."""
    off = [protocol.program.rules[rule].title for rule, on in found.recording.rules.items() if not on]
    acts = [act.english for act in acts_of(protocol, found)]
    parts = [
        *((fill(WITHOUT, {"rules": ", ".join(off)}),) if off else ()),
        f"{_begun('; '.join(acts)) if not off else '; '.join(acts)}." if acts else NOBODY,
        fill(
            LOST if is_lost(protocol, found) else BREAKS,
            {"property": protocol.title_of(found.broken), "seconds": f"{broken_at(protocol, found) / US_A_SECOND:.3f}"},
        ),
    ]
    return " ".join(parts)


def _begun(text: str) -> str:
    """A sentence with its first letter, unless that is the name of a host."""
    return text if text[1:2].isdigit() else f"{text[:1].upper()}{text[1:]}"


def is_lost(protocol: Protocol, found: Outcome) -> bool:
    """Whether what breaks is an *eventually* property: no event breaks it, it only never comes back."""
    return any(p.name == found.broken and p.kind == EVENTUALLY for p in protocol.properties)


def broken_at(protocol: Protocol, found: Outcome) -> int:
    """The time (µs) of the event that breaks the property."""
    run = protocol.run(found.recording, keep=False)
    while run.head < found.seq and run.step(found.until) is not None:
        pass
    return run.now


def name_of(found: Outcome) -> str:
    """A name for the scenario: what breaks, and without what."""
    off = "_and_".join(rule for rule, on in found.recording.rules.items() if not on)
    return f"{found.broken or 'nothing'}_without_{off}" if off else f"{found.broken or 'nothing'}_breaks"


# As data


def as_data(protocol: Protocol, found: Outcome) -> dict[str, Any]:
    """The story with each of its sentences and what fills it in, for those who tell it in another language."""
    return {
        "name": name_of(found), "sentence": sentence(protocol, found), "broken": found.broken, "seq": found.seq,
        "until": found.until, "lost": is_lost(protocol, found), "time": broken_at(protocol, found),
        "off": [rule for rule, on in found.recording.rules.items() if not on],
        "acts": [{"time": act.time, "text": act.text, "args": dict(act.args)} for act in acts_of(protocol, found)],
        "told": told_at(protocol, found), "unpromised": protocol.disclaimed(found.recording.params).get(found.broken or ""),
        "recording": found.recording.as_dict(),
    }  # fmt: skip


def told_at(protocol: Protocol, found: Outcome) -> list[dict[str, Any]]:
    """What the nodes said at the event that breaks the property: sentences (msgid), and what fills them in."""
    run = protocol.run(found.recording)
    while run.head < found.seq and run.step(found.until) is not None:
        pass
    (event,) = run.history.told(found.seq, found.seq)
    texts = protocol.describe()["indications"]
    return [
        {"text": texts[told["type"]]["text"], "args": {**told, "host": event["host"]}}
        for told in event.get("indications", ())
    ]


# As source


def as_scenario(protocol: Protocol, found: Outcome) -> str:
    """The found run as the source of a scenario, to be pasted into the protocol's folder."""
    setup = found.recording
    name = name_of(found)
    title = protocol.title_of(found.broken) or "Nothing"
    lost = is_lost(protocol, found)
    outcome = (
        f"“{title}” {'is lost and does not come back' if lost else 'breaks'}." if found.broken else "Nothing breaks."
    )
    text = sentence(protocol, found) if found.broken else outcome
    lines = [
        f"def write_{name}(script: Script) -> None:",
        *(line for given in setup.commands for line in _lines(given)),
        *(() if setup.commands else ("    script.at(0)",)),
        "",
        "",
        f"{name.upper()} = Scenario(",
        f'    name="{name}",',
        f"    title=N_({_quoted(f'{protocol.title}: {title}')}),",
        *_text(text),
        f"    outcome=N_({_quoted(outcome)}),",
        f"    setup={_setup(setup)},",
        f"    write=write_{name},",
        "    judge=lambda run: True,  # that it breaks what it says is judged for every scenario",
        f"    until={found.until + 1:_},",
        f"    breaks={() if lost else (found.broken,)!r},",
        ")",
    ]
    return "\n".join(lines) + "\n"


def _text(text: str) -> list[str]:
    """The argument `text`, on as many lines as it needs."""
    parts = wrap(text, LINE_CHARACTERS_MAX, drop_whitespace=False, break_long_words=False, break_on_hyphens=False)
    if len(parts) == 1:
        return [f"    text=N_({_quoted(text)}),"]
    return ["    text=N_(", *(f"        {_quoted(part)}" for part in parts), "    ),"]


def _quoted(text: str) -> str:
    """A string literal in double quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


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
