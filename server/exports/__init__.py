"""What can be taken away from a run as text: its events, for programs and for other tools.

A run's history is all that is needed, so these are pure functions, used by the shell and by the command line alike. Each
format is a generator of lines without their ends, made as they are asked for, over a span of events, both ends included:

    for line in FORMATS["shiviz"].lines(history, protocol, span(history, 1, 400, most), say):

`say` translates a msgid into the reader's language; without it, texts are English.

What was left out: OpenTelemetry and Jaeger, whose spans have a duration and one parent, while an event here is a moment
with as many causes as a vector clock has entries.
"""

from .formats import FORMATS, Format
from .jsonlines import json_lines
from .mermaid import mermaid
from .shiviz import SHIVIZ_REGEX, VectorClocks, shiviz
from .span import Span, file_name, span

__all__ = [
    "FORMATS",
    "SHIVIZ_REGEX",
    "Format",
    "Span",
    "VectorClocks",
    "file_name",
    "json_lines",
    "mermaid",
    "shiviz",
    "span",
]
