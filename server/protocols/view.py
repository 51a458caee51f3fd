"""How a protocol is drawn: declared, not programmed.

A view binds fields of a node, of a message and of a log entry to channels of the picture. Values only, no expressions:
what must be computed is a property of the node, in Python, tested. `View.check` fails at import where a name is none.
Tones are names that the style sheet maps to a hue and a shape. Without a view everything is still drawn, as fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ..simulation import Node
from ..simulation.values import field_names

TONES = ("vote", "append", "client", "control")
SHAPES = ("circle", "square", "diamond", "triangle")


@dataclass(frozen=True)
class RoleView:
    """How a role looks: its word, its letter, the node's edge (plain, dashed, double) and an icon (crown) or none."""

    label: str
    letter: str
    edge: str = "plain"
    icon: str | None = None


@dataclass(frozen=True)
class NodeView:
    """Which field of a node is drawn on which channel; None leaves the channel empty."""

    fill: str | None = None
    """The term or ballot: hue and printed number."""
    role: str | None = None
    roles: Mapping[str, RoleView] = field(default_factory=dict)
    ring: str | None = None
    """The timer whose rest is the arc around the node."""
    quorum: str | None = None
    """Ids of nodes, drawn as dots in their places."""
    quorum_role: str | None = None
    """The dots are drawn only in this role."""
    target: str | None = None
    """A field that names another node: an arrow to it."""
    chips: tuple[str, ...] = ()


@dataclass(frozen=True)
class MessageView:
    """How a kind of message looks. `tone` is vote, append, client or control; `shape` is one of four."""

    label: str
    tone: str
    shape: str
    reply: str | None = None
    """A field that is true or false: drawn as + or -."""
    beads: str | None = None
    """A field that is a list: one bead an item; none makes it hollow and faint."""
    fill: str | None = None


@dataclass(frozen=True)
class Strip:
    """A panel with a log a node: `fill` and `label` are fields of an entry, the rest fields of a node."""

    field: str
    fill: str
    label: str
    commit: str | None = None
    next: str | None = None
    match: str | None = None
    kind: str = "strip"


@dataclass(frozen=True)
class Matrix:
    """A panel with a value for each pair: `field` is a dict by peer."""

    field: str
    kind: str = "matrix"


@dataclass(frozen=True)
class Fields:
    """A panel with all fields; there always is one."""

    kind: str = "fields"


@dataclass(frozen=True)
class View:
    """The picture of a protocol."""

    layout: str = "circle"
    node: NodeView = NodeView()
    messages: Mapping[type, MessageView] = field(default_factory=dict)
    panels: tuple[Strip | Matrix | Fields, ...] = (Fields(),)

    def check(self, node: type[Node]) -> None:
        """Raises ValueError where the view names a field, a timer or a message that the node does not have."""
        strips = [p for p in self.panels if isinstance(p, Strip)]
        named = [self.node.fill, self.node.role, self.node.quorum, self.node.target, *self.node.chips]
        named += [getattr(p, "field", None) for p in self.panels]
        named += [name for s in strips for name in (s.commit, s.next, s.match)]
        for name in named:
            if name is not None and name not in node.fields:
                raise ValueError(f"the view names {name}, which is no field of {node.__name__}")
        if self.node.ring is not None and self.node.ring not in node.timer_handlers:
            raise ValueError(f"the view names {self.node.ring}, which is no timer of {node.__name__}")
        if self.node.quorum_role is not None and self.node.quorum_role not in self.node.roles:
            raise ValueError(f"the view names {self.node.quorum_role}, which is no role of it")
        if self.messages:  # without a word about any of them, all are drawn alike
            for message in (*node.messages, *node.foreign):
                if message not in self.messages:
                    raise ValueError(f"the view says nothing of {message.__name__}")
        for message, view in self.messages.items():
            if view.tone not in TONES or view.shape not in SHAPES:
                raise ValueError(f"the view draws {message.__name__} in a tone or a shape that there is not")
            for name in (view.reply, view.beads, view.fill):
                if name is not None and name not in field_names(message):
                    raise ValueError(f"the view names {name}, which is no field of {message.__name__}")

    def message(self, cls: type) -> MessageView:
        """How a kind of message is drawn, also where the view says nothing of it."""
        return self.messages.get(cls) or MessageView(cls.__name__, "control", "circle")

    def describe(self) -> dict[str, Any]:
        """As plain data for the browser; messages are told with the protocol's."""
        return {"layout": self.layout, "node": asdict(self.node), "panels": [asdict(p) for p in self.panels]}
