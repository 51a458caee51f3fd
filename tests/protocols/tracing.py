"""Golden traces: the commands of a run above a line, a compact transcript of it below, one fact a line.

    nodes=3 clients=1 until=200ms heartbeat_interval=100ms
    50ms  fire_timer node=n1 timer=election
    ----
      50.000 n1  timer election
      50.000 n1  BecameCandidate term=1
      50.000 n1  > n2 RequestVote term=1 last_log_index=0 last_log_term=0

The first line is the set-up: nodes, clients, seed, until, `off=` for rules that are off, and any tunable. A command has
its time and the fields of the wire; groups are written `n1,n2|n3` and an operation `put:x:1`, its arguments in the order
in which the protocol names them. Times end in ms or us.
Below the line stand what was done to hosts (`!`), what nodes decided, what they sent (`>`) and got (`<`), and what was
lost (`x`); at the end, each node as it was left: its role, and every field that is not as it began.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from server.protocols import Protocol, protocol
from server.simulation import Event, Given, Link, Log, Recording, Run, command_as_dict, command_from, plain

LINE = "----"
LAST_OF_ITS_INSTANT = 1_000_000
DELAY = 10_000
"""Messages take exactly ten milliseconds, so a reader can follow them."""
QUIET = {"think_time": 0, "client_timeout": 1_000_000, "election_low": 4_000_000, "election_high": 6_000_000}
"""Nothing happens that the trace does not begin; of these tunables, those that the protocol has."""


def trace(protocol_name: str, source: str) -> str:
    """The whole text of a trace: its commands as they are, and the transcript that follows from them."""
    head = source.split(LINE)[0].rstrip()
    lines = [line for line in head.splitlines() if line.strip() and not line.startswith("#")]
    setup, until = _setup(protocol_name, lines[0])
    shown = protocol(protocol_name)
    given = tuple(_given(line, shown) for line in lines[1:])
    run = shown.run(setup.with_commands(given))
    run.advance(until)
    assert not run.skipped, f"could not be done: {[(g.command, str(why)) for g, why in run.skipped]}"
    transcript = [line for event in run.history.events for line in _facts(event)]
    return "\n".join([head, LINE, *transcript, "", *_ends(run, shown)]) + "\n"


# Reading what stands above the line


def _time(text: str) -> int:
    if text.endswith("ms"):
        return round(float(text[:-2]) * 1_000)
    assert text.endswith("us"), f"a time ends in ms or us: {text}"
    return int(text[:-2])


def _value(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    if text[0].isdigit():
        return _time(text) if text.endswith("s") else int(text)
    return text


def _argument(text: str) -> int | str:
    return int(text) if text.lstrip("-").isdigit() else text


def _pairs(words: list[str]) -> dict[str, str]:
    return dict(word.split("=", 1) for word in words)


def _setup(name: str, line: str) -> tuple[Recording, int]:
    words = _pairs(line.split())
    until = _time(words.pop("until"))
    off = words.pop("off", "")
    own: dict[str, Any] = {key: int(words.pop(key)) for key in ("nodes", "clients", "seed") if key in words}
    known = protocol(name).program.params
    quiet = {key: given for key, given in QUIET.items() if key in known}
    params = {**quiet, **{key: _value(text) for key, text in words.items()}}
    rules = {rule: False for rule in off.split(",") if rule}
    return Recording(name, **own, params=params, rules=rules, link=Link(low=DELAY, high=DELAY)), until


def _given(line: str, shown: Protocol) -> Given:
    time, kind, *words = line.split()
    data: dict[str, Any] = {"type": kind}
    for key, text in _pairs(words).items():
        if key == "groups":
            data[key] = [group.split(",") for group in text.split("|")]
        elif key == "operation":
            name, *args = text.split(":")
            data[key] = {"name": name, **dict(zip(shown.operations[name].args, map(_argument, args), strict=True))}
        else:
            data[key] = _value(text)
    return Given(_time(time), LAST_OF_ITS_INSTANT, command_from(data, shown.program.parse_operation))


# Writing what stands below it


def _facts(event: Event) -> Iterator[str]:
    start = f"{event.time / 1000:9.3f} {event.host or '--'}  "
    if event.kind == "deliver":
        yield f"{start}< {event.subject.src} {type(event.subject.body).__name__}"
    elif event.kind == "lost":
        flight = event.subject
        yield f"{start}x {flight.src}>{flight.dst} {_message(flight.body)} ({event.detail})"
    elif event.kind == "timer":
        yield f"{start}timer {event.subject}"
    elif event.kind == "command":
        yield f"{start}! {_command(event.subject)}"
    for told in event.indications:
        yield f"{start}{type(told).__name__} {_fields(told)}".rstrip()
    for flight, reason in event.lost:
        yield f"{start}x {flight.src}>{flight.dst} {_message(flight.body)} ({reason})"
    for flight in event.sent:
        again = f" (again {flight.of})" if flight.of else ""
        yield f"{start}> {flight.dst} {_message(flight.body)}{again}"


def _message(body: Any) -> str:
    return f"{type(body).__name__} {_fields(body)}"


def _command(command: Any) -> str:
    data = command_as_dict(command)
    words = [f"{key}={_short(value)}" for key, value in data.items() if key != "type"]
    return " ".join([data["type"], *words])


def _fields(value: Any) -> str:
    return " ".join(f"{f.name}={_short(getattr(value, f.name))}" for f in fields(value))


def _short(value: Any) -> str:
    """A value in as few characters as tell it apart."""
    name = type(value).__name__
    if name == "Entry" and hasattr(value, "term"):
        return f"{value.term}:{_short(value.command) if value.command else 'no-op'}"
    if name in ("Command", "Operation"):
        written = [value.name, value.key, value.value, value.expect]
        while written[-1] is None:
            written.pop()
        whose = f"@{value.client}.{value.serial}" if name == "Command" else ""
        return ":".join("-" if part is None else str(part) for part in written) + whose
    if isinstance(value, Mapping):
        return "{" + " ".join(f"{key}:{_short(item)}" for key, item in sorted(value.items())) + "}"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple | Log):
        return "[" + " ".join(_short(item) for item in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if is_dataclass(value):
        return "(" + " ".join(_short(getattr(value, f.name)) for f in fields(value)) + ")"
    return "-" if value is None else str(value)


def _ends(run: Run, shown: Protocol) -> Iterator[str]:
    """Each node as it was left."""
    role = shown.view.node.role
    for name in run.cluster.nodes:
        host = run.cluster.hosts[name]
        state = {field: getattr(host.node, field) for field in host.node.fields}
        words = [_short(plain(state.pop(role)))] if role is not None and host.up else []
        if not host.up:
            words = ["down"]
            state.pop(role or "", None)
        words += [
            f"{field}={_short(value)}" for field, value in state.items() if value != host.node.fields[field].default
        ]
        yield " ".join([name, *words])


def traces(folder: Path) -> list[Path]:
    """The traces of a folder, in order."""
    return sorted(folder.glob("*.trace"))
