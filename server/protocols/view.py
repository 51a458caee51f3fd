"""How a protocol is drawn: declared, not programmed.

A view binds fields of a node, of a message and of a log entry to channels of the picture. Values only, no expressions:
what must be computed is a property of the node, in Python, tested. `View.check` fails at import where a name is none.
Tones are names that the style sheet maps to a hue and a shape. Without a view everything is still drawn, as fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from dataclasses import field as field_of
from typing import Any

from ..simulation import Node
from ..simulation.values import field_names
from .forms import Never

TONES = ("vote", "append", "client", "control")
SHAPES = ("circle", "square", "diamond", "triangle")
LAYOUTS = ("circle", "star", "columns", "line")
EDGES = ("plain", "dashed", "double", "faint")
QUORUMS = ("majority", "all")
NEWS = ("good", "bad", "wait", "neutral")
"""Tones of a table's cells: final as wished, final otherwise, not yet known, nothing special."""


@dataclass(frozen=True)
class RoleView:
    """How a role looks: its word, its letter, the node's edge (one of `EDGES`) and an icon (crown) or none."""

    label: str
    letter: str
    edge: str = "plain"
    icon: str | None = None


@dataclass(frozen=True)
class NodeView:
    """Which field of a node is drawn on which channel; None leaves the channel empty."""

    fill: str | None = None
    """The term or ballot: hue and what is printed."""
    role: str | None = None
    roles: Mapping[str, RoleView] = field_of(default_factory=dict)
    ring: str | None = None
    """The timer whose rest is the arc around the node."""
    quorum: str | None = None
    """Ids of nodes, drawn as dots in their places."""
    quorum_role: str | tuple[str, ...] | None = None
    """The dots are drawn only in this role, or in these."""
    quorum_of: str | None = None
    """How many dots are needed: the majority of all nodes, or all; None: that is not said."""
    electorate: str | None = None
    """A field with groups of nodes: whose votes count, a majority of each group; none: all nodes. Others get no dot."""
    standing: str | None = None
    """A field with what a node is in the cluster, such as a learner."""
    standings: Mapping[str, RoleView] = field_of(default_factory=dict)
    """For what it may be: how that looks, in the place of a role whose edge is plain."""
    target: str | None = None
    """A field that names another node: an arrow to it."""
    successor: str | None = None
    """A field that names the neighbour it sends to: the arrows make the ring on which messages go around."""
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
    hollow: str | None = None
    """What one without beads is called (msgid), such as a heartbeat."""
    after: tuple[str, str] | None = None
    """Its beads are to follow an entry of the receiver's log: the fields with that entry's index and its `Strip.fill`.
    What stands there and will go is struck through while the message flies."""
    never: Never = field_of(default_factory=dict)
    """The tunables with which nobody sends it: then a legend has nothing to say of it."""


@dataclass(frozen=True)
class Strip:
    """A panel with a log a node: `label`, `fill`, `settled` and `gap` are fields of an entry, the rest of a node."""

    field: str
    label: str
    fill: str | None = None
    """A number with a hue: the term or ballot of the entry."""
    commit: str | None = None
    """How many entries, from the first on, are final."""
    next: str | None = None
    match: str | None = None
    settled: str | None = None
    """True where the entry by itself is final, whatever stands before it."""
    gap: str | None = None
    """True where nothing stands at this place yet."""
    snapshot: str | None = None
    """What stands in the place of entries that are gone (`Log.start`), where a protocol compacts its logs."""
    title: str | None = None
    kind: str = "strip"


@dataclass(frozen=True)
class Table:
    """A panel with a row for each key of a dict and a column for each node: `field` is that dict.

    A cell shows the value, or where that is an object its field `label`, and small beside it its field `note`. `words`
    gives a label (msgid) and `tones` a tone to what a cell says. Cells of a row that differ are marked.
    """

    field: str
    title: str
    label: str | None = None
    note: str | None = None
    words: Mapping[str, str] = field_of(default_factory=dict)
    tones: Mapping[str, str] = field_of(default_factory=dict)
    kind: str = "table"


@dataclass(frozen=True)
class Matrix:
    """A panel with a value for each pair: a row for each node, a column for each peer in its dict `field`."""

    field: str
    title: str | None = None
    kind: str = "matrix"


@dataclass(frozen=True)
class Fields:
    """A panel with all fields; there always is one."""

    kind: str = "fields"


@dataclass(frozen=True)
class Roster:
    """What the nodes go by and may have different versions of, such as who is a member: told in words over the picture.

    `field` is a node's field; what is in it has the names of nodes in `parts`, each with its label (msgid), in the order
    in which they are told. `beside` has other labels for parts while another part has names in it: the label of the
    voters is "new voters" while there are outgoing ones. `usual` is the part in which all nodes are, by themselves, as
    long as nothing was changed.
    """

    field: str
    title: str
    parts: Mapping[str, str]
    usual: str
    beside: Mapping[str, tuple[str, str]] = field_of(default_factory=dict)


@dataclass(frozen=True)
class View:
    """The picture of a protocol."""

    layout: str = "circle"
    node: NodeView = NodeView()
    messages: Mapping[type, MessageView] = field_of(default_factory=dict)
    panels: tuple[Strip | Table | Matrix | Fields, ...] = (Fields(),)
    roster: Roster | None = None

    def check(self, node: type[Node]) -> None:
        """Raises ValueError where the view names a field, a timer, a message or a look that there is not."""
        self._check_words()
        strips = [p for p in self.panels if isinstance(p, Strip)]
        named = [self.node.fill, self.node.role, self.node.quorum, self.node.target, self.node.successor]
        named += [self.node.electorate, self.node.standing]
        named += [*self.node.chips, self.roster.field if self.roster is not None else None]
        named += [getattr(p, "field", None) for p in self.panels]
        named += [name for s in strips for name in (s.commit, s.next, s.match, s.snapshot)]
        for name in named:
            if name is not None and name not in node.fields:
                raise ValueError(f"the view names {name}, which is no field of {node.__name__}")
        if self.roster is not None and not {self.roster.usual, *self.roster.beside} <= set(self.roster.parts):
            raise ValueError("the view names a part of the roster that it does not label")
        if self.node.ring is not None and self.node.ring not in node.timer_handlers:
            raise ValueError(f"the view names {self.node.ring}, which is no timer of {node.__name__}")
        asking = self.node.quorum_role or ()
        for role in (asking,) if isinstance(asking, str) else asking:
            if role not in self.node.roles:
                raise ValueError(f"the view names {role}, which is no role of it")
        if self.messages:  # without a word about any of them, all are drawn alike
            for message in (*node.messages, *node.foreign):
                if message not in self.messages:
                    raise ValueError(f"the view says nothing of {message.__name__}")
        for message, view in self.messages.items():
            if view.tone not in TONES or view.shape not in SHAPES:
                raise ValueError(f"the view draws {message.__name__} in a tone or a shape that there is not")
            for name in (view.reply, view.beads, view.fill, *(view.after or ())):
                if name is not None and name not in field_names(message):
                    raise ValueError(f"the view names {name}, which is no field of {message.__name__}")

    def _check_words(self) -> None:
        tables = [p for p in self.panels if isinstance(p, Table)]
        for word, known in (
            (self.layout, LAYOUTS),
            *((role.edge, EDGES) for role in (*self.node.roles.values(), *self.node.standings.values())),
            *((tone, NEWS) for table in tables for tone in table.tones.values()),
            *((quorum, QUORUMS) for quorum in (self.node.quorum_of,) if quorum is not None),
        ):
            if word not in known:
                raise ValueError(f"the view says {word}, which is none of {', '.join(known)}")

    def message(self, cls: type) -> MessageView:
        """How a kind of message is drawn, also where the view says nothing of it."""
        return self.messages.get(cls) or MessageView(cls.__name__, "control", "circle")

    def describe(self) -> dict[str, Any]:
        """As plain data for the browser; messages are told with the protocol's."""
        return {
            "layout": self.layout, "node": asdict(self.node), "panels": [asdict(p) for p in self.panels],
            "roster": None if self.roster is None else asdict(self.roster),
        }  # fmt: skip
