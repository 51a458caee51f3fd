"""A Mermaid sequence diagram (https://mermaid.js.org/syntax/sequenceDiagram.html) of a short span.

One line of life a host, one arrow a message, drawn where the message ends: Mermaid's arrows are level, so each begins
with both events, "12→15" for what event 12 sent and event 15 received. An answer is dotted, a lost message ends in a
cross, one still under way at the end has an open head. Notes say what hosts decided, which timers ran out with
consequences, and what people did. Where several events without news follow one another, such as heartbeats and their
answers, one note counts them, as the feed folds them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..protocols import Protocol
from ..protocols.narrate import (
    Say,
    command_sentence,
    fill,
    indication_sentence,
    loss_sentence,
    message_sentence,
    timer_sentence,
)
from ..simulation import N_, Flight, History
from .span import Span

LETTERS_MAX = 160
"""Mermaid does not break lines; what is longer ends in dots."""
# `;` ends a statement and `#` begins a character by number, so they are written as such, and so is what looks like markup.
_ESCAPED = str.maketrans({";": "#59;", "#": "#35;", "<": "#60;", ">": "#62;", "%": "#37;"})


def mermaid(history: History, protocol: Protocol, chosen: Span, say: Say = str) -> Iterator[str]:
    """The diagram, line by line."""
    drawing = _Drawing(history, protocol, say)
    yield "sequenceDiagram"
    title = fill(say(N_("{title}, events {first} to {last}")), {
        "title": say(protocol.title), "first": chosen.first, "last": chosen.last,
    })  # fmt: skip
    yield f"    title {_words(title)}"
    for host in history.kinds:
        yield f"    participant {host}"
    for event in chosen.events(history):
        yield from drawing.event(history.tell(event.seq))
    yield from drawing.fold()
    for flight in history.flights(chosen.last).values():
        yield from drawing.under_way(flight)


def _words(text: str) -> str:
    text = " ".join(text.split())  # whatever ends a line would end the statement
    text = text if len(text) <= LETTERS_MAX else text[: LETTERS_MAX - 1] + "…"
    return text.translate(_ESCAPED)


class _Drawing:
    """Lines of events, with those folded that say nothing new."""

    def __init__(self, history: History, protocol: Protocol, say: Say) -> None:
        self.protocol = protocol
        self.say = say
        hosts = list(history.kinds)
        self.everybody = hosts[0] if len(hosts) == 1 else f"{hosts[0]},{hosts[-1]}"
        self.folded: list[Mapping[str, Any]] = []

    def event(self, told: Mapping[str, Any]) -> Iterator[str]:
        """What one event adds."""
        if self._routine(told):
            self.folded.append(told)
            return
        yield from self.fold()
        yield from self._drawn(told)

    def fold(self) -> Iterator[str]:
        """The note for what was left out just before."""
        folded, self.folded = self.folded, []
        if len(folded) == 1:
            yield from self._drawn(folded[0])
        elif folded:
            args = {"count": len(folded), "from": folded[0]["seq"], "to": folded[-1]["seq"]}
            text = fill(self.say(N_("{count} routine events, {from} to {to}")), args)
            yield f"    Note over {self.everybody}: {_words(text)}"

    def _drawn(self, told: Mapping[str, Any]) -> Iterator[str]:
        say, seq, host = self.say, told["seq"], told["host"]
        match told["kind"]:
            case "start":
                yield self._note(host, seq, fill(say(N_("{host} starts.")), {"host": host}))
            case "deliver":
                flight = told["message"]
                answer = self._spec(flight)["reply"] is not None
                yield self._arrow(flight, "-->>" if answer else "->>", f"{flight['sent_seq']}→{seq} ", False)
            case "lost":
                yield self._arrow(told["message"], "-x", f"{told['message']['sent_seq']}→{seq} ", told["reason"])
            case "timer":
                yield self._note(host, seq, timer_sentence(self.protocol, told, say))
            case _:
                yield self._note(host, seq, command_sentence(told, say))
        for indication in told.get("indications", ()):
            yield self._note(host, seq, indication_sentence(self.protocol, told, indication, say))
        for loss in told.get("lost", ()):
            yield self._arrow(loss["message"], "-x", f"{seq} ", loss["reason"])

    def under_way(self, flight: Flight) -> Iterator[str]:
        """A message that has not arrived by the end of the span."""
        told = flight.as_dict()
        yield self._arrow(told, "-)", f"{flight.sent_seq}→… ", False)

    def _spec(self, flight: Mapping[str, Any]) -> Mapping[str, Any]:
        spec: Mapping[str, Any] = self.protocol.describe()["messages"][flight["type"]]
        return spec

    def _routine(self, told: Mapping[str, Any]) -> bool:
        """A heartbeat, the answer to one, or a timer, of which nobody has anything to say."""
        texts = self.protocol.describe()["indications"]
        if told.get("lost") or any(texts[each["type"]]["weight"] != "routine" for each in told.get("indications", ())):
            return False
        if told["kind"] == "timer":
            return True
        if told["kind"] not in ("deliver", "lost"):
            return False
        flight = told["message"]
        spec = self._spec(flight)
        hollow = spec["beads"] is not None and not getattr(flight["body"], spec["beads"])
        return hollow or (spec["reply"] is not None and told["kind"] == "deliver")

    def _note(self, host: str | None, seq: int, text: str) -> str:
        return f"    Note over {host or self.everybody}: {_words(f'{seq} {text}')}"

    def _arrow(self, flight: Mapping[str, Any], arrow: str, events: str, reason: str | bool) -> str:
        if reason:
            sentence = loss_sentence(flight, str(reason), self.say)
        else:
            label = self.say(self._spec(flight)["label"])
            sentence = f"{label}: {message_sentence(self.protocol, flight, self.say)}"
        return f"    {flight['src']}{arrow}{flight['dst']}: {_words(events + sentence)}"
