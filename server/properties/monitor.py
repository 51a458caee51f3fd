"""The monitor: watches a run and keeps what state each property was in, from which event on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..simulation import Cluster, Event
from ..simulation.events import COMMAND
from .property import ALWAYS, BROKEN, Property

Transition = tuple[int, str]
"""From event `seq` on, the property is in `state`."""

TRANSITIONS_MAX = 2_000
"""How many changes of one property are kept; of more, the oldest but the first go."""


class Monitor:
    """An observer of a run: tells every property what it asks for, in a fixed order."""

    def __init__(self, properties: Iterable[type[Property]]) -> None:
        self.properties = tuple(cls() for cls in properties)
        self._known: dict[str, dict[str, Any]] = {}
        self.transitions: dict[str, list[Transition]] = {p.name: [(0, p.first_state())] for p in self.properties}
        self._broken: list[tuple[int, str]] = []
        """The broken properties; a search asks for them after every event."""
        self._index()

    def _index(self) -> None:
        # A search asks after every event, and of dozens of properties nearly always none is broken.
        self._broken = [(t[-1][0], name) for name, t in self.transitions.items() if t[-1][1] == BROKEN]
        self._by_indication: dict[type, list[tuple[Property, Any]]] = {}
        self._by_field: dict[str, list[tuple[Property, Any]]] = {}
        self._by_command: list[tuple[Property, Any]] = []
        for prop in self.properties:
            for kind, watcher in prop.indications.items():
                self._by_indication.setdefault(kind, []).append((prop, watcher))
            for field, watcher in prop.fields.items():
                self._by_field.setdefault(field, []).append((prop, watcher))
            if type(prop).on_down is not None:
                self._by_command.append((prop, type(prop).on_down))

    def __getstate__(self) -> tuple[Any, ...]:
        return (self.properties, self.transitions, self._known, self._broken)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.properties, self.transitions, self._known, self._broken = state
        self._index()

    def observe(self, event: Event, cluster: Cluster) -> None:
        """Tells the properties of an event."""
        if event.indications:
            by_indication = self._by_indication
            for indication in event.indications:
                watchers = by_indication.get(type(indication))
                if watchers:
                    for prop, watcher in watchers:
                        judged = watcher(prop, indication, event, cluster)
                        if judged is not None:
                            self._judge(prop, judged, event)
        host, prior = event.host, event.prior
        if host is None:
            return
        if event.kind == COMMAND:
            for prop, watcher in self._by_command:
                judged = watcher(prop, host, event, cluster)
                if judged is not None:
                    self._judge(prop, judged, event)
        if prior is None or event.state is None or event.state is not prior.state:
            self._observe_fields(host, event, cluster)

    def _observe_fields(self, host: str, event: Event, cluster: Cluster) -> None:
        """Tells the properties which of the fields that they watch are others now."""
        known = self._known.get(host)
        if known is None:
            known = self._known[host] = self._first_values(host, cluster)
        node = cluster.hosts[host].node
        for field in known:
            found = getattr(node, field)
            if found is not known[field]:
                known[field] = found
                for prop, watcher in self._by_field[field]:
                    judged = watcher(prop, found, event, cluster)
                    if judged is not None:
                        self._judge(prop, judged, event)

    def _first_values(self, host: str, cluster: Cluster) -> dict[str, Any]:
        """The watched fields of a host with their defaults; a client has none."""
        if host not in cluster.nodes:
            return {}
        declared = cluster.program.node.fields
        return {field: declared[field].default for field in self._by_field}

    def _judge(self, prop: Property, state: str, event: Event) -> None:
        transitions = self.transitions[prop.name]
        last = transitions[-1][1]
        if last in (state, BROKEN):  # what is broken stays broken
            return
        if transitions[-1][0] == event.seq:
            transitions.pop()
        if transitions[-1][1] != state:  # one event may take a state away and bring it back
            transitions.append((event.seq, state))
        if state == BROKEN:
            self._broken.append((event.seq, prop.name))
        if len(transitions) > TRANSITIONS_MAX:
            del transitions[1]

    def state(self, name: str) -> str:
        """The state of a property now."""
        return self.transitions[name][-1][1]

    def broken(self) -> list[tuple[str, int]]:
        """The broken properties, each with the first bad event, in the order of these events."""
        return [(name, seq) for seq, name in sorted(self._broken)] if self._broken else []

    def broken_at(self, seq: int) -> tuple[str, ...]:
        """The properties that broke at an event, by name."""
        return tuple(sorted([name for at, name in self._broken if at == seq])) if self._broken else ()

    def never_seen(self) -> list[str]:
        """The properties, other than *always*, that never came to hold."""
        return [p.name for p in self.properties if p.kind != ALWAYS and len(self.transitions[p.name]) == 1]
