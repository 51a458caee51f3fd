"""A protocol, whole: its program, what must hold, how it is drawn, what is told about it.

Everything that the browser needs to draw, name and explain a protocol comes from `Protocol.describe`, so a new protocol
costs no JavaScript.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..lessons import Challenge, Lesson, Scenario
from ..properties import Monitor, Property, Service, Witness
from ..simulation import N_, Cluster, Node, Program, Recording, Refused, Run, Setting
from ..simulation.node import Param
from .forms import KINDS, Argument, Group, Offer, comes_about, grouped
from .indication import CLIENT_TEXTS, Indication
from .view import View

FAMILIES = ("election", "replication", "commit", "consensus")

Warning_ = tuple[str, dict[str, Any]]
"""A sentence and its parameters."""


@dataclass(frozen=True)
class Protocol:
    """One protocol. Raises ValueError when it is made, where its parts do not fit together."""

    program: Program
    title: str
    summary: str
    cites: str
    properties: tuple[type[Property], ...]
    indications: tuple[type[Indication], ...]
    timers: Mapping[str, tuple[str, str]]
    """For each timer its label and its sentence."""
    operations: Mapping[str, Offer]
    """What clients may ask for, by its name."""
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    """The arguments of operations, beside key, value and expect."""
    groups: tuple[Group, ...] = ()
    """How its tunables stand together in a form."""
    service: Service | None = None
    """What clients take the cluster for, of which linearizability is asked; None where that makes no sense."""
    no_service: str = ""
    """Why it makes no sense (msgid)."""
    view: View = field(default_factory=View)
    family: str = "consensus"
    """Where it stands among the others: one of `FAMILIES`."""
    picture: Mapping[str, Any] = field(default_factory=dict)
    """Its typical moment, for the gallery, as in `lessons.Scenario`."""
    scenarios: Callable[[], tuple[Scenario, ...]] = tuple
    lessons: Callable[[], tuple[Lesson, ...]] = tuple
    challenges: Callable[[], tuple[Challenge, ...]] = tuple
    warn: Callable[[Recording], Iterable[Warning_]] = field(default=lambda recording: ())
    places: Callable[[Cluster], Mapping[str, str]] = field(default=lambda cluster: {})
    """Names for hosts by their part in the play, such as "leader", as it is now."""

    def __post_init__(self) -> None:
        self.view.check(self.program.node)
        if self.family not in FAMILIES:
            raise ValueError(f"{self.name} is of the family {self.family}, which is none of {', '.join(FAMILIES)}")
        for timer in (*self.program.node.timer_handlers, *self.program.client.timer_handlers):
            if timer not in self.timers:
                raise ValueError(f"{self.name} has a timer {timer} without a label")
        grouped(self.groups, self.program.params)
        self._check_settings()

    def _check_settings(self) -> None:
        """Whatever is said of tunables is said of such as there are, and of what they may be set to."""
        said = [offer.never or {} for offer in self.operations.values()] + [
            v.never for v in self.view.messages.values()
        ]
        for name, settings in (pair for never in said for pair in never.items()):
            param = self.program.params.get(name)
            if param is None or not all(param.takes(setting) for setting in settings):
                raise ValueError(f"{self.name} speaks of {name} set to {settings}, which can't be")
        for name, argument in self.arguments.items():
            if argument.kind not in KINDS:
                raise ValueError(f"{self.name} has an argument {name} of a kind that there is not: {argument.kind}")

    @property
    def name(self) -> str:
        """The name of the protocol, which is that of its folder."""
        return self.program.name

    def run(self, recording: Recording, *, keep: bool = True, clients: bool | None = None) -> Run:
        """A run of it with its properties watched, and its `clients` (None: where its history is kept).

        Raises Refused where the set-up makes no sense.
        """
        judged = self.witnesses() if (keep if clients is None else clients) else ()
        return Run(recording, self.program, (Monitor(self.properties), *judged), keep=keep)

    def witnesses(self) -> tuple[Witness, ...]:
        """Who judges what clients see: one, or none where linearizability is not asked."""
        return (Witness(self.service),) if self.service is not None else ()

    def title_of(self, name: str | None) -> str | None:
        """What a property is called (msgid), that which is asked of its clients too; None where there is none."""
        titles = {p.name: p.title for p in self.properties} | {w.name: w.title for w in self.witnesses()}
        return None if name is None else titles.get(name)

    def settings(self, params: Mapping[str, Setting]) -> dict[str, Setting]:
        """All tunables, those at their defaults too."""
        return {name: p.default for name, p in self.program.params.items()} | dict(params)

    def warnings(self, recording: Recording) -> list[Warning_]:
        """What a person should know about the dials of this set-up."""
        return list(self.warn(recording))

    def refused(self, params: Mapping[str, Setting]) -> dict[str, str]:
        """The operations that no client can have with these tunables, each with the reason (msgid)."""
        everything = self.settings(params)
        return {
            name: offer.reason
            for name, offer in self.operations.items()
            if offer.never is not None and not comes_about(offer.never, everything)
        }

    def absent(self, setup: Recording) -> list[str]:
        """The kinds of messages that nobody sends in a room that is set up so: a legend is silent about them."""
        everything, client = self.settings(setup.params), self.program.client
        of_clients = () if setup.clients else (*client.messages, *client.foreign)
        views = self.view.messages.items()
        return [cls.__name__ for cls, view in views if cls in of_clients or not comes_about(view.never, everything)]

    def disclaimed(self, params: Mapping[str, Setting]) -> dict[str, str]:
        """The properties that it does not promise with these tunables, each with the reason (msgid)."""
        everything = self.settings(params)
        reasons = ((p.name, p.disclaimed(everything)) for p in self.properties)
        found = {name: reason for name, reason in reasons if reason is not None}
        if self.service is not None and (weak := self.service.disclaimed(everything)) is not None:
            found[Witness.name] = weak
        return found

    def scenario(self, name: str) -> Scenario:
        """The scenario of that name. Raises Refused."""
        for scenario in self.scenarios():
            if scenario.name == name:
                return scenario
        raise Refused("unknown_scenario", N_("There is no scenario {name}."), name=name)

    def lesson(self, name: str) -> Lesson:
        """The lesson of that name. Raises Refused."""
        for lesson in self.lessons():
            if lesson.name == name:
                return lesson
        raise Refused("unknown_lesson", N_("There is no lesson {name}."), name=name)

    def challenge(self, name: str) -> Challenge:
        """The challenge of that name. Raises Refused."""
        for challenge in self.challenges():
            if challenge.name == name:
                return challenge
        raise Refused("unknown_challenge", N_("There is no challenge {name}."), name=name)

    @cached_property
    def _description(self) -> dict[str, Any]:
        node, client = self.program.node, self.program.client
        return {
            "name": self.name,
            "title": self.title,
            "summary": self.summary,
            "cites": self.cites,
            "fields": {**_fields(client, "client"), **_fields(node, "node")},
            "messages": self._messages(),
            "timers": {name: {"label": label, "text": text} for name, (label, text) in self.timers.items()},
            "indications": {
                **{cls.__name__: texts for cls, texts in CLIENT_TEXTS.items()},
                **{
                    cls.__name__: {
                        "text": cls.text, "cites": cls.cites, "weight": cls.weight, "mark": cls.mark, "tone": cls.tone,
                    }
                    for cls in self.indications
                },
            },
            "properties": {
                p.name: {"title": p.title, "text": p.text, "cites": p.cites, "kind": p.kind, "assumes": p.assumes}
                for p in self.properties
            } | self._of_clients(),
            "no_service": self.no_service,
            "rules": {
                name: {"title": r.title, "text": r.text, "cites": r.cites} for name, r in self.program.rules.items()
            },
            "params": {name: _param(p) for name, p in self.program.params.items()},
            "operations": [
                {"name": name, "title": offer.title, "args": list(offer.args), "text": offer.text}
                for name, offer in self.operations.items()
            ],
            "arguments": {name: {"label": each.label, "kind": each.kind} for name, each in self.arguments.items()},
            "groups": [
                {"title": group.title, "params": list(group.params)}
                for group in grouped(self.groups, self.program.params)
            ],
            "view": self.view.describe(),
            "family": self.family,
            "picture": dict(self.picture),
        }  # fmt: skip

    def _of_clients(self) -> dict[str, Any]:
        """What the witness tells, described like a property."""
        if self.service is None:
            return {}
        w = Witness
        told = {"title": w.title, "text": w.text, "cites": w.cites, "kind": w.kind, "assumes": self.service.assumes}
        return {w.name: told}

    def _messages(self) -> dict[str, Any]:
        node, client = self.program.node, self.program.client
        kinds = dict.fromkeys((*node.messages, *node.foreign, *client.messages, *client.foreign))
        return {
            cls.__name__: {
                "label": view.label, "text": getattr(cls, "text", ""), "tone": view.tone, "shape": view.shape,
                "reply": view.reply, "beads": view.beads, "fill": view.fill, "hollow": view.hollow, "after": view.after,
            }
            for cls, view in ((cls, self.view.message(cls)) for cls in kinds)
        }  # fmt: skip

    def describe(self) -> dict[str, Any]:
        """All that the browser needs to know of it, as plain data; texts are message ids."""
        return self._description


def _fields(node: type[Node], of: str) -> dict[str, Any]:
    return {
        name: {"label": f.label, "text": f.text, "durable": f.durable, "unless": f.unless, "of": of}
        for name, f in node.fields.items()
    }


def _param(p: Param) -> dict[str, Any]:
    return {
        "title": p.title, "text": p.text, "default": p.default, "low": int(p.low), "high": int(p.high), "unit": p.unit,
        "choices": dict(p.choices), "words": {str(number): meaning for number, meaning in p.words.items()},
    }  # fmt: skip
