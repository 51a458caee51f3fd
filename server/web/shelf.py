"""What can be opened: the protocols, scenarios, lessons and challenges, as the pages and the REST calls show them.

Plain data with message ids for texts; the layout is in `templates/gallery.html` and in the protocol's description.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.lessons import Challenge, Lesson, Scenario
from server.protocols import PROTOCOLS, Protocol
from server.simulation import N_

Description = Mapping[str, Any]
FAMILIES = {
    "election": N_("Elections"),
    "replication": N_("Replication"),
    "commit": N_("Atomic commit"),
    "consensus": N_("Consensus"),
}
"""What the families of protocols are called, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Descriptions in the order in which they are shown."""

    protocols: Sequence[Description] = ()
    scenarios: Sequence[Description] = ()
    lessons: Sequence[Description] = ()
    challenges: Sequence[Description] = ()
    sentences: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For each protocol the longer sentences that it is told in (msgids)."""

    def foreign(self, protocol: str) -> frozenset[str]:
        """The sentences of all other protocols: a room of this one never says them."""
        if protocol not in self.sentences:
            return frozenset()
        others = (told for name, told in self.sentences.items() if name != protocol)
        return frozenset().union(*others) - self.sentences.get(protocol, frozenset())

    def protocol(self, name: str) -> Description | None:
        """The protocol of that name."""
        return next((protocol for protocol in self.protocols if protocol["name"] == name), None)

    def only(self, protocol: str) -> Shelf:
        """What there is of one protocol."""
        return Shelf(
            protocols=[each for each in self.protocols if each["name"] == protocol],
            scenarios=[each for each in self.scenarios if each["protocol"] == protocol],
            lessons=[each for each in self.lessons if each["protocol"] == protocol],
        )

    def matching(self, words: str, say: Callable[[str], str]) -> Shelf:
        """What speaks of all these words, in the reader's language (`say` translates) or in English; all, for no words."""
        sought = words.casefold().split()
        titles = {str(each["name"]): each["title"] for each in self.protocols}

        def speaks(card: Description) -> bool:
            said = [card["title"], card.get("text", ""), card.get("summary", ""), card.get("outcome", "")]
            said.append(titles.get(card.get("protocol", ""), ""))
            whole = " ".join(f"{text} {say(text)}" for text in said if text).casefold()
            return all(word in whole for word in sought)

        return Shelf(
            protocols=[card for card in self.protocols if speaks(card)],
            scenarios=[card for card in self.scenarios if speaks(card)],
            lessons=[card for card in self.lessons if speaks(card)],
        )

    def families(self) -> list[tuple[str, str, list[Description]]]:
        """Name, title (msgid) and protocols of each family that has any."""
        found = [
            (name, title, [each for each in self.protocols if each.get("family", "consensus") == name])
            for name, title in FAMILIES.items()
        ]
        return [family for family in found if family[2]]

    def contests(self) -> list[tuple[str, str, list[Description]]]:
        """Name, title (msgid) and challenges of each family that has any, the easy ones first."""
        found = [
            (name, title, [each for each in self.challenges if each["protocol"] in {one["name"] for one in members}])
            for name, title, members in self.families()
        ]
        return [(name, title, sorted(told, key=lambda each: each["level"])) for name, title, told in found if told]

    def groups(self, scenarios: Sequence[Description]) -> list[tuple[Description, list[Description]]]:
        """Each protocol with its own of these scenarios, families side by side; without those that have none."""
        protocols = [protocol for _, _, members in self.families() for protocol in members]
        found = [(each, [told for told in scenarios if told["protocol"] == each["name"]]) for each in protocols]
        return [group for group in found if group[1]]

    def params(self) -> dict[str, Mapping[str, Mapping[str, Any]]]:
        """The tunables of each protocol."""
        return {str(protocol["name"]): protocol.get("params", {}) for protocol in self.protocols}


def everything() -> Shelf:
    """All that the project has, from the registry of protocols."""
    protocols = PROTOCOLS.values()
    return Shelf(
        protocols=[protocol.describe() for protocol in protocols],
        scenarios=[
            {**_card(protocol, scenario), "outcome": scenario.outcome}
            for protocol in protocols
            for scenario in protocol.scenarios()
        ],
        lessons=[
            {**_card(protocol, lesson), "beats": len(lesson.beats)}
            for protocol in protocols
            for lesson in protocol.lessons()
        ],
        challenges=[
            {**_card(protocol, challenge), "level": challenge.level, "hints": len(challenge.hints)}
            for protocol in protocols
            for challenge in protocol.challenges()
        ],
        sentences={protocol.name: frozenset(_sentences(protocol)) for protocol in protocols},
    )


SENTENCE_LETTERS_MIN = 24
"""Shorter ones may be words of the page as well, and weigh little."""


def _sentences(protocol: Protocol) -> Iterator[str]:
    """What stands in its description, its scenarios, its lessons and its challenges."""
    told: list[Any] = [protocol.describe()]
    told += [(scenario.title, scenario.text, scenario.outcome) for scenario in protocol.scenarios()]
    told += [
        (lesson.title, lesson.text, [(beat.title, beat.text) for beat in lesson.beats]) for lesson in protocol.lessons()
    ]
    told += [
        (each.title, each.text, each.won, each.failed, each.hints, each.impossible.why if each.impossible else "")
        for each in protocol.challenges()
    ]
    while told:
        part = told.pop()
        if isinstance(part, str):
            if len(part) >= SENTENCE_LETTERS_MIN:
                yield part
        elif isinstance(part, Mapping):
            told += part.values()
        elif isinstance(part, Sequence):
            told += part


def _card(protocol: Protocol, told: Scenario | Lesson | Challenge) -> dict[str, Any]:
    return {
        "name": told.name,
        "title": told.title,
        "text": told.text,
        "protocol": protocol.name,
        "nodes": told.setup.nodes,
        "picture": dict(told.picture),
    }
