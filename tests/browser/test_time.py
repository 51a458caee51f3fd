"""Time: pause, step, seek, run until, speed, branches, reload. What was seen once is seen again exactly."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.person import FRAMES, Person

STEPS = 4
SECOND_OF_FRAMES = 60


@pytest.mark.parametrize("panel", ["Network", "Feed"])
def test_forward_back_and_forward_again_shows_the_same(still: Callable[..., Person], panel: str) -> None:
    ann = still(width=1600, height=900)
    ann.open_tab(panel)
    ann.host(ann.leader()).press("Enter")
    ann.step(-1)
    back = [ann.settled()]
    for _ in range(STEPS):
        ann.step(-1)
        back.append(ann.settled())
    for picture in reversed(back[:-1]):
        ann.step(+1)
        ann.shows(picture)
    assert len({picture["event"] for picture in back}) == STEPS + 1
    assert len({picture["inspector"] + picture["panel"] for picture in back}) == STEPS + 1


def test_steps_that_are_seen_flying_end_at_the_same(still: Callable[..., Person]) -> None:
    ann = still(context={"reduced_motion": "no-preference"})
    ann.open_tab("Network")
    ann.step(-1)
    ann.page.evaluate(FRAMES, SECOND_OF_FRAMES)
    before = ann.settled()
    ann.step(-1)
    ann.step(+1)
    ann.shows(before)


def test_pause_means_now(enter: Callable[..., Person]) -> None:
    ann = enter()
    ann.fast()
    ann.leader()
    ann.page.get_by_role("button", name="Pause", exact=True).click()
    expect(ann.button("Play")).to_be_visible()
    before = ann.settled(), clock(ann)
    ann.page.evaluate(FRAMES, SECOND_OF_FRAMES)
    assert (ann.picture(), clock(ann)) == before
    ann.page.reload()
    ann.shows(before[0])
    assert clock(ann) == before[1]


def clock(person: Person) -> str:
    """The virtual time and the event's number as printed."""
    return person.page.get_by_role("toolbar", name=person.say("Time"), exact=True).get_by_role("paragraph").inner_text()


def test_a_reload_brings_back_exactly_the_present(still: Callable[..., Person], locale: str) -> None:
    ann = still(locale=locale)
    ann.act("n2", "Crash")
    ann.partition(["n1", "c1"], ["n3", "n4", "n5"])
    ann.request(key="k", value="v")
    for _ in range(3):
        ann.step(+1)
    ann.page.keyboard.press("Escape")
    ann.step(-1)
    before = ann.settled()
    ann.page.reload()
    ann.shows(before)
    assert ann.head > ann.at


def test_acting_in_the_past_makes_a_branch_and_the_old_one_can_be_chosen_again(still: Callable[..., Person]) -> None:
    ann = still()
    head = ann.head
    first = ann.settled(panel=False)
    for _ in range(3):
        ann.step(-1)
    ann.act("n1", "Crash")
    branches = ann.page.get_by_role("tree", name="Branches")
    expect(branches.get_by_role("treeitem")).to_have_count(2)
    expect(branches.get_by_role("treeitem").nth(1)).to_have_attribute("aria-current", "true")
    expect(ann.host("n1")).to_have_accessible_name(ann.anything("down"))
    assert ann.head == head - 3 + 1
    branches.get_by_role("treeitem").first.click()
    expect(ann.host("n1")).not_to_have_accessible_name(ann.anything("down"))
    expect(ann.timeline).to_have_attribute("aria-valuemax", str(head))
    ann.button("Live").click()
    ann.is_at(head)
    ann.page.keyboard.press("Escape")
    ann.shows(first)


def test_live_goes_to_the_newest_event(still: Callable[..., Person]) -> None:
    ann = still()
    head = ann.head
    ann.timeline.press("Home")
    ann.is_at(0)
    expect(ann.button("Previous event")).to_have_attribute("aria-disabled", "true")
    ann.button("Live").click()
    ann.is_at(head)


def test_the_room_runs_until_the_next_leader(still: Callable[..., Person]) -> None:
    ann = still()
    old = ann.leader()
    ann.act(old, "Crash")
    ann.run_until("the next leader is elected")
    new = ann.leader(other_than=old)
    assert newest(ann).startswith(f"{new} is the leader of term")


def newest(person: Person) -> str:
    """The sentence of the event that is shown."""
    row = person.feed.first
    expect(row).to_have_text(re.compile(rf"^{person.at}\D"), use_inner_text=True)
    return re.sub(r"^\d+\s+\S+ s\s+", "", row.inner_text())


def test_the_room_runs_until_the_next_commit(still: Callable[..., Person]) -> None:
    ann = still()
    ann.request(key="a", value="1")
    ann.run_until("the next entry is committed")
    assert re.match(r"Leader n\d commits up to #\d", newest(ann))


def test_the_room_runs_until_a_message_of_a_kind(still: Callable[..., Person]) -> None:
    ann = still()
    ann.act(ann.leader(), "Crash")
    ann.run_until("RequestVote")
    assert "its vote" in newest(ann)


def test_the_room_runs_until_a_time(still: Callable[..., Person]) -> None:
    ann = still()
    before = float(clock(ann).split()[0])
    ann.button("Run until…").click()
    dialog = ann.dialog("Run until …")
    dialog.get_by_role("textbox", name="Time, such as 12.5 s or +300 ms").fill("+0 ms")
    dialog.get_by_role("button", name="Run", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("has passed already")
    dialog.get_by_role("textbox", name="Time, such as 12.5 s or +300 ms").fill("+300 ms")
    ann.runs(dialog.get_by_role("button", name="Run", exact=True).click)
    ann.until(lambda: float(clock(ann).split()[0]), lambda now: abs(now - before - 0.3) < 0.0011, "the time")


def test_the_room_runs_until_a_property_breaks(enter: Callable[..., Person], locale: str) -> None:
    ann = enter(locale=locale, protocol="", scenario="vote_forgotten")
    ann.page.keyboard.press("v")
    ann.fast()
    expect(
        ann.page.get_by_role("alert").filter(has_text=ann.say("Paused: a property broke. Play goes on."))
    ).to_be_visible()
    expect(ann.button("Play")).to_be_visible()
    bad = ann.stands()
    broken = ann.say("“{property}” is broken at event {seq}.", property=ann.say("Election Safety"), seq=bad)
    alert = ann.page.get_by_role("alert").filter(has_text=broken)
    expect(alert).to_be_visible()
    ann.step(+1)
    alert.get_by_role("button", name=ann.say("Jump to the first bad event, {seq}", seq=bad), exact=True).click()
    ann.is_at(bad)
    broken = ann.open_tab("Properties").get_by_role("listitem").filter(has_text=ann.say("Election Safety"))
    expect(broken).to_contain_text(ann.say("broken"))


def test_the_speed_is_the_same_for_all(still: Callable[..., Person], locale: str) -> None:
    ann = still(locale=locale)
    bob = ann.invite(locale)
    mine, his = (each.page.get_by_role("slider", name=each.say("Speed"), exact=True) for each in (ann, bob))
    mine.press("Home")
    slowest = ann.say("{ratio}, {times} times slower", ratio="1:1000", times=1000)
    for slider in (mine, his):
        expect(slider).to_have_attribute("aria-valuetext", slowest)
    mine.press("ArrowRight")
    expect(mine).not_to_have_attribute("aria-valuetext", slowest)
    his.press("End")
    reason = "Only who has the controls moves the room. Look around alone: choose an event or step."
    expect(bob.page.get_by_role("status").filter(has_text=bob.say(reason)).first).to_be_visible()
    expect(mine).not_to_have_attribute("aria-valuetext", ann.say("real time, 1:1"))


def test_the_timeline_seeks_by_key_and_by_mouse(still: Callable[..., Person]) -> None:
    ann = still()
    head = ann.head
    ann.timeline.press("ArrowLeft")
    ann.is_at(head - 1)
    ann.timeline.press("End")
    ann.is_at(head)
    box = ann.timeline.bounding_box()
    assert box is not None
    ann.page.mouse.click(box["x"] + 14, box["y"] + box["height"] / 3)
    ann.until(lambda: ann.at, lambda at: at < 10, "the beginning")
