"""JSON Lines: one event a line, as the browser is told it and as `simulate --format jsonl` prints it.

| field | meaning |
|---|---|
| `seq` | number of the event, from 1 |
| `time` | virtual time, µs |
| `kind` | `start`, `deliver`, `timer`, `lost` or `command` |
| `cause` | the event that sent the message or set the timer; 0: none |
| `host` | the host it touched; null: none (a loss, a partition) |
| `message` | of `deliver` and `lost`: `id`, `src`, `dst`, `type`, `body`, `of` (id of the original of a duplicate), `sent` (µs), `sent_seq`, `leg` (µs; when the present leg of its way began), `place` (where that was, in thousandths of the way), `due` (µs), `left` (µs still to go once its link lets it pass) |
| `reason` | of `lost`: `loss`, `cut`, `partition`, `down` |
| `timer` | of `timer`: its name |
| `command`, `by`, `by_kind` | of `command`: what was done, by whom, and whether that is a `person`, the `scenario` or the `lesson` |
| `sent` | messages that went off, each like `message` |
| `lost` | messages that never flew: `message` and `reason` |
| `changes` | what else changed, each with its before and after: `["state", host, field, before, after]`, `["log", host, field, kept, removed, added]`, `["timer", host, name, before, after]`, and those of the world |
| `indications` | what the host decided: `type` and the fields of that type |

A field that an event does not have is left out. Keys are sorted and there are no spaces, so equal events are equal lines.
"""  # noqa: E501 - a row of a table is a line

from __future__ import annotations

from collections.abc import Iterator

from ..protocols import Protocol
from ..protocols.narrate import Say
from ..simulation import History, encode
from .span import Span


def json_lines(history: History, _protocol: Protocol, chosen: Span, _say: Say = str) -> Iterator[str]:
    """One event a line. It is for programs, and so in no language."""
    for seq in range(chosen.first, chosen.last + 1):
        yield encode(history.tell(seq))
