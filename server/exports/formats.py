"""The formats by name, and how much of each may be asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..protocols import Protocol
from ..protocols.narrate import Say
from ..simulation import History
from .jsonlines import json_lines
from .mermaid import mermaid
from .shiviz import shiviz
from .span import Span

Lines = Callable[[History, Protocol, Span, Say], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Format:
    """A text that events can be taken away as, in UTF-8."""

    lines: Lines
    extension: str
    content_type: str
    events_max: int
    """Of a file; a room offers no more than `Limits.events_kept_max`."""


FORMATS: dict[str, Format] = {
    "jsonl": Format(json_lines, "jsonl", "application/jsonl", 1_000_000),
    "shiviz": Format(shiviz, "log", "text/plain", 1_000_000),
    # Mermaid refuses texts of more than 50,000 letters, and nobody reads so long a diagram.
    "mermaid": Format(mermaid, "mmd", "text/vnd.mermaid", 400),
}
