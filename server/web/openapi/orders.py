"""What is sent with a call and parsed by something else than one Struct. What is said to a room are the frames of the sockets
without their number (`wire.read_call`), and so their shapes are made of those. The order of a comparison is parsed by
`exploration.comparison`, which knows no msgspec; a test holds the two together.
"""

from __future__ import annotations

from typing import Annotated, Any, Union

from msgspec import NODEFAULT, UNSET, Meta, Struct, defstruct
from msgspec.structs import FieldInfo, fields

from server.exploration.comparison import CONTESTANTS_MAX
from server.exploration.comparison.plan import SPAN_LOW
from server.simulation import NODES_MAX

from ..compare import CONTESTANTS_MIN, SECONDS_MAX, SEEDS_MAX
from ..shapes import FRAMES, FrameShape, Shape
from ..wire import NOT_CALLED


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


def _without_number(tag: str, shape: type[FrameShape]) -> type[Struct]:
    """The same frame as a call says it."""
    kept = [field for field in fields(shape) if field.name != "id"]
    names = {field.name: field.encode_name for field in kept if field.name != field.encode_name}
    return defstruct(
        "Say" + "".join(word.capitalize() for word in tag.split("_")), [_field(field) for field in kept], bases=(Shape,),
        tag_field="type", tag=tag, rename=names or None, namespace={"__doc__": shape.__doc__},
    )  # fmt: skip


def _field(field: FieldInfo) -> Any:
    default = UNSET if field.default is NODEFAULT else field.default
    return (field.name, field.type) if default is UNSET else (field.name, field.type, default)


Act: Any = Union[tuple(_without_number(tag, shape) for tag, shape in FRAMES.items() if tag != NOT_CALLED)]  # noqa: UP007
