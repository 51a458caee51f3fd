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
            challenges=[each for each in self.challenges if each["protocol"] == protocol],
        )

    def matching(self, words: str, say: Callable[[str], str]) -> Shelf:
        """What speaks of all these words, in the reader's language (`say` translates) or in English; all, for no words."""
        sought = words.casefold().split()

        def speaks(card: Description) -> bool:
            whole = self.spoken(card, say)
            return all(word in whole for word in sought)

        return Shelf(
            protocols=[card for card in self.protocols if speaks(card)],
            scenarios=[card for card in self.scenarios if speaks(card)],
            lessons=[card for card in self.lessons if speaks(card)],
            challenges=[card for card in self.challenges if speaks(card)],
        )

    def spoken(self, card: Description, say: Callable[[str], str]) -> str:
        """All words under which a card is found, in small letters, in the reader's language and in English: what it says,
        what it is about, the protocol it is of, and what a protocol promises.
        """
        titles = {str(each["name"]): each["title"] for each in self.protocols}
        said = [card["title"], card.get("text", ""), card.get("summary", ""), card.get("outcome", "")]
        said += [titles.get(card.get("protocol", ""), ""), *card.get("about", ())]
        said += [each["title"] for each in card.get("properties", {}).values()]
        return " ".join(f"{text} {say(text)}" for text in said if text).casefold()

    def families(self) -> list[tuple[str, str, list[Description]]]:
        """Name, title (msgid) and protocols of each family that has any."""
        found = [
            (name, title, [each for each in self.protocols if each.get("family", "consensus") == name])
            for name, title in FAMILIES.items()
        ]
        return [family for family in found if family[2]]

    def by_family(self, cards: Sequence[Description]) -> list[tuple[str, str, list[Description]]]:
        """Name, title (msgid) and its own of these cards for each family that has any, the easy ones first."""
        found = [
            (name, title, [each for each in cards if each["protocol"] in {one["name"] for one in members}])
            for name, title, members in self.families()
        ]
        return [
            (name, title, sorted(told, key=lambda each: each.get("level", 0))) for name, title, told in found if told
        ]

    def groups(self, scenarios: Sequence[Description]) -> list[tuple[Description, list[Description]]]:
        """Each protocol with its own of these scenarios, families side by side; without those that have none."""
        protocols = [protocol for _, _, members in self.families() for protocol in members]
        found = [(each, [told for told in scenarios if told["protocol"] == each["name"]]) for each in protocols]
        return [group for group in found if group[1]]

    def params(self) -> dict[str, Mapping[str, Mapping[str, Any]]]:
        """The tunables of each protocol."""
        return {str(protocol["name"]): protocol.get("params", {}) for protocol in self.protocols}


TOPICS: Mapping[str, tuple[str, ...]] = {
    N_("split brain"): (
        "at_most_one_leader",
        "election_safety",
        "one_primary",
        "lock_held",
        "two leaders",
        "two primaries",
    ),
    N_("stale read"): ("stale", "fresh_reads", "read_"),
    N_("linearizable, linearizability"): ("lineariz", "stale", "fresh_reads", "read_"),
    N_("snapshot, log compaction"): ("snapshot", "compaction", "installsnapshot"),
    N_("membership change, reconfiguration"): (" members", "membership", "joint consensus"),
    N_("network partition"): ("partition", "torn", "groups of"),
    N_("lost write, durability"): ("acknowledged", "durable", "disk"),
    N_("blocking"): ("in doubt", "block"),
    N_("crash and recovery"): ("crash", "restart"),
    N_("clock drift, lease"): ("clock_", "_clock", "a clock", "slow clock", "fast clock", " lease", "lease_"),
    N_("eventual consistency"): ("gossip", "anti-entropy", "converge"),
    N_("livelock, duel of proposers"): ("duel", "split vote", "a tie"),
}
"""What people look for, and the signs by which a card is about it: parts of its name, of what it says, and of the properties
and rules that it breaks or switches off, in English and in small letters."""


def topics_of(*signs: str) -> list[str]:
    """The topics (msgids) of a card with these signs."""
    whole = " ".join(signs).casefold()
    return [topic for topic, parts in TOPICS.items() if any(part in whole for part in parts)]


def _about(protocol: Protocol, told: Scenario | Lesson | Challenge) -> list[str]:
    """What a card is about beside what it says (msgids): titles of the rules and properties that it is made for, and topics."""
    properties = {p.name: p for p in protocol.properties}
    rules = [rule for rule, on in told.setup.rules.items() if not on]
    broken = list(told.breaks) if isinstance(told, Scenario) else []
    if isinstance(told, Challenge):
        rules += [told.impossible.rule] if told.impossible else []
        broken += [goal] if isinstance(goal := getattr(told.goal, "property", None), str) else []
    titles = [protocol.program.rules[rule].title for rule in rules]
    titles += [properties[name].title for name in broken if name in properties]
    beats = [text for beat in told.beats for text in (beat.title, beat.text)] if isinstance(told, Lesson) else []
    outcome = told.outcome if isinstance(told, Scenario) else ""
    return [*titles, *topics_of(told.name, told.title, told.text, outcome, *beats, *titles, *rules, *broken)]


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
        "about": _about(protocol, told),
    }
