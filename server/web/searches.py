"""Searches for counterexamples that pages have ordered: each is `python -m server explore`, whose story the page tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from server.exploration.explore import Search
from server.exploration.fuzz import in_the_end
from server.properties import Witness
from server.simulation.texts import N_, Refused

from . import jobs
from .config import Limits
from .jobs import Bounds, Jobs

SYSTEMATIC = "systematic"
SECONDS_LOW, SECONDS_HIGH = 5, 120
STATES_MAX = 300_000
"""How many states a systematic search keeps here; a state takes up to a kilobyte."""

NO_ORDER = N_("This is no order for a search.")

Name = Annotated[str, Meta(max_length=64)]


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a page asks for."""

    protocol: Name
    without: Annotated[tuple[Name, ...], Meta(max_length=32)] = ()
    nodes: int | None = None
    """None: each run has a size of its own."""
    params: Annotated[dict[Name, bool | int | Name], Meta(max_length=64)] = {}
    wanted: Name | None = None
    """The property that is to break; None: any that is promised."""
    method: Literal["random", "systematic"] = "random"
    seconds: int = 30

    def search(self) -> Search:
        """What is looked for. Raises Refused."""
        off = tuple(dict.fromkeys(self.without))
        search = Search(self.protocol, off, self.nodes, self.wanted, self.params)
        found = search.found()
        if not SECONDS_LOW <= self.seconds <= SECONDS_HIGH:
            raise Refused(
                "bad_order", N_("Here a search takes {low} to {high} seconds; the command line takes more."),
                low=SECONDS_LOW, high=SECONDS_HIGH,
            )  # fmt: skip
        if self.method == SYSTEMATIC and in_the_end(found, search.judged):
            raise Refused(
                "bad_order",
                N_("{name} holds in the end or not, and a systematic search sees no end: choose random faults."),
                name=self.wanted,
            )
        if self.method == SYSTEMATIC and self.wanted == Witness.name:
            raise Refused(
                "bad_order",
                N_("A systematic search forgets how a state came about, so it can't judge what clients were answered: choose "
                   "random faults."),
            )  # fmt: skip
        return search


def order_from(data: Any) -> Order:
    """The order that plain data is, with its choices checked. Raises Refused."""
    try:
        order = msgspec.convert(data, Order)
    except msgspec.ValidationError:
        raise Refused("bad_order", NO_ORDER) from None
    order.search()
    return order


class Job(jobs.Job):
    """One search."""

    def words(self, processes: int) -> list[str]:
        """The command. Its words are names that the protocol knows, and numbers."""
        order = msgspec.convert(self.order, Order)
        words = ["explore", order.protocol, "--json-lines", f"--budget={order.seconds}s", f"--jobs={processes}"]
        words += [f"--without={rule}" for rule in dict.fromkeys(order.without)]
        words += [f"--set={name}={_setting(value)}" for name, value in order.params.items()]
        words += [f"--nodes={order.nodes}"] if order.nodes is not None else []
        words += [f"--property={order.wanted}"] if order.wanted is not None else []
        words += ["--systematic", f"--states={STATES_MAX}"] if order.method == SYSTEMATIC else []
        return words

    def hear(self, told: Mapping[str, Any]) -> None:
        """Takes a line; the last one is the report."""
        if "result" in told:
            self.progress = {**self.progress, "part": 1.0}
            told = {"report": told}
        super().hear(told)

    @property
    def complete(self) -> bool:
        """Whether it came to its end by itself."""
        return self.report is not None and not self.report["stopped"]


def _setting(value: bool | int | str) -> str:
    return ("off", "on")[value] if isinstance(value, bool) else str(value)


class Searches(Jobs[Job]):
    """All searches of the server."""

    TOO_MANY = ("too_many_searches", N_("Many searches are waiting already: try again in a minute."))
    UNKNOWN = ("unknown_search", N_("This search is not kept any more: begin it anew."))
    NOT_YOURS = ("not_yours", N_("Only who has begun a search can stop it."))

    kind = Job

    @staticmethod
    def bounds(limits: Limits) -> Bounds:
        """How much of it there may be."""
        return Bounds(
            limits.searches, limits.search_processes, limits.searches_waiting, limits.searches_kept,
            limits.search_s, limits.search_unwatched_s,
        )  # fmt: skip
