"""A node: a state machine with three inputs and four effects.

Inputs are a start, a message and a timer (a client has a fourth, a request). Effects are to send, to set a timer, to
cancel one, and to indicate: to tell the outside what was decided, and why. A node sees no socket, no wall clock and no
random generator; the same inputs give the same states and the same effects.

State is declared as fields of the class, `durable` or `volatile`, and nothing else is state:

    class Counter(Node):
        total = durable(0, N_("Total"), N_("The sum of all that was heard."))

        @on(Add)
        def on_add(self, m: Add, src: str) -> None: ...

A field holds a value that is replaced and never changed in place (`self.seen = {**self.seen, src: True}`), so a snapshot
of a node is one tuple. What a person may set before a run is a `param`; what may be switched off during one, a `rule`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from .addressed import draw_between, stream
from .values import Log

Handler = Callable[[Any, Any, str], None]
TimerHandler = Callable[[Any], None]
F = TypeVar("F", bound=Callable[..., None])


@dataclass(frozen=True)
class Field:
    """A declared field of a node's state."""

    default: Any
    label: str
    text: str
    durable: bool
    unless: str | None = None
    """The rule without which the field, though durable, is lost in a crash."""


Setting = int | bool | str
"""What a tunable is set to."""


@dataclass(frozen=True)
class Param:
    """A tunable: what a person may set before a run. Its form in the browser is drawn from this.

    `unit` is "µs", "count", "percent", "switch" or "choice". `low` and `high` are both allowed; of a choice they count
    nothing, and `choices` has its words with a label (msgid) each.
    """

    default: Setting
    low: int
    high: int
    unit: str
    title: str
    text: str
    choices: Mapping[str, str] = field(default_factory=dict)
    lively: int | None = None
    """What a search sets it to in half of its runs, where the default would leave something out; None: it does not."""
    not_below: str | None = None
    """The tunable that it must not be below, as the end of a span its beginning; None: it stands alone."""
    of_nodes: bool = False
    """Whether it counts nodes, of which there must be so many."""
    words: Mapping[int, str] = field(default_factory=dict)
    """Numbers that mean something else than so much of it, each with a sentence (msgid) that says what, by itself."""

    def takes(self, given: object) -> bool:
        """Whether it may be set so."""
        if isinstance(self.default, str):
            return isinstance(given, str) and given in self.choices
        if isinstance(self.default, bool):
            return isinstance(given, bool)
        return type(given) is int and self.low <= given <= self.high


@dataclass(frozen=True)
class Rule:
    """A line of the algorithm that can be switched off, to see what it was for."""

    title: str
    text: str
    cites: str
    needs: Mapping[str, Setting] = field(default_factory=dict)
    """How tunables must be set for the line to be part of the algorithm at all; without any it always is."""


def durable(default: Any, label: str, text: str, *, unless: str | None = None) -> Any:
    """Declares a field that survives a crash, unless the rule named `unless` is off."""
    return Field(default, label, text, durable=True, unless=unless)


def volatile(default: Any, label: str, text: str) -> Any:
    """Declares a field that a crash takes back to its default."""
    return Field(default, label, text, durable=False)


def param(
    default: int | bool, low: int, high: int, unit: str, title: str, text: str, *, lively: int | None = None,
    not_below: str | None = None, of_nodes: bool = False, words: Mapping[int, str] | None = None,
) -> Any:  # fmt: skip
    """Declares a tunable; see `Param`."""
    return Param(
        default, low, high, unit, title, text, lively=lively, not_below=not_below, of_nodes=of_nodes,
        words=dict(words or {}),
    )  # fmt: skip


def choice(default: str, choices: Mapping[str, str], title: str, text: str) -> Any:
    """Declares a tunable that is one of a few words, each with its label (msgid). Raises ValueError for another default."""
    if default not in choices:
        raise ValueError(f"{default} is none of {', '.join(choices)}")
    return Param(default, 0, 0, "choice", title, text, dict(choices))


def rule(title: str, text: str, *, cites: str, needs: Mapping[str, Setting] | None = None) -> Any:
    """Declares a switch for one line of the algorithm; on unless it is switched off.

    `needs` names the tunables that the line belongs to, each as it must be set: a search for what the line was for sets
    them so where nobody else did.
    """
    return Rule(title, text, cites, dict(needs or {}))


def on(message: type) -> Callable[[F], F]:
    """Marks the handler of a message type: `(self, message, src)`."""

    def mark(handler: F) -> F:
        handler.__dict__["handles_message"] = message
        return handler

    return mark


def on_timer(name: str) -> Callable[[F], F]:
    """Marks the handler of a timer: `(self)`."""

    def mark(handler: F) -> F:
        handler.__dict__["handles_timer"] = name
        return handler

    return mark


class Settings:
    """What all hosts of a run can read: the tunables, and which rules are on. One object a run."""

    def __init__(self, params: Mapping[str, Setting], rules: Mapping[str, bool], seed: int = 1) -> None:
        self.__dict__.update(params)
        self.__dict__.update(rules)
        self.run_seed = seed
        """Where the addresses of the nodes' draws begin."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


class Node:
    """The base of every program that runs on a host. Subclasses declare `messages`, fields and handlers."""

    __slots__ = ("id", "indicated", "now", "peers", "sends", "settings", "timings")
    # No "__dict__" here: the class that declares fields has one of the interpreter's own making, which is much faster
    # than one in a slot, as long as nobody asks for it. So the world reads fields by their names.

    messages: ClassVar[tuple[type, ...]] = ()
    """Every message type that it may receive. One without a handler fails when the class is made."""
    foreign: ClassVar[tuple[type, ...]] = ()
    """Message types that it sends and others handle."""

    fields: ClassVar[dict[str, Field]] = {}
    params: ClassVar[dict[str, Param]] = {}
    rules: ClassVar[dict[str, Rule]] = {}
    handlers: ClassVar[dict[type, Handler]] = {}
    timer_handlers: ClassVar[dict[str, TimerHandler]] = {}

    id: str
    peers: tuple[str, ...]
    """The other nodes of the cluster, in order; a client's peers are all nodes."""
    now: int
    """The host's own clock, µs. It may be wrong."""
    settings: Settings
    sends: list[tuple[str, Any]]
    timings: list[tuple[str, int, int]]
    indicated: list[Any]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.fields, cls.params, cls.rules = dict(cls.fields), dict(cls.params), dict(cls.rules)
        cls.handlers, cls.timer_handlers = dict(cls.handlers), dict(cls.timer_handlers)
        for name, member in list(vars(cls).items()):
            if isinstance(member, Field):
                cls.fields[name] = member
                delattr(cls, name)
            elif isinstance(member, Param):
                cls.params[name] = member
                setattr(cls, name, property(attrgetter(f"settings.{name}")))
            elif isinstance(member, Rule):
                cls.rules[name] = member
                setattr(cls, name, property(attrgetter(f"settings.{name}")))
            elif callable(member) and "handles_message" in getattr(member, "__dict__", {}):
                cls.handlers[member.handles_message] = member
            elif callable(member) and "handles_timer" in getattr(member, "__dict__", {}):
                cls.timer_handlers[member.handles_timer] = member
        cls._check_declarations()
        cls.snapshot = _reader(cls.fields)  # type: ignore[assignment, method-assign]

    @classmethod
    def _check_declarations(cls) -> None:
        """Raises TypeError where something declared names what does not exist."""
        for message in cls.messages:
            if message not in cls.handlers:
                raise TypeError(f"{cls.__name__} has no handler for {message.__name__}")
        for handled in cls.handlers:
            if cls.messages and handled not in cls.messages:  # without any it is a part, which another class completes
                raise TypeError(f"{cls.__name__} handles {handled.__name__}, which its messages do not name")
        for name, declared in cls.fields.items():
            if declared.unless is not None and declared.unless not in cls.rules:
                raise TypeError(f"{cls.__name__}.{name} depends on the rule {declared.unless}, which does not exist")
        for name, tunable in cls.params.items():
            if tunable.not_below is not None and tunable.not_below not in cls.params:
                raise TypeError(f"{cls.__name__}.{name} must not be below {tunable.not_below}, which does not exist")

    def __init__(self, id: str, peers: tuple[str, ...], settings: Settings, now: int = 0) -> None:
        self.id = id
        self.peers = peers
        self.settings = settings
        self.now = now
        self.sends = []
        self.timings = []
        self.indicated = []
        for name, declared in self.fields.items():
            setattr(self, name, declared.default)

    def __getstate__(self) -> tuple[Any, ...]:
        return (self.id, self.peers, self.settings, self.now, self.snapshot())

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        id, peers, settings, now, fields = state
        Node.__init__(self, id, peers, settings, now)
        for name, found in zip(self.fields, fields, strict=True):
            setattr(self, name, found)

    # Effects

    def send(self, dst: str, message: Any) -> None:
        """Puts a message on the link to `dst`. It may arrive once, twice, late or never."""
        self.sends.append((dst, message))

    def broadcast(self, message: Any) -> None:
        """Sends to every peer, in their order."""
        for peer in self.peers:
            self.sends.append((peer, message))

    def set_timer(self, name: str, low: int, high: int | None = None) -> None:
        """Sets the timer `name`, anew if it runs, to fire after `low` to `high` µs of the host's own clock."""
        self.timings.append((name, low, low if high is None else high))

    def cancel_timer(self, name: str) -> None:
        """Stops the timer `name`, if it runs."""
        self.timings.append((name, -1, -1))

    def indicate(self, indication: Any) -> None:
        """Tells the outside what was decided, and why."""
        self.indicated.append(indication)

    def draw(self, name: str, index: int, low: int, high: int) -> int:
        """The random number at the address (seed, node, `name`, `index`), in low .. high: always the same one.

        No effect and no state: a node counts its own draws, so that none depends on how many others there were.
        """
        return draw_between(stream(self.settings.run_seed, "draw", self.id, name), index, low, high)

    # Inputs

    def start(self) -> None:
        """Runs once when the host comes up, with the durable fields as they were left."""

    def step(self, message: Any, src: str) -> None:
        """Hands over a message."""
        self.handlers[type(message)](self, message, src)

    def fire(self, timer: str) -> None:
        """Tells that a timer has run out."""
        self.timer_handlers[timer](self)

    # State

    def snapshot(self) -> tuple[Any, ...]:
        """The values of the fields, in the order of their declaration."""
        return ()  # each subclass has one of its own making: see `_reader`

    def crash(self, *, disk_kept: bool) -> None:
        """Takes every field to its default, but for the durable ones where the disk was kept."""
        for name, declared in self.fields.items():
            survives = declared.durable and disk_kept
            if declared.unless is not None and not getattr(self.settings, declared.unless):
                survives = False
            if not survives:
                setattr(self, name, declared.default)


def _reader(names: Iterable[str]) -> Callable[[Any], tuple[Any, ...]]:
    """A function that reads those attributes of an object into a tuple.

    It is written out as source, as `dataclass` does it, since every event takes a snapshot: that is twice as fast as
    `operator.attrgetter`, and the names are identifiers of a class.
    """
    parts = "".join(f"self.{name}, " for name in names)
    read: Callable[[Any], tuple[Any, ...]] = eval(f"lambda self: ({parts})")  # noqa: S307 - nothing but attributes
    return read


class ClientNode(Node, ABC):
    """A program that issues operations. It lives outside the cluster, and its peers are all nodes."""

    @abstractmethod
    def request(self, operation: Any, to: str | None) -> None:
        """Takes an operation from outside, to be sent to node `to` first, or to whom it holds for the leader."""

    @abstractmethod
    def waiting(self) -> int:
        """How many operations it has taken and not finished."""


@dataclass(frozen=True)
class Program:
    """What the world needs to know of a protocol: what runs on its nodes, and on its clients."""

    name: str
    node: type[Node]
    client: type[ClientNode]
    parse_operation: Callable[[Mapping[str, Any]], Any]
    """Makes an operation of plain data. Raises Refused."""

    @property
    def params(self) -> dict[str, Param]:
        """The tunables of nodes and clients together."""
        return {**self.node.params, **self.client.params}

    @property
    def rules(self) -> dict[str, Rule]:
        """The rules of nodes and clients together."""
        return {**self.node.rules, **self.client.rules}


__all__ = [
    "ClientNode", "Field", "Log", "Node", "Param", "Program", "Rule", "Setting", "Settings",
    "choice", "durable", "on", "on_timer", "param", "rule", "volatile",
]  # fmt: skip
