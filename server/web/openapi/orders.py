"""The order of a comparison. `exploration.comparison` parses it, which knows no msgspec; a test holds the two together."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from server.exploration.comparison import CONTESTANTS_MAX
from server.exploration.comparison.plan import SPAN_LOW
from server.simulation import NODES_MAX

from ..compare import CONTESTANTS_MIN, SECONDS_MAX, SEEDS_MAX


class ContestantOrder(Struct):
    """A protocol with its settings."""

    protocol: str
    params: dict[str, bool | int | str] | None = None


class ComparisonOrder(Struct, forbid_unknown_fields=True):
    """What is to be compared: two to four protocols or tunings, on so many seeds of so many virtual seconds. `faults` names a
    built-in schedule, a scenario or a room.
    """

    contestants: Annotated[list[ContestantOrder], Meta(min_length=CONTESTANTS_MIN, max_length=CONTESTANTS_MAX)]
    sizes: Annotated[tuple[Annotated[int, Meta(ge=1, le=NODES_MAX)], ...], Meta(max_length=1)] = (5,)
    seeds: Annotated[int, Meta(ge=1, le=SEEDS_MAX)] = 20
    seconds: Annotated[float, Meta(ge=SPAN_LOW / 1_000_000, le=SECONDS_MAX)] = 20
    workload: str | None = None
    faults: dict[str, Any] | None = None
