"""An event in plain sentences: for the command line, for traces, and for what is taken away as a text. The feed of the
browser does the same.

Works on what `History.tell` gives, so it can say nothing that the browser is not told. `say` translates a msgid; without
it, the sentences are English.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ..simulation import N_, plain
from .descriptor import Protocol

Say = Callable[[str], str]
LOSSES = {
    "loss": N_("{message} was lost on the way."),
    "cut": N_("{message} was stopped: the link is cut."),
    "partition": N_("{message} was stopped by the partition."),
    "down": N_("{message} found {dst} down."),
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


def sentences(protocol: Protocol, told: Mapping[str, Any], say: Say = str) -> list[str]:
    """What happened, what was decided and why, what was lost at once."""
    said = [_what_happened(protocol, told, say)]
    said += [indication_sentence(protocol, told, indication, say) for indication in told.get("indications", ())]
    said += [loss_sentence(loss["message"], loss["reason"], say) for loss in told.get("lost", ())]
    return said


def indication_sentence(
    protocol: Protocol, told: Mapping[str, Any], indication: Mapping[str, Any], say: Say = str
) -> str:
    """What a host decided in an event, and where that is written."""
    texts = protocol.describe()["indications"][indication["type"]]
    sentence = fill(say(texts["text"]), {**indication, "host": told["host"]})
    return f"{sentence} [{say(texts['cites'])}]" if texts["cites"] else sentence


def loss_sentence(flight: Mapping[str, Any], reason: str, say: Say = str) -> str:
    """What stopped a message."""
    message = f"{flight['type']} {flight['src']}>{flight['dst']}"
    return fill(say(LOSSES[reason]), {"message": message, "dst": flight["dst"]})


def message_sentence(protocol: Protocol, flight: Mapping[str, Any], say: Say = str) -> str:
    """What a message says: "n1 asks n2 for its vote in term 3."."""
    text = protocol.describe()["messages"][flight["type"]]["text"]
    return fill(say(text), {**plain(flight["body"]), "src": flight["src"], "dst": flight["dst"]})


def timer_sentence(protocol: Protocol, told: Mapping[str, Any], say: Say = str) -> str:
    """Which timer runs out. Its name stands in quotes: some are no subject of a sentence, such as "next operation"."""
    label = protocol.describe()["timers"][told["timer"]]["label"]
    return fill(say(N_("{host}: the timer “{timer}” runs out.")), {"host": told["host"], "timer": say(label)})


def command_sentence(told: Mapping[str, Any], say: Say = str) -> str:
    """What somebody did, with the names that commands have everywhere."""
    command = {k: v for k, v in told["command"].items() if k != "type"}
    words = [told["command"]["type"], *(f"{name}={word(value)}" for name, value in command.items())]
    if told["by"]:
        words.append(f"({told['by']})")
    return fill(say(N_("command {command}")), {"command": " ".join(words)})


def _what_happened(protocol: Protocol, told: Mapping[str, Any], say: Say) -> str:
    match told["kind"]:
        case "start":
            return fill(say(N_("{host} starts.")), {"host": told["host"]})
        case "timer":
            return timer_sentence(protocol, told, say)
        case "deliver":
            flight = told["message"]
            sentence = message_sentence(protocol, flight, say)
            return fill(say(N_("{dst} gets: {sentence}")), {"dst": flight["dst"], "sentence": sentence})
        case "lost":
            return loss_sentence(told["message"], told["reason"], say)
        case _:
            return command_sentence(told, say)


def line(protocol: Protocol, told: Mapping[str, Any]) -> str:
    """One event, one line: number, time in seconds, and the sentences."""
    return f"{told['seq']:>6} {told['time'] / 1_000_000:>11.6f}  " + " | ".join(sentences(protocol, told))
