"""`simulate`: runs a cluster without a browser, one event a line, the last line with their number and the digest."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any, TextIO

from server.properties import HOLDS, Monitor, Witness
from server.protocols import PROTOCOLS, Protocol, protocol
from server.protocols.narrate import line
from server.simulation import Given, Recording, Refused, Run, Setting, command_from, encode

from . import CommandError
from .collector import tune_collector
from .files import End, save
from .output import Progress, counted, show

MOST_SECONDS = 100_000
COMMANDS_FILE_MAX_BYTES = 16 * 1024 * 1024
UNITS = {"us": 1, "µs": 1, "ms": 1_000, "s": 1_000_000, "m": 60_000_000}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What a run is made of."""
    parser.add_argument("protocol", help=f"one of: {', '.join(PROTOCOLS)}")
    parser.add_argument("--nodes", type=int, default=5, help="how many nodes, 1 to 9 (5)")
    parser.add_argument("--clients", type=int, default=1, help="how many clients (1)")
    parser.add_argument("--seed", type=int, default=1, help="what all chance is drawn from (1)")
    parser.add_argument("--for", dest="span", default="10s", help="virtual time to run, such as 20s or 500ms (10s)")
    parser.add_argument("--format", choices=("text", "jsonl"), default="text", help="how events are written (text)")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a tunable, times in µs")
    parser.add_argument("--without", action="append", default=[], metavar="RULE", help="a rule that is off")
    parser.add_argument(
        "--commands", type=Path, metavar="FILE",
        help='commands, one a line: {"time": "1.5s", "type": "crash", "node": "n1"}',
    )  # fmt: skip
    parser.add_argument("--save", type=Path, metavar="FILE", help="write the recording")
    parser.add_argument("--quiet", action="store_true", help="only the last line")


def run(args: argparse.Namespace) -> int:
    """Plays the run; 0, or 1 when a property broke."""
    span = parse_span(args.span)
    try:
        found = protocol(args.protocol)
        recording = Recording(
            protocol=found.name,
            nodes=args.nodes,
            clients=args.clients,
            params=dict(parse_param(given, found) for given in args.set),
            rules=dict.fromkeys(args.without, False),
            seed=args.seed,
            commands=read_commands(args.commands, found) if args.commands else (),
        )
        played = found.run(recording)
    except Refused as reason:
        raise CommandError(str(reason)) from None
    return play(played, found, End(span), args.format, quiet=args.quiet, saved=args.save)


def play(run: Run, found: Protocol, end: End, form: str, *, quiet: bool, saved: Path | None = None) -> int:
    """Lets the run go on to its end and writes what happens, and the recording into the file `saved`."""
    out = sys.stdout
    tune_collector()
    with Progress(end.time, "simulating", wanted=quiet or not out.isatty()) as progress:
        for event in end.steps(run):
            if not quiet:
                told = run.history.tell(event.seq)
                show(encode(told) if form == "jsonl" else line(found, told), out)
            progress.at(run.now)
    for given, reason in run.skipped:
        print(f"quorumscope: {given.command.type} at {given.time} µs was refused: {reason}", file=sys.stderr)  # noqa: T201
    digest = run.history.digest() if saved is None else save(saved, run)
    return conclude(run, found, form, out, digest)


def conclude(run: Run, found: Protocol, form: str, out: TextIO, digest: str) -> int:
    """The last line: events, digest, what broke, and what is known of the clients' history. Returns 1 where something broke;
    what clients saw only where the protocol promises it.
    """
    broken = [each for observer in run.observers if isinstance(observer, Monitor) for each in observer.broken()]
    witness = next((observer for observer in run.observers if isinstance(observer, Witness)), None)
    seen = witness.broken() if witness is not None else []
    unpromised = Witness.name in found.disclaimed(run.setup.params)
    if form == "jsonl":
        last: dict[str, Any] = {"events": run.head, "digest": digest, "broken": [list(b) for b in (*broken, *seen)]}
        if witness is not None:
            last[Witness.name] = {"state": witness.state, "promised": not unpromised}
        show(json.dumps(last), out)
    else:
        told = "".join(f", {name} broken at event {seq}" for name, seq in broken)
        show(f"{counted(run.head, 'event')}, digest {digest}{told}{_of_clients(witness, unpromised=unpromised)}", out)
    return 1 if broken or (seen and not unpromised) else 0


def _of_clients(witness: Witness | None, *, unpromised: bool) -> str:
    """What the last line says of what clients saw; nothing where it is not asked."""
    if witness is None:
        return ""
    if not witness.broken():
        return f", {Witness.name}" if witness.state == HOLDS else f", {Witness.name} not decided"
    name, seq = witness.broken()[0]
    return f", {name} broken at event {seq}{' (not promised)' if unpromised else ''}"


def parse_span(text: str) -> int:
    """µs of "20s", "1.5s", "500ms", "2m". Raises CommandError."""
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?)\s*(us|µs|ms|s|m)", text.strip())
    if match is None:
        raise CommandError(f"{text!r} is no span of time; write it as 20s, 500ms or 2m.")
    span = round(float(match[1]) * UNITS[match[2]])
    if span > MOST_SECONDS * 1_000_000:
        raise CommandError(f"A run takes at most {MOST_SECONDS} s of virtual time.")
    return span


def parse_param(text: str, found: Protocol) -> tuple[str, Setting]:
    """A tunable written NAME=VALUE. Raises CommandError."""
    name, _, value = text.partition("=")
    known = found.program.params.get(name)
    if known is None:
        raise CommandError(f"There is no tunable {name!r}; there are {', '.join(found.program.params)}.")
    if known.choices:
        if value not in known.choices:
            raise CommandError(f"{name} is one of {', '.join(known.choices)}.")
        return name, value
    if isinstance(known.default, bool):
        if value not in ("on", "off"):
            raise CommandError(f"{name} is on or off.")
        return name, value == "on"
    if not re.fullmatch(r"\d{1,12}", value):
        raise CommandError(f"{name} is a whole number from {known.low} to {known.high}.")
    return name, int(value)


def read_commands(path: Path, found: Protocol) -> tuple[Given, ...]:
    """Commands of a file, one JSON object a line, with a "time" (µs, or a span such as "1.5s"). Raises CommandError."""
    try:
        if path.stat().st_size > COMMANDS_FILE_MAX_BYTES:
            raise CommandError(f"{path} is larger than {COMMANDS_FILE_MAX_BYTES // 2**20} MB.")
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path} is no text in UTF-8.") from None
    given = [_command(text, number, found) for number, text in enumerate(lines, 1) if text.strip()]
    return tuple(sorted(given, key=lambda g: (g.time, g.place)))


def _command(text: str, number: int, found: Protocol) -> Given:
    try:
        data = json.loads(text)
        time = data.pop("time")
        place = data.pop("place", 0)
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
        raise CommandError(f'Line {number} is no command; write {{"time": "1.5s", "type": "crash", ...}}.') from None
    if isinstance(time, str):
        time = parse_span(time)
    if type(time) is not int or time < 0 or type(place) is not int or place < 0:
        raise CommandError(f"Line {number}: a time is a span such as 1.5s, or µs.")
    try:
        return Given(time, place, command_from(data, found.program.parse_operation), "script")
    except Refused as reason:
        raise CommandError(f"Line {number}: {reason}") from None
