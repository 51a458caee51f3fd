"""Every fault by direct touch, by keyboard and by list; and what is impossible says why."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.person import Person

Way = Callable[[Person, str], None]


@pytest.fixture
def locale() -> str:
    """These dialogs are done in Chinese; the tests of the catalogue see that each sentence is there in both languages."""
    return "zh"


def by_keys(person: Person, node: str) -> None:
    """Opens the menu of a node with nothing but keys."""
    person.page.keyboard.press(node[1:])
    person.page.keyboard.press("a")


def by_list(person: Person, node: str) -> None:
    """Opens it from the list of the network."""
    panel = person.open_tab("Network")
    name = person.say("Acts on {name}", name=person.say("Node {id}", id=node))
    panel.get_by_role("button", name=name, exact=True).click()


def by_click(person: Person, node: str) -> None:
    """Opens it with two clicks on the ring: the first selects."""
    person.host(node).click()
    expect(person.host(node)).to_have_attribute("aria-pressed", "true")
    person.host(node).click()


def by_right_click(person: Person, node: str) -> None:
    """Opens it with the other button of the mouse."""
    person.host(node).click(button="right")


def by_touch(person: Person, node: str) -> None:
    """Opens it with two taps."""
    person.host(node).tap()
    expect(person.host(node)).to_have_attribute("aria-pressed", "true")
    person.host(node).tap()


@pytest.mark.parametrize("way", [by_click, by_right_click, by_touch, by_keys, by_list])
def test_a_node_is_crashed_and_restarted(still: Callable[..., Person], way: Way) -> None:
    ann = still(context={"has_touch": way is by_touch})
    way(ann, "n2")
    ann.item("Crash").click()
    expect(ann.host("n2")).to_have_accessible_name(ann.anything("down"))
    way(ann, "n2")
    expect(ann.item("Crash")).to_have_attribute("aria-disabled", "true")
    expect(ann.item("Crash")).to_have_accessible_name(ann.anything("{node} is down already.", node="n2"))
    ann.item("Restart, disk kept").click()
    expect(ann.host("n2")).not_to_have_accessible_name(ann.anything("down"))
    assert ann.entries("n2"), "its log was on its disk"


def test_a_node_restarts_without_its_disk(still: Callable[..., Person], locale: str) -> None:
    ann = still(locale=locale)
    ann.act("n2", "Crash")
    ann.act("n2", "Restart, disk lost")
    expect(ann.host("n2")).to_have_accessible_name(ann.anything("term {number}", number=0))
    assert ann.entries("n2") == []
    expect(ann.told("restart {node}, its disk lost", node="n2").first).to_be_visible()


def test_a_node_is_paused_and_resumed_by_key(still: Callable[..., Person]) -> None:
    ann = still()
    ann.page.keyboard.press("3")
    ann.page.keyboard.press("z")
    expect(ann.host("n3")).to_have_accessible_name(re.compile("paused"))
    ann.menu_of("n3")
    expect(ann.item("Fire now")).to_have_accessible_name(re.compile("is paused: its timers stand still"))
    ann.page.keyboard.press("Escape")
    ann.page.keyboard.press("z")
    expect(ann.host("n3")).not_to_have_accessible_name(re.compile("paused"))


def test_keys_act_on_what_is_selected(still: Callable[..., Person]) -> None:
    ann = still()
    ann.page.keyboard.press("2")
    ann.page.keyboard.press("c")
    expect(ann.host("n2")).to_have_accessible_name(re.compile("down"))
    ann.page.keyboard.press("r")
    expect(ann.host("n2")).not_to_have_accessible_name(re.compile("down"))
    ann.page.keyboard.press("x")
    expect(ann.page.get_by_role("img", name=ann.beginning("Partition: {groups}", groups="n2 | "))).to_have_count(1)
    ann.page.keyboard.press("e")
    expect(ann.page.get_by_role("img", name=re.compile("^Partition"))).to_have_count(0)


def test_the_clock_of_a_node_is_set(still: Callable[..., Person], locale: str) -> None:
    ann = still(locale=locale)
    ann.menu_of("n1")
    ann.item("Clock: rate and offset…").click()
    dialog = ann.dialog("Clock of {node}", node="n1")
    dialog.get_by_role("spinbutton", name=ann.beginning("Rate in percent of true time")).fill("150")
    dialog.get_by_role("spinbutton", name=ann.beginning("Offset in ms")).fill("20")
    dialog.get_by_role("button", name=ann.say("Set the clock"), exact=True).click()
    expect(dialog).to_have_count(0)
    expect(ann.open_tab("Inspector")).to_contain_text(ann.say("clock {rate} %, {offset}", rate=150, offset="20 ms"))


def test_a_timer_is_fired_from_the_menu_and_from_the_inbox(still: Callable[..., Person]) -> None:
    ann = still()
    follower = next(node for node in ("n1", "n2") if node != ann.leader())
    ann.menu_of(follower)
    ann.item("Fire now").first.click()
    expect(ann.host(follower)).to_have_accessible_name(re.compile("candidate"))
    inbox = ann.open_tab("Inspector")
    inbox.get_by_role("button", name=re.compile("^Fire now: Timer")).first.click()
    expect(ann.host(follower)).to_have_accessible_name(re.compile("candidate, term 3"))


def link_menu(person: Person, src: str, dst: str) -> Locator:
    """Opens the menu of a link from the list."""
    panel = person.page.get_by_role("tabpanel", name=person.beginning("Network"))
    if not panel.is_visible():
        panel = person.open_tab("Network")
    panel.get_by_role("button", name=person.beginning("Link {src} → {dst}", src=src, dst=dst)).click()
    expect(person.menu).to_be_visible()
    return person.menu


def test_a_link_is_cut_and_mended_one_way_and_both_ways(still: Callable[..., Person], locale: str) -> None:
    ann = still(locale=locale)
    there, back = ann.link("n1", "n2"), ann.link("n2", "n1")
    cut = re.compile(rf", {ann.say('cut')}$")
    link_menu(ann, "n1", "n2")
    ann.item("Cut {src} → {dst}", src="n1", dst="n2").click()
    expect(there).to_have_accessible_name(cut)
    expect(back).not_to_have_accessible_name(cut)
    link_menu(ann, "n1", "n2")
    expect(ann.item("Hold what is on {src} → {dst}", src="n1", dst="n2")).to_have_accessible_name(
        ann.anything("The link is cut.")
    )
    ann.item("Mend {src} → {dst}", src="n1", dst="n2").click()
    expect(there).not_to_have_accessible_name(cut)
    link_menu(ann, "n1", "n2")
    ann.item("Cut {src} → {dst}", src="n2", dst="n1").click()
    expect(back).to_have_accessible_name(cut)
    ann.page.keyboard.press("b")
    expect(there).to_have_accessible_name(cut)
    ann.button("Heal").click()
    for link in (there, back):
        expect(link).not_to_have_accessible_name(cut)


def test_a_link_is_held_and_released_on_the_ring_by_key(still: Callable[..., Person]) -> None:
    ann = still()
    link = ann.link("n1", "n2")
    link.press("Enter")
    expect(link).to_have_attribute("aria-pressed", "true")
    ann.page.keyboard.press("h")
    expect(link).to_have_accessible_name(re.compile("holds its messages"))
    link.press("Enter")
    ann.item("Release what is on {src} → {dst}", src="n1", dst="n2").click()
    expect(link).not_to_have_accessible_name(re.compile("holds its messages"))


def test_delay_loss_duplicates_and_order_of_a_link_are_set(still: Callable[..., Person], locale: str) -> None:
    ann = still(locale=locale)
    link_menu(ann, "n1", "n2")
    ann.item("Delay, loss, order of {src} → {dst}…", src="n1", dst="n2").click()
    dialog = ann.dialog("Link {src} → {dst}", src="n1", dst="n2")
    for label, unit, value in (
        ("Shortest delay", "ms", "40"), ("Longest delay", "ms", "80"), ("Loss", "%", "25"), ("Duplicates", "%", "10"),
    ):  # fmt: skip
        dialog.get_by_role("spinbutton", name=f"{ann.say(label)} ({unit})", exact=True).fill(value)
    dialog.get_by_role("checkbox", name=ann.say("In order (first in, first out)"), exact=True).check()
    dialog.get_by_role("button", name=ann.say("Set the link"), exact=True).click()
    expect(dialog).to_have_count(0)
    name = ann.link("n1", "n2")
    for words in (
        ann.say("slow, {low} to {high} ms", low=40, high=80), ann.say("loses {percent} %", percent=25),
        ann.say("duplicates {percent} %", percent=10), ann.say("keeps the order"),
    ):  # fmt: skip
        expect(name).to_have_accessible_name(re.compile(re.escape(words)))
    expect(ann.link("n2", "n1")).not_to_have_accessible_name(re.compile("25"))


def test_the_dials_set_all_links(still: Callable[..., Person]) -> None:
    ann = still()
    ann.button("Dials").click()
    dialog = ann.dialog("Delay and loss of all links")
    dialog.get_by_role("slider", name=re.compile("^Loss")).press("End")
    dialog.get_by_role("button", name="Set all links").click()
    expect(dialog).to_have_count(0)
    for src, dst in (("n1", "n2"), ("n5", "n4")):
        expect(ann.link(src, dst)).to_have_accessible_name(re.compile("loses 100 %"))
    expect(ann.link("n1", "c1")).not_to_have_accessible_name(re.compile("loses"))


def with_messages(person: Person) -> Locator:
    """Steps until three messages are in flight; the list of them."""
    panel = person.open_tab("Network")
    messages = panel.get_by_role("list", name=person.say("Messages in flight")).get_by_role("listitem")
    while messages.count() < 3:
        person.step(+1)
    return messages


def name_of(row: Locator) -> str:
    """What a message is called."""
    return row.get_by_role("button").first.inner_text()


def message_menu(person: Person, name: str) -> None:
    """Opens the menu of a message from the list."""
    person.page.get_by_role("button", name=person.say("Acts on {name}", name=name), exact=True).click()
    expect(person.menu).to_be_visible()


def test_a_message_is_dropped_duplicated_delayed_and_delivered(still: Callable[..., Person], locale: str) -> None:
    ann = still(locale=locale)
    messages = with_messages(ann)
    first, second, third = (name_of(messages.nth(i)) for i in range(3))
    message_menu(ann, second)
    ann.item("Drop").click()
    expect(messages.filter(has_text=second)).to_have_count(0)
    message_menu(ann, third)
    ann.item("Duplicate").click()
    number = re.search(r"(\d+)\D*$", third)
    assert number is not None
    sentence = "{label} from {src} to {dst}, message {id}, a duplicate of {of}"
    copy = messages.filter(has_text=ann.anything(sentence, of=number[1]))
    expect(copy.first).to_be_visible()
    message_menu(ann, first)
    ann.item("Delay…").click()
    dialog = ann.page.get_by_role("dialog")
    dialog.get_by_role("spinbutton").fill("2000")
    dialog.get_by_role("button", name=ann.say("Delay it"), exact=True).click()
    expect(messages.last).to_contain_text(first)
    message_menu(ann, first)
    ann.item("Deliver now").click()
    expect(messages.filter(has_text=first)).to_have_count(0)


def test_a_selected_message_is_dropped_by_key_and_says_that_it_is_gone(still: Callable[..., Person]) -> None:
    ann = still()
    messages = with_messages(ann)
    name = name_of(messages.first)
    messages.first.get_by_role("button", name=name, exact=True).click()
    message_menu(ann, name)
    ann.page.keyboard.press("d")
    expect(messages.filter(has_text=name)).to_have_count(0)
    expect(ann.told("drop message {id}", id=name.split()[-1])).to_have_count(0)
    ann.open_tab("Feed")
    expect(ann.told("drop message {id}", id=name.split()[-1])).to_have_count(1)


# Where a link's line lies in the window; messages fly along it.
LANE = """(link) => {
  const line = link.querySelector("line");
  const box = line.ownerSVGElement.getBoundingClientRect();
  return ["x1", "y1", "x2", "y2"].map((name, i) => Number(line.getAttribute(name)) + (i % 2 ? box.top : box.left));
}"""


def test_a_message_is_touched_on_the_ring(still: Callable[..., Person]) -> None:
    ann = still()
    name = name_of(with_messages(ann).first)
    ends = re.search(r"from (\w+) to (\w+)", name)
    assert ends is not None
    x0, y0, x1, y1 = ann.link(ends[1], ends[2]).evaluate(LANE)
    inspector = ann.open_tab("Inspector")
    message = inspector.get_by_role("heading", level=3, name=re.compile(f"{ends[1]} to {ends[2]}"))
    # Along the whole way there is the link, or something else that can be chosen; the inspector says what it was.
    chosen = inspector.get_by_role("heading", level=3, name=re.compile("→| to |^Node|^Client"))
    nothing = inspector.get_by_text("Select a node, a link, a message")
    expect(nothing).to_be_visible()
    for i in range(1, 40):
        ann.page.mouse.click(x0 + (x1 - x0) * i / 40, y0 + (y1 - y0) * i / 40)
        expect(chosen).to_be_visible()
        if message.is_visible():
            break
        ann.page.keyboard.press("Escape")
        expect(nothing).to_be_visible()
    expect(message).to_be_visible()


def test_a_lasso_makes_the_groups_of_a_partition(still: Callable[..., Person]) -> None:
    ann = still()
    boxes = [ann.host(node).bounding_box() for node in ("n4", "n3")]
    left, right = boxes
    assert left is not None
    assert right is not None
    # From below, where no message flies that would be caught instead.
    ann.page.mouse.move(left["x"] - 8, left["y"] + left["height"] + 4)
    ann.page.mouse.down()
    ann.page.mouse.move(right["x"] + right["width"] + 8, right["y"] - 8, steps=4)
    ann.page.mouse.up()
    dialog = ann.dialog("Partition")
    for node, letter in (("n3", "A"), ("n4", "A"), ("n1", "B"), ("n5", "B")):
        expect(dialog.get_by_role("checkbox", name=f"{node} in group {letter}", exact=True)).to_be_checked()


def test_a_partition_needs_two_groups(still: Callable[..., Person], locale: str) -> None:
    ann = still(locale=locale)
    ann.button("Partition").click()
    dialog = ann.dialog("Partition")
    for node in ("n1", "n2"):
        dialog.get_by_role(
            "checkbox", name=ann.say("{host} in group {letter}", host=node, letter="B"), exact=True
        ).check()
    dialog.get_by_role("button", name=ann.say("Cut the groups apart"), exact=True).click()
    expect(dialog.get_by_role("alert")).to_have_text(
        ann.say("A partition needs at least two groups with somebody in them.")
    )


def test_a_rule_is_switched_off_and_the_room_says_so_in_red(still: Callable[..., Person], locale: str) -> None:
    ann = still(locale=locale)
    bob = ann.invite(locale)
    rule = ann.say("Majority")
    ann.button("Rules").click()
    switch = ann.dialog("Rules of the algorithm").get_by_role("switch", name=ann.beginning("Majority"))
    expect(switch).to_be_checked()
    switch.click()
    expect(switch).not_to_be_checked()
    for each in (ann, bob):
        banner = each.page.get_by_role("alert").filter(
            has_text=each.say("Switched off: {rules}. What you see is not the algorithm.", rules=rule)
        )
        expect(banner).to_have_count(1)
    switch.click()
    expect(switch).to_be_checked()
    expect(bob.page.get_by_role("alert").filter(has_text=rule)).to_have_count(0)


def test_a_client_asks_and_is_answered(still: Callable[..., Person], locale: str) -> None:
    ann = still(locale=locale)
    ann.request("put", key="name", value="7")
    ann.play()
    operations = ann.open_tab("Clients").get_by_role("row").filter(has_text="put name=7")
    expect(operations).to_contain_text(ann.say("answered: stored"))
    ann.pause()
    ann.request("cas", key="name", value="8", expect="7")
    ann.play()
    expect(ann.page.get_by_role("row").filter(has_text="cas name 7→8")).to_contain_text(ann.say("answered: swapped"))


def test_what_is_impossible_is_greyed_and_says_why(still: Callable[..., Person], locale: str) -> None:
    ann = still(locale=locale)
    expect(ann.button("Heal")).to_have_attribute("aria-disabled", "true")
    expect(ann.button("Heal")).to_have_accessible_description(ann.say("No partition is in force and no link is cut."))
    ann.menu_of("n1")
    for act in ("Restart, disk kept", "Restart, disk lost"):
        expect(ann.item(act)).to_have_attribute("aria-disabled", "true")
        expect(ann.item(act)).to_have_accessible_name(ann.anything("{node} is up: crash it first.", node="n1"))
    before = ann.head
    ann.item("Restart, disk kept").click(force=True)
    said = ann.page.get_by_role("status").filter(has_text=ann.say("{node} is up: crash it first.", node="n1"))
    expect(said.first).to_be_visible()
    assert ann.head == before


def test_what_the_server_refuses_is_said_in_the_form(still: Callable[..., Person], locale: str) -> None:
    ann = still(locale=locale)
    ann.menu_of("n1")
    ann.item("Clock: rate and offset…").click()
    dialog = ann.page.get_by_role("dialog")
    dialog.get_by_role("spinbutton", name=ann.beginning("Offset in ms")).fill("99999999999")
    dialog.get_by_role("button", name=ann.say("Set the clock"), exact=True).click()
    expect(dialog.get_by_role("alert")).not_to_be_empty()
    expect(dialog).to_be_visible()
