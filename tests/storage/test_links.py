"""Links that are kept: found again, bounded, forgotten in the right order."""

import datetime
import re

import pytest
import sqlalchemy as sa

from server.simulation import Refused
from server.storage import Store, Worker
from server.storage.schema import links, now
from server.web.config import Config, Limits
from server.web.keptlinks import KeptLinks
from server.web.linkorders import NAME

DAY = datetime.timedelta(days=1)


class Shelf:
    """Kept links, and a hand that turns their time back."""

    def __init__(self, address: str, **limits: int) -> None:
        self.store = Store(address)
        self.store.open()
        self.kept = KeptLinks(
            Config(secret_key=b"k" * 32, limits=Limits(**limits)), Worker(self.store, lambda call: call())
        )

    def age(self, name: str, days: int) -> None:
        """As if nobody had followed a link for so long."""
        self.store.write(
            lambda c: c.execute(sa.update(links).where(links.c.id == name).values(used=now() - days * DAY))
        )

    def idle(self, name: str) -> datetime.timedelta:
        return self.store.read(
            lambda c: now() - c.execute(sa.select(links.c.used).where(links.c.id == name)).scalar_one()
        )

    def has(self, name: str) -> bool:
        try:
            return bool(self.kept.find(name))
        except Refused:
            return False


def test_a_link_has_one_name_and_is_found_by_it(address: str) -> None:
    shelf = Shelf(address)
    name = shelf.kept.keep("1abc")
    assert re.match(NAME, name)
    assert shelf.kept.keep("1abc") == name
    assert shelf.kept.keep("1abd") != name
    assert shelf.kept.find(name) == "1abc"
    with pytest.raises(Refused) as refused:
        shelf.kept.find("a" * 12)
    assert refused.value.code == "unknown_link"
    other = KeptLinks(Config(secret_key=b"other" * 8), Worker(shelf.store, lambda call: call()))
    assert other.name_of("1abc") != name, "without the secret nobody can tell the name"


def test_a_link_that_is_followed_stays(address: str) -> None:
    shelf = Shelf(address, link_days=10)
    used, unused = shelf.kept.keep("1used"), shelf.kept.keep("1unused")
    for name in (used, unused):
        shelf.age(name, 9)
    assert shelf.has(used)
    assert shelf.idle(used) < DAY
    shelf.age(unused, 11)
    shelf.kept.keep("1another")
    assert shelf.has(used)
    assert not shelf.has(unused)


@pytest.mark.parametrize("limits", [{"links_kept": 3}, {"link_bytes": 18}], ids=str)
def test_who_keeps_too_many_pushes_out_nothing_that_is_in_use(address: str, limits: dict[str, int]) -> None:
    shelf = Shelf(address, **limits)
    forgotten, older, used = (shelf.kept.keep(f"1text{number}") for number in range(3))
    shelf.age(forgotten, 90)
    shelf.age(older, 20)
    new = shelf.kept.keep("1text9")
    assert [shelf.has(name) for name in (forgotten, older, used, new)] == [False, True, True, True]
    with pytest.raises(Refused) as refused:
        shelf.kept.keep("1text8")
    assert refused.value.code == "too_many_links"
    assert shelf.has(new)


def test_a_database_that_is_away_is_a_sentence(address: str) -> None:
    shelf = Shelf(address)
    name = shelf.kept.keep("1abc")
    shelf.store.close()
    for act in (lambda: shelf.kept.keep("1abc"), lambda: shelf.kept.find(name)):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "busy"
