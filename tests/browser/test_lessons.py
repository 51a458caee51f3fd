"""The lesson is told beat by beat to its end, can be left and entered again; scenarios play to their outcome."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.person import Person

BEATS = 9


def lesson_of(person: Person) -> Locator:
    """The card of the lesson."""
    return person.region("Lesson")


def go_on(person: Person) -> None:
    """Waits until the beat has come true, and asks for the next one."""
    button = lesson_of(person).get_by_role("button", name=person.say("Next"), exact=True)
    expect(button).to_have_attribute("aria-disabled", "false", timeout=30_000)
    button.click()


def is_told(person: Person, beat: int) -> None:
    """Waits until that beat is told."""
    expect(lesson_of(person)).to_contain_text(person.say("beat {n} of {all}", n=beat, all=BEATS))


def in_real_time(person: Person) -> None:
    """Beats bring their own speed; who knows the lesson goes faster."""
    speed = person.page.get_by_role("slider", name=person.say("Speed"), exact=True)
    if speed.get_attribute("aria-valuetext") != person.say("real time, 1:1"):
        speed.press("End")


@pytest.mark.parametrize("locale", ["zh"])
def test_the_lesson_is_told_to_its_end(enter: Callable[..., Person], locale: str) -> None:
    ann = enter(locale=locale, protocol="", lesson="why_raft_needs_terms")
    seen = []
    for beat in range(1, BEATS):
        is_told(ann, beat)
        seen.append(lesson_of(ann).get_by_role("heading", level=3).inner_text())
        in_real_time(ann)
        go_on(ann)
    is_told(ann, BEATS)
    end = lesson_of(ann).get_by_role("button", name=ann.say("The end"), exact=True)
    expect(end).to_have_attribute("aria-disabled", "true")
    expect(lesson_of(ann)).to_contain_text(ann.say("This was the last beat."))
    assert len(set(seen)) == BEATS - 1


def test_a_lesson_is_left_at_a_beat_and_entered_again_exactly_there(enter: Callable[..., Person]) -> None:
    ann = enter(protocol="", lesson="why_raft_needs_terms")
    for beat in (1, 2):
        is_told(ann, beat)
        in_real_time(ann)
        go_on(ann)
    is_told(ann, 3)
    lesson_of(ann).get_by_text("All beats").click()
    later = lesson_of(ann).get_by_role("listitem").nth(5).get_by_role("button")
    expect(later).to_have_attribute("aria-disabled", "true")
    told = come_true(ann)
    lesson_of(ann).get_by_role("button", name="Try it yourself").click()
    expect(lesson_of(ann)).to_contain_text("You are trying it yourself.")
    ann.act("n1", "Crash")
    expect(ann.host("n1")).to_have_accessible_name(re.compile("down"))
    ann.page.keyboard.press("Escape")
    lesson_of(ann).get_by_role("button", name="Back to the lesson").click()
    is_told(ann, 3)
    expect(ann.host("n1")).not_to_have_accessible_name(re.compile("down"))
    assert come_true(ann) == told


def come_true(person: Person) -> dict[str, str]:
    """What is seen when a beat has come true. From the same state the run goes the same way."""
    button = lesson_of(person).get_by_role("button", name=person.say("Next"), exact=True)
    expect(button).to_have_attribute("aria-disabled", "false", timeout=30_000)
    expect(person.button("Play")).to_be_visible()
    return person.settled(panel=False)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("split_vote", "Split vote"),
        ("stale_leader", "Stale leader in the minority"),
        ("log_conflict", "Log conflict repaired"),
    ],
)
def test_a_scenario_plays_to_its_outcome(enter: Callable[..., Person], name: str, title: str, locale: str) -> None:
    ann = enter(locale=locale, protocol="", scenario=name)
    expect(ann.page.get_by_role("heading", level=1)).to_contain_text(ann.say(title))
    ann.fast()
    card = ann.region("Scenario")
    expect(card).to_contain_text(ann.say("reached"), timeout=30_000)
    expect(card.get_by_role("button", name=ann.say("Outcome"))).to_have_attribute("aria-expanded", "true")
    expect(card.locator("#outcome")).to_be_visible()
