"""Nobody loses anything when the server is killed, and the test would notice if somebody did. Whole in `make bench`."""

from __future__ import annotations

from pathlib import Path

from tests.web.killing import besieged, shaken


def test_a_server_that_is_killed_again_and_again_loses_nothing_that_anybody_saw(tmp_path: Path) -> None:
    account = besieged(tmp_path, viewers=20, kills=5)
    assert account.wrong == 0, account.faults
    assert account.updates > 200
    assert account.resumed + account.reloaded == 100
    assert account.resumed > 20
    assert account.acts > 5


def test_one_that_shows_before_it_saves_is_found_out(tmp_path: Path) -> None:
    # A kill has to come between what is shown and what is saved, which on a loaded machine not each does.
    sieges = (besieged(tmp_path / str(number), "hasty", viewers=10, kills=2) for number in range(8))
    assert any(account.losses > 0 for account in sieges)


def test_lines_that_break_lose_nothing(tmp_path: Path) -> None:
    account = shaken(tmp_path, viewers=10, times=60)
    assert account.wrong == 0, account.faults
    assert account.resumed > 40
