"""An event in plain sentences, in English: for the command line and for traces. The browser does the same in its language.

Works on what `History.tell` gives, so it can say nothing that the browser is not told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..simulation import plain
from .descriptor import Protocol

LOSSES = {
    "loss": "was lost on the way",
    "cut": "was stopped: the link is cut",
    "partition": "was stopped by the partition",
    "down": "found {dst} down",
}


def fill(text: str, values: Mapping[str, Any]) -> str:
    """The sentence with its parameters; one that is missing stays as it is written."""
    return text.format_map(_Values({name: word(value) for name, value in values.items()}))


class _Values(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "{" + name + "}"


def word(value: Any) -> Any:
    """A value as it stands in a sentence."""
    if value is None:
        return "none"
    if isinstance(value, str | int):
        return value
    return json.dumps(value, default=plain, separators=(",", ":"))


def sentences(protocol: Protocol, told: Mapping[str, Any]) -> list[str]:
    """What happened, what was decided and why, what was lost at once."""
    description = protocol.describe()
    said = [_what_happened(description, told)]
    for indication in told.get("indications", ()):
        texts = description["indications"][indication["type"]]
        sentence = fill(texts["text"], {**indication, "host": told["host"]})
        said.append(f"{sentence} [{texts['cites']}]" if texts["cites"] else sentence)
    for loss in told.get("lost", ()):
        flight = loss["message"]
        said.append(f"{flight['type']} {flight['src']}>{flight['dst']} {LOSSES[loss['reason']]}.")
    return said


def _what_happened(description: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    match told["kind"]:
        case "start":
            return f"{told['host']} starts."
        case "timer":
            return f"{told['host']}: {description['timers'][told['timer']]['label']} runs out."
        case "deliver":
            flight = told["message"]
            text = description["messages"][flight["type"]]["text"]
            fields = plain(flight["body"])
            return f"{flight['dst']} gets: " + fill(text, {**fields, "src": flight["src"], "dst": flight["dst"]})
        case "lost":
            flight = told["message"]
            return f"{flight['type']} {flight['src']}>{flight['dst']} {LOSSES[told['reason']].format(**flight)}."
        case _:
            command = {k: v for k, v in told["command"].items() if k != "type"}
            words = " ".join(f"{name}={word(value)}" for name, value in command.items())
            by = f" ({told['by']})" if told["by"] else ""
            return f"command {told['command']['type']} {words}{by}".replace("  ", " ")


def line(protocol: Protocol, told: Mapping[str, Any]) -> str:
    """One event, one line: number, time in seconds, and the sentences."""
    return f"{told['seq']:>6} {told['time'] / 1_000_000:>11.6f}  " + " | ".join(sentences(protocol, told))
