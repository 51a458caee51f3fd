"""The monitor keeps what state each property was in, from which event on."""

from types import SimpleNamespace
from typing import Any

from server.properties import EVENTUALLY, HOLDS, WAITING, Monitor, Property


class Found:
    """Something is there."""


class Lost:
    """It is gone."""


class Present(Property):
    """Holds while something is there."""

    name = "present"
    kind = EVENTUALLY

    def on_found(self, *_: Any) -> str:
        return HOLDS

    def on_lost(self, *_: Any) -> str:
        return WAITING

    indications = {Found: on_found, Lost: on_lost}  # type: ignore[dict-item]


def told(*events: tuple[Any, ...]) -> list[Any]:
    """The transitions after events that indicate these, one after the other from 1 on."""
    monitor = Monitor((Present,))
    for seq, indications in enumerate(events, 1):
        monitor.observe(SimpleNamespace(seq=seq, indications=indications, host=None, prior=None), None)  # type: ignore[arg-type]
    return monitor.transitions["present"]


def test_each_change_of_state_is_kept_with_its_event() -> None:
    assert told((Found(),), (), (Lost(),)) == [(0, WAITING), (1, HOLDS), (3, WAITING)]


def test_an_event_that_takes_a_state_away_and_brings_it_back_changes_nothing() -> None:
    """A page that hears of changes alone must end with the same list as who has it from the beginning."""
    assert told((Found(),), (Lost(), Found())) == [(0, WAITING), (1, HOLDS)]
    assert told((Found(), Lost())) == [(0, WAITING)]
    assert told((Found(),), (Lost(), Found(), Lost())) == [(0, WAITING), (1, HOLDS), (2, WAITING)]
