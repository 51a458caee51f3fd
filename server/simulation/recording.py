"""A recording: the inputs that determine every event of a run.

It holds the set-up, the seed, and each command with its time and its *place*, the number of events that had happened at
that very instant. With fixed delays events often fall on one instant, so a time alone would not say between which two of
them a command was given.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from typing import Any

from .cluster import Cluster
from .commands import Command, command_as_dict, command_from
from .ground import CLIENTS_MAX, NODES_MAX
from .history import encode
from .network import Link
from .node import Param, Program, Setting, Settings
from .texts import N_, Refused

FORMAT = 1
COMMANDS_MAX = 100_000
SEED_MAX = 2**53 - 1
TIME_MAX = 10**15
BY_MAX = 64
WORD_MAX = 40
"""How long a word is to which a tunable is set."""


@dataclass(frozen=True)
class Given:
    """A command as it was given: at `time` (µs), after `place` events of that instant, by whom."""

    time: int
    place: int
    command: Command
    by: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As plain data; `given_from` gives it back."""
        return {"time": self.time, "place": self.place, "by": self.by, "command": command_as_dict(self.command)}


@dataclass(frozen=True)
class Recording:
    """The inputs of a run."""

    protocol: str
    nodes: int = 5
    clients: int = 1
    params: Mapping[str, Setting] = field(default_factory=dict)
    rules: Mapping[str, bool] = field(default_factory=dict)
    """Only those that are off from the beginning."""
    seed: int = 1
    link: Link = field(default_factory=Link)
    commands: tuple[Given, ...] = ()

    def cluster(self, program: Program, *, keep: bool = True) -> Cluster:
        """The world at the beginning of the run. Raises Refused where the set-up makes no sense."""
        check_setup(self, program)
        return Cluster(
            program, nodes=self.nodes, clients=self.clients, params=self.params, rules=self.rules, seed=self.seed,
            link=self.link, keep=keep,
        )  # fmt: skip

    def settings(self, program: Program) -> Settings:
        """Its tunables and rules, those at their defaults too."""
        params = {name: p.default for name, p in program.params.items()} | dict(self.params)
        return Settings(params, dict.fromkeys(program.rules, True) | dict(self.rules), self.seed)

    def with_commands(self, commands: tuple[Given, ...]) -> Recording:
        """The same set-up with other commands."""
        return replace(self, commands=commands)

    def as_dict(self) -> dict[str, Any]:
        """As plain data; `recording_from` gives it back."""
        return {
            "format": FORMAT,
            "protocol": self.protocol,
            "nodes": self.nodes,
            "clients": self.clients,
            "params": dict(self.params),
            "rules": dict(self.rules),
            "seed": self.seed,
            "link": {f.name: getattr(self.link, f.name) for f in fields(self.link)},
            "commands": [given.as_dict() for given in self.commands],
        }

    def to_json(self) -> str:
        """As canonical JSON."""
        return encode(self.as_dict())


def check_setup(recording: Recording, program: Program) -> None:
    """Raises Refused where a tunable, a rule, a size or the seed is none that the protocol knows, or where tunables
    contradict each other or the size.
    """
    if not 1 <= recording.nodes <= NODES_MAX:
        raise Refused("bad_size", N_("A cluster has 1 to {most} nodes."), most=NODES_MAX)
    if not 0 <= recording.clients <= CLIENTS_MAX:
        raise Refused("bad_size", N_("There are at most {most} clients."), most=CLIENTS_MAX)
    if not 0 <= recording.seed <= SEED_MAX:
        raise Refused("bad_seed", N_("A seed is a number from 0 to {most}."), most=SEED_MAX)
    params = program.params
    for name, given in recording.params.items():
        known = params.get(name)
        if known is None:
            raise Refused("unknown_param", N_("There is no tunable {name}."), name=name)
        if not known.takes(given):
            if known.choices:
                raise Refused(
                    "bad_param", N_("{name} is one of {choices}."), name=name, choices=", ".join(known.choices)
                )
            if isinstance(known.default, bool):
                raise Refused("bad_param", N_("{name} is on or off."), name=name)
            raise Refused("bad_param", N_("{name} is between {low} and {high}."),
                          name=name, low=known.low, high=known.high)  # fmt: skip
    for name in recording.rules:
        if name not in program.rules:
            raise Refused("unknown_rule", N_("There is no rule {rule}."), rule=name)
    recording.link.with_changes()
    _check_together(recording, params)


def _check_together(recording: Recording, params: Mapping[str, Param]) -> None:
    """Raises Refused where one tunable contradicts another, be that at its default, or the number of nodes."""
    for name, known in params.items():
        given: Any = recording.params.get(name, known.default)
        if known.not_below is not None:
            least: Any = recording.params.get(known.not_below, params[known.not_below].default)
            if given < least:
                raise Refused(
                    "bad_param", N_("{name} is {given}: it can't be less than {other}, which is {least}."),
                    name=name, given=given, other=known.not_below, least=least,
                )  # fmt: skip
        if known.of_nodes and given > recording.nodes:
            raise Refused(
                "bad_param", N_("{name} is {given}: it can't be more than the number of nodes, which is {nodes}."),
                name=name, given=given, nodes=recording.nodes,
            )  # fmt: skip


def fitting(recording: Recording, program: Program) -> Recording:
    """The same with no more nodes counted by its tunables than it has."""
    params = {
        name: min(given, recording.nodes) if program.params[name].of_nodes else given
        for name, given in recording.params.items()
    }
    return replace(recording, params=params)


@contextmanager
def reading(field: str) -> Iterator[None]:
    """Raises Refused, with the name of what is read, where that is missing or of the wrong kind."""
    try:
        yield
    except (TypeError, ValueError, KeyError):
        raise Refused("bad_recording", N_("This is no recording: {field} is missing or makes no sense."),
                      field=field) from None  # fmt: skip


def check_fields(data: Any, known: Collection[str], within: str = "") -> None:
    """Raises Refused where this is no object, or has other fields than these; `within` is where it stands ("setup.")."""
    if not isinstance(data, dict):
        raise Refused("bad_recording", N_("This is no recording: a recording is one object of JSON."))
    for name in data:
        if name not in known:
            raise Refused("bad_recording", N_("A recording has no field {field}."), field=within + str(name)[:WORD_MAX])


def recording_from(data: Any, program_of: Callable[[str], Program], within: str = "") -> Recording:
    """Makes a recording of plain data. Raises Refused where it is none.

    `program_of` gives the program of a protocol's name and raises Refused for a name that it does not know. `within` is where
    the data stand in a file, for the refusals.
    """
    check_fields(data, KNOWN, within)
    with reading(f"{within}protocol"):
        name = _str(data["protocol"])
    if data.get("format") != FORMAT:
        raise Refused("bad_format", N_("This recording has a format that is not known here."))
    program = program_of(name)
    commands = commands_from(data.get("commands", []), program, f"{within}commands")
    found: dict[str, Any] = {}
    for part, read in READERS.items():
        if part in data:
            with reading(within + part):
                found[part] = read(data[part])
    recording = Recording(protocol=name, commands=commands, **found)
    check_setup(recording, program)
    # Of one instant they stand as they come: where somebody acts right before a script, its places are passed already.
    times = [given.time for given in recording.commands]
    if times != sorted(times):
        raise Refused("bad_recording", N_("The commands of a recording stand in the order of their times."))
    return recording


def recording_from_json(text: str, program_of: Callable[[str], Program]) -> Recording:
    """Makes a recording of JSON. Raises Refused where it is none."""
    try:
        data = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refused("bad_recording", N_("This file is no JSON.")) from None
    return recording_from(data, program_of)


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _int(given: Any) -> int:
    if type(given) is not int or abs(given) > TIME_MAX * 10:
        raise TypeError(given)
    return given


def _str(given: Any) -> str:
    if not isinstance(given, str):
        raise TypeError(given)
    return given


def _bool(given: Any) -> bool:
    if type(given) is not bool:
        raise TypeError(given)
    return given


def _setting(given: Any) -> Setting:
    if isinstance(given, str):
        if len(given) > WORD_MAX:
            raise ValueError(given[:WORD_MAX])
        return given
    return given if isinstance(given, bool) else _int(given)


def _dict(given: Any) -> dict[str, Any]:
    if type(given) is not dict:
        raise TypeError(given)
    return given


def _link(data: Any) -> Link:
    kinds: dict[str, Callable[[Any], Any]] = {
        f.name: _bool if isinstance(f.default, bool) else _int for f in fields(Link())
    }
    settings: dict[str, Any] = {str(k): kinds[k](v) for k, v in _dict(data).items()}
    return Link(**settings)


READERS: Mapping[str, Callable[[Any], Any]] = {
    "nodes": _int,
    "clients": _int,
    "params": lambda given: {str(k): _setting(v) for k, v in _dict(given).items()},
    "rules": lambda given: {str(k): _bool(v) for k, v in _dict(given).items()},
    "seed": _int,
    "link": _link,
}
"""How each field is read that may be left out; they raise TypeError, ValueError and KeyError."""
KNOWN = frozenset({"format", "protocol", "commands", *READERS})


def commands_from(data: Any, program: Program, field: str) -> tuple[Given, ...]:
    """Makes the commands of a list. Raises Refused, which names the one that is none."""
    if not isinstance(data, list) or len(data) > COMMANDS_MAX:
        raise Refused("bad_recording", N_("A recording has at most {most} commands."), most=COMMANDS_MAX)
    found = []
    for place, each in enumerate(data):
        with reading(f"{field}[{place}]"):
            found.append(given_from(each, program))
    return tuple(found)


def given_from(data: Any, program: Program) -> Given:
    """Makes a given command of plain data. Raises Refused for a command that is none, TypeError, ValueError and KeyError
    for what else is wrong.
    """
    if not isinstance(data, dict) or set(data) - {"time", "place", "by", "command"}:
        raise TypeError(data)
    time, place = _int(data["time"]), _int(data.get("place", 0))
    if not 0 <= time <= TIME_MAX or place < 0:
        raise ValueError(time)
    by = data.get("by", "")
    if not isinstance(by, str) or len(by) > BY_MAX:
        raise TypeError(by)
    return Given(time, place, command_from(_dict(data["command"]), program.parse_operation), by)
