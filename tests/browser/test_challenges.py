"""A challenge is won by hand, another is claimed to be impossible; nothing moves when the verdict comes."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SCREENS
from tests.browser.person import Person
from tests.browser.test_accessibility import check_both_themes


def card_of(person: Person) -> Locator:
    """The card of the challenge."""
    return person.region("Challenge")


def press(person: Person, sentence: str, **values: Any) -> None:
    """A button of the card."""
    card_of(person).get_by_role("button", name=person.say(sentence, **values), exact=True).click()


def says(person: Person, sentence: str) -> None:
    """Waits until the card says that."""
    expect(card_of(person)).to_contain_text(person.say(sentence), timeout=30_000)


def claim(person: Person, rule: str) -> None:
    """Claims that it is impossible, because of a rule."""
    press(person, "It is impossible")
    dialog = person.page.get_by_role("dialog")
    dialog.get_by_role("radio", name=person.say(rule)).check()
    dialog.get_by_role("button", name=person.say("Claim it"), exact=True).click()


def boxes(person: Person) -> list[dict[str, float] | None]:
    """Where things stand on the page."""
    return [person.cluster.bounding_box(), card_of(person).bounding_box(), person.timeline.bounding_box()]


def won(person: Person) -> None:
    """Cuts the leader off, and waits for another one."""
    person.fast()
    person.play()
    leader = person.leader()
    person.pause()
    person.act(leader, "Cut off from all others")
    person.page.keyboard.press("Escape")
    person.button("Play").click()  # it may be won, and stand still, before a Pause can be seen
    says(person, "Won!")


def test_two_leaders_at_once_are_brought_about_by_hand(enter: Callable[..., Person], locale: str) -> None:
    ann = enter(locale=locale, protocol="", challenge="two_leaders_at_once")
    says(ann, "Not yet.")
    expect(ann.page.get_by_role("heading", level=1)).to_contain_text(ann.say("Two leaders at once"))
    eve = ann.invite(locale)
    before = boxes(ann)
    won(ann)
    assert boxes(ann) == before
    expect(ann.button("Play")).to_be_visible()
    says(eve, "Won!")
    left = ann.say("{act}: {left} of {most}", act=ann.say("partition"), left=1, most=2)
    expect(card_of(ann).get_by_role("listitem").filter(has_text=left)).to_be_visible()
    ann.stands()
    ann.step(-1)
    says(ann, "Not yet.")
    ann.step(1)
    says(ann, "Won!")
    press(ann, "Try again")
    says(ann, "Not yet.")
    ann.is_at(0)
    ann.page.goto(ann.page.url.split("/r/")[0] + "/challenges")
    card = ann.page.get_by_role("listitem").filter(has_text=ann.say("Two leaders at once"))
    expect(card.get_by_text(ann.say("solved"), exact=True)).to_be_visible()
    other = ann.page.get_by_role("listitem").filter(has_text=ann.say("No leader for ten seconds"))
    expect(other.get_by_text(ann.say("solved"), exact=True)).to_be_hidden()


def test_what_can_not_be_done_is_said_to_be_so_and_is_tried_without_the_rule(
    enter: Callable[..., Person], locale: str
) -> None:
    ann = enter(locale=locale, protocol="", challenge="two_leaders_in_one_term")
    press(ann, "Hint ({n} left)", n=3)
    says(ann, "Election timers can be fired by hand, at two nodes shortly one after the other.")
    claim(ann, "Durable term and vote")
    says(ann, "Right: it is impossible.")
    expect(card_of(ann)).to_contain_text("Raft §5.2")
    press(ann, "Try it without the rule")
    says(ann, "The rule is off, and now it can be done.")
    banner = ann.page.get_by_role("alert").filter(has_text=ann.say("Durable term and vote"))
    expect(banner).to_be_visible()


def test_who_is_wrong_is_told_so_and_has_it_shown(enter: Callable[..., Person], visit: Callable[..., Page]) -> None:
    ann = enter(protocol="", challenge="two_leaders_at_once")
    claim(ann, "Log check before voting")
    says(ann, "Claimed wrongly: “{rule}” does not forbid it.".replace("{rule}", "Log check before voting"))
    says(ann, "claimed wrongly once")
    press(ann, "I give up")
    says(ann, "It is possible. Acts that are enough: 1.")
    with ann.page.context.expect_page() as opened:
        press(ann, "Show me, in a new tab")
    expect(ann.page.get_by_text("The solution plays in a room of its own", exact=False)).to_be_visible()
    shown = Person(opened.value)
    says(shown, "The solution is played.")
    shown.fast()
    says(shown, "Seen:")


def test_acts_that_are_not_allowed_are_greyed_with_the_reason(enter: Callable[..., Person]) -> None:
    ann = enter(protocol="", challenge="no_leader_for_ten_seconds")
    ann.menu_of("n1")
    crash = ann.item("Crash")
    expect(crash).to_have_attribute("aria-disabled", "true")
    expect(crash).to_contain_text("This challenge does not allow that.")
    ann.page.keyboard.press("Escape")
    expect(ann.button("Partition")).to_have_attribute("aria-disabled", "true")


def test_a_viewer_sees_the_challenge_and_does_not_take_it(enter: Callable[..., Person]) -> None:
    ann = enter(protocol="", challenge="two_leaders_at_once")
    eve = ann.invite()
    expect(card_of(eve)).to_contain_text("Only who has the controls takes the challenge.")
    expect(card_of(eve).get_by_role("button", name="Try again")).to_have_attribute("aria-disabled", "true")
    press(ann, "Hint ({n} left)", n=3)
    says(eve, "A leader learns that it is none any more by a message of a newer term.")


@pytest.mark.parametrize("width", [390, 1024])
def test_the_page_and_the_card_fit(enter: Callable[..., Person], width: int) -> None:
    ann = enter(protocol="", challenge="acknowledged_write_gone", width=width, height=844 if width < 720 else 768)
    press(ann, "I give up")
    says(ann, "It is impossible.")
    for button in card_of(ann).get_by_role("button").all():
        box, card = button.bounding_box(), card_of(ann).bounding_box()
        assert box is not None
        assert card is not None
        assert card["x"] <= box["x"]
        assert box["x"] + box["width"] <= card["x"] + card["width"]
        assert box["y"] + box["height"] <= card["y"] + card["height"] + 1
    ann.page.goto(ann.page.url.split("/r/")[0] + "/challenges")
    assert ann.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("locale", "width", "height"), SCREENS)
def test_axe_finds_nothing_in_the_list_and_in_a_challenge(
    enter: Callable[..., Person], locale: str, width: int, height: int
) -> None:
    ann = enter(locale=locale, protocol="", challenge="two_values_chosen", width=width, height=height)
    press(ann, "Hint ({n} left)", n=3)
    claim(ann, "Adopt what was accepted (P2c)")
    says(ann, "Right: it is impossible.")
    check_both_themes(ann.page, ann, "a challenge")
    ann.page.goto(ann.page.url.split("/r/")[0] + "/challenges")
    check_both_themes(ann.page, ann, "challenges")
