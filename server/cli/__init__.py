"""The commands, one module each, imported only when it is called.

A command's module has

    add_arguments(parser)   says what it takes
    run(args) -> int        does it; returns the exit code. May raise CommandError: one sentence, exit code 2

`serve` alone takes two more things, see there.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import server

DEFAULT = "serve"
COMMANDS = {
    "serve": "serve the dashboard (the default)",
    "simulate": "run a cluster without a browser and print its events",
    "replay": "run a recording again and compare",
    "import": "look a file of a recording through, play it again, compare, and keep it",
    "export": "write a recording's events as JSON Lines, for ShiViz, or as a Mermaid diagram",
    "rooms": "list the rooms that are kept",
    "backup": "copy rooms and recordings into a file, while the server goes on",
    "compare": "measure protocols against each other, over many seeds",
    "check": "say whether a history of operations is linearizable, and if not, why",
    "explore": "find the shortest run that breaks a protocol of which a rule is off",
}
MODULES = {"import": "importing"}
"""Of commands whose names are words of Python."""
EXIT_WRONG_ARGUMENT = 2
EXIT_INTERRUPTED = 130


class CommandError(Exception):
    """Something that was asked for makes no sense; the message is one sentence."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without the whole usage."""

    def error(self, message: str) -> NoReturn:
        """Raises CommandError."""
        raise CommandError(f"{message[:1].upper()}{message[1:].rstrip('.')}. {self.prog} --help tells more.")


def run(words: Sequence[str], runtime: Any, contents: Callable[[], Any] | None = None) -> int:
    """Runs the command that `words` name and returns its exit code."""
    try:
        if words and words[0] in ("-h", "--help", "--version"):
            return _about(words[0])
        command, rest = (words[0], words[1:]) if words and not words[0].startswith("-") else (DEFAULT, words)
        if command not in COMMANDS:
            raise CommandError(f"There is no command {command!r}; there are {', '.join(COMMANDS)}.")
        module = importlib.import_module(f"server.cli.{MODULES.get(command, command)}")
        parser = _Parser(prog=f"quorumscope {command}", description=_sentence(COMMANDS[command]), allow_abbrev=False)
        module.add_arguments(parser)
        args = parser.parse_args(rest)
        return int(module.run(args, runtime, contents) if command == DEFAULT else module.run(args))
    except CommandError as error:
        print(f"quorumscope: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_WRONG_ARGUMENT
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough (`| head`); nothing is left to be flushed into it.
        sys.stdout = None
        return 0


def _about(option: str) -> int:
    if option == "--version":
        print(f"quorumscope {server.__version__}")  # noqa: T201
        return 0
    lines = [f"  {name:<10}{text}" for name, text in COMMANDS.items()]
    print(  # noqa: T201
        "usage: quorumscope [--version] [--help] [command] ...\n\n"
        "Shows distributed consensus happening, event by event, in a browser.\n\n"
        "commands:\n" + "\n".join(lines) + "\n\n'quorumscope COMMAND --help' tells what a command takes."
    )
    return 0


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
