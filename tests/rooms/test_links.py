"""A link brings a room back as it was, tells where it can't, and believes nothing."""

import copy
import random
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocols import PROTOCOLS, program, protocol
from server.rooms import Room, frames
from server.rooms.links import Link, Partly, check_of, differs_after, link_from
from server.rooms.lobby import find_told
from server.rooms.packing import pack, unpack
from server.rooms.tree import Tree, tree_of
from server.simulation import Given, Recording, Refused
from server.simulation.commands import Crash
from server.simulation.commands import Restart as Start
from tests.support.hall import BOSS, Hall, lobby
from tests.support.sessions import rounds

LOOK = {"select": {"kind": "host", "host": "n2"}, "panel": "inspector", "filter": "all"}


def drained(work: Generator[None, None, str]) -> str:
    """What work returns that yields."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return str(end.value)


def session(name: str, seed: int, number: int = 15, **what: Any) -> Hall:
    """A room in which somebody has done this and that."""
    hall = Hall(protocol=name, seed=seed, **({"clients": 2} if not what else {}))
    rounds(random.Random(f"link {name} {seed}"), hall, number)
    hall.does(frames.Pause)
    hall.tick()
    return hall


def read(text: str, **how: Any) -> Link:
    return link_from(text, program, find_told, **how)


def bare(tree: Tree) -> Tree:
    """Without what a link does not carry, as it carries it."""
    limbs = tuple(replace(limb, digest="") for limb in tree.limbs)
    return replace(tree, limbs=limbs, ratio=round(tree.ratio * 100) / 100)


def grown(link: Link, **how: Any) -> Room:
    room = lobby().plant(link.tree, BOSS)
    for _ in room.grow(link.tree, **how):
        pass
    return room


@pytest.mark.parametrize("name", PROTOCOLS)
def test_any_room_comes_back_from_a_link(name: str) -> None:
    room = session(name, 1).room
    branch = room.show.branch
    link = Link(tree_of(room, digests=False), LOOK, drained(check_of(branch.run.history, branch.head)))
    again = read(link.text())
    assert (again.tree, again.look, again.check) == (bare(link.tree), link.look, link.check)
    assert again.text() == link.text()
    back = grown(again).show
    assert back.branch.run.history.world(back.branch.cursor) == branch.run.history.world(branch.cursor)
    assert drained(check_of(back.branch.run.history, branch.head)) == link.check
    assert [each.run.recording for each in back.branches.all] == [each.run.recording for each in room.show.branches.all]


def test_half_a_lecture_fits_into_an_address() -> None:
    hall = Hall(protocol="raft", seed=7, clients=2)
    for number in range(30):
        node = f"n{number % 5 + 1}"
        hall.act(type="crash", node=node)
        hall.ticks(3)
        hall.act(type="restart", node=node, disk="kept")
        hall.ticks(3)
    text = Link(tree_of(hall.room, digests=False), LOOK, "A" * 38).text()
    assert len(tree_of(hall.room, digests=False).limbs[0].commands) == 60
    assert len(text) < 1_000


def test_what_is_as_usual_costs_nothing() -> None:
    text = Link(tree_of(Hall(protocol="raft").room, digests=False)).text()
    assert len(text) < 80
    assert set(unpack(text)) <= {"setup", "branches", "pace"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The plain data of a link to a room with two branches."""
    hall = Hall(protocol="raft", seed=3, clients=2, params={"think_time": 60_000})
    hall.does(frames.Speed, 1.0)
    hall.ticks(10)
    hall.act(type="crash", node="n1")
    hall.ticks(3)
    hall.does(frames.Seek, hall.room.show.branch.head // 2, None)
    hall.act(type="pause", node="n2")
    hall.ticks(3)
    hall.does(frames.Pause)
    hall.tick()
    branch = hall.room.show.branch
    assert branch.id == 1
    link = Link(tree_of(hall.room, digests=False), LOOK, drained(check_of(branch.run.history, branch.head)))
    data: dict[str, Any] = unpack(link.text())
    return data


def unknown_param(data: dict[str, Any]) -> None:
    data["setup"]["params"] = {"warp_factor": 9, "think_time": 60_000}


def bad_param(data: dict[str, Any]) -> None:
    data["setup"]["params"] = {"think_time": "never"}


def unknown_rule(data: dict[str, Any]) -> None:
    data["setup"]["rules"] = {"be_nice": False}


def unknown_act(data: dict[str, Any]) -> None:
    data["branches"][0]["commands"][0]["command"] = {"type": "teleport", "node": "n1"}


def unknown_name(data: dict[str, Any]) -> None:
    data["weather"] = {"rain": True}


def unknown_name_in_a_branch(data: dict[str, Any]) -> None:
    data["branches"][1]["colour"] = "red"


def unknown_story(data: dict[str, Any]) -> None:
    data["origin"], data["origin_name"] = "scenario", "the_flood"


def changed_story(data: dict[str, Any]) -> None:
    data["origin"], data["origin_name"] = "scenario", protocol("raft").scenarios()[0].name


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (unknown_param, "no tunable"), (bad_param, "can't be"), (unknown_rule, "no rule"), (unknown_act, "teleport"),
        (unknown_name, "weather"), (unknown_name_in_a_branch, "colour"), (unknown_story, "the_flood"),
        (changed_story, "has changed"),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)  # fmt: skip
def test_what_is_not_known_here_is_named_and_can_be_left_out(
    document: dict[str, Any], change: Callable[[dict[str, Any]], None], told: str
) -> None:
    data = copy.deepcopy(document)
    change(data)
    text = pack(data)
    with pytest.raises(Partly) as partly:
        read(text)
    said = " ".join(sentence.format(**args) for sentence, args in partly.value.parts)
    assert told in said
    link = read(text, anyway=True)
    assert link.check == "", "it can't become what it was"
    show = grown(link, forgiving=True).show
    assert show.branch.id == 1
    assert show.branch.run.history.events


HOPELESS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no set-up": lambda d: d.pop("setup"),
    "no branches": lambda d: d.pop("branches"),
    "no branch at all": lambda d: d.update(branches=[]),
    "a branch without a parent": lambda d: d["branches"][1].update(parent=7),
    "shown is none": lambda d: d.update(shown=5),
    "ten nodes": lambda d: d["setup"].update(nodes=10),
    "a list as set-up": lambda d: d.update(setup=[]),
    "a protocol that is none": lambda d: d["setup"].update(protocol="telepathy"),
    "no protocol": lambda d: d["setup"].pop("protocol"),
    "backwards": lambda d: d["branches"][0].update(head=-1),
    "endless": lambda d: d["branches"][0].update(head=10**15),
    "a pace that is none": lambda d: d.update(pace="fast"),
    "no pace": lambda d: d.update(pace=0),
    "a check that is none": lambda d: d.update(check=5),
    "commands that are none": lambda d: d["branches"][0].update(commands="crash"),
    "a command that is none": lambda d: d["branches"][0].update(commands=["crash"]),
    "a name that is none": lambda d: d["branches"][0].update(name="\u202e"),
    "a look that is none": lambda d: d.update(look="left"),
    "params that are none": lambda d: d["setup"].update(params=[1]),
    "a place in no lesson": lambda d: d.update(place=[]),
}


@pytest.mark.parametrize("wrong", HOPELESS)
def test_what_makes_no_sense_is_refused(document: dict[str, Any], wrong: str) -> None:
    data = copy.deepcopy(document)
    HOPELESS[wrong](data)
    with pytest.raises(Refused) as refused:
        read(pack(data), anyway=True)
    assert refused.value.text


NUMBERS = st.integers(-5, 10**15)
VALUES = st.none() | st.booleans() | NUMBERS | st.text(max_size=5) | st.lists(NUMBERS, max_size=3) | st.just({})


@given(data=st.data())
def test_no_link_does_more_than_be_refused(data: st.DataObject, document: dict[str, Any]) -> None:
    """Somewhere in it stands something else; what can still be read can be written again."""
    told: Any = copy.deepcopy(document)
    at = told
    while True:
        key = data.draw(st.sampled_from(sorted(at)) if isinstance(at, dict) else st.integers(0, len(at) - 1))
        if not isinstance(at[key], dict | list) or not at[key] or data.draw(st.booleans()):
            break
        at = at[key]
    at[key] = data.draw(VALUES)
    try:
        link = read(pack(told))
    except Refused:
        return
    assert read(link.text()) == link


# ---- another version -------------------------------------------------------------------------------------------------


def check(recording: Recording, events: int) -> str:
    run = protocol(recording.protocol).run(recording)
    run.advance(10**9, most=events)
    return drained(check_of(run.history, events))


def test_a_check_tells_from_where_on_a_run_is_another_one() -> None:
    one = Recording("raft", seed=5)
    same = check(one, 600)
    assert differs_after(same, check(one, 600), 600) is None
    run = protocol("raft").run(one)
    run.advance(10**9, most=320)
    other = one.with_commands((Given(run.now, 0, Crash("n1")), Given(run.now + 5, 0, Start("n1", "kept"))))
    assert differs_after(same, check(other, 600), 600) == 300
    assert differs_after(same, check(replace(one, seed=6), 600), 600) == 0
    assert differs_after(same, "?", 600) == 0
    assert differs_after(same, "", 600) == 0


def test_a_run_that_became_shorter_is_shown_as_far_as_it_goes(document: dict[str, Any]) -> None:
    """As after a change of the program: what is told of heads and times is no longer so."""
    data = copy.deepcopy(document)
    for limb in data["branches"]:
        limb["cursor"], limb["shown_time"] = limb.get("cursor", limb["head"]), limb.get("shown_time", limb["time"])
    data["branches"][0]["time"] += 900_000
    data["branches"][0]["shown_time"] = data["branches"][0]["time"]
    data["branches"][1]["head"] += 3_000
    data["setup"]["params"] = {"think_time": 0}
    link = read(pack(data))
    with pytest.raises(Refused):
        grown(link)
    show = grown(link, forgiving=True).show
    assert show.branch.id == 1
    assert show.branch.cursor <= show.branch.head
