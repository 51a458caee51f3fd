"""What can be opened: the protocols, scenarios and lessons, as the pages and the REST calls show them.

Plain data with message ids for texts; the layout is in `templates/gallery.html` and in the protocol's description.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.lessons import Lesson, Scenario
from server.protocols import PROTOCOLS, Protocol

Description = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Descriptions in the order in which they are shown."""

    protocols: Sequence[Description] = ()
    scenarios: Sequence[Description] = ()
    lessons: Sequence[Description] = ()

    def protocol(self, name: str) -> Description | None:
        """The protocol of that name."""
        return next((protocol for protocol in self.protocols if protocol["name"] == name), None)

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
    )


def _card(protocol: Protocol, told: Scenario | Lesson) -> dict[str, Any]:
    return {
        "name": told.name,
        "title": told.title,
        "text": told.text,
        "protocol": protocol.name,
        "nodes": told.setup.nodes,
        "picture": dict(told.picture),
    }
