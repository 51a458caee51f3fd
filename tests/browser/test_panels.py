"""What stands beside the ring is what the protocol declares: tables, logs with gaps, matrices, rings, choices, promises.

With the two protocols of `tests/support/tiny.py`, which have what Raft has not.
"""

import re
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.person import Person
from tests.serving import Served


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The server that has the protocols of `tiny` too."""
    command = (sys.executable, "-m", "tests.support.tiny_server")
    with Served(tmp_path_factory.mktemp("tiny"), command=command) as server:
        yield server


@pytest.fixture
def tiny(enter: Callable[..., Person]) -> Callable[..., Person]:
    """A room of the protocol in which a few transactions have been decided, and which stands still."""

    def come(*, events: int = 60, **what: object) -> Person:
        person = enter(**{"protocol": "tiny", "param.think_time": "", "nodes": 4} | what)
        person.fast()
        person.until(lambda: person.head, lambda head: head > events, "some transactions")
        person.pause()
        return person

    return come


def grid(person: Person, title: str) -> Locator:
    """A panel of the protocol."""
    return person.page.get_by_role("grid", name=title, exact=True)


def cells(place: Locator, row: str) -> list[str]:
    """The names of the cells of the rows whose name begins so, without what the last event changed."""
    heading = place.page.get_by_role("rowheader", name=re.compile(rf"^{row}"))
    found = place.get_by_role("row").filter(has=heading)
    names = found.get_by_role("gridcell").evaluate_all("cells => cells.map((cell) => cell.ariaLabel)")
    return [name.removesuffix(", changed") for name in names]


def board(person: Person, title: str) -> Locator:
    """Opens a panel that stands behind a tab."""
    tab = person.page.get_by_role("tab", name=re.compile(rf"^{title}"))
    tab.click()
    expect(tab).to_have_attribute("aria-selected", "true")
    return grid(person, title)


def test_a_table_shows_what_each_node_knows_of_each_key(tiny: Callable[..., Person]) -> None:
    ann = tiny()
    table = grid(ann, "Transactions")
    assert table.get_by_role("columnheader").all_inner_texts() == ["key", "n1", "n2", "n3", "n4"]
    first = cells(table, r"t1\b")
    assert [name.split(":")[0] for name in first] == [f"n{i}, t1" for i in range(1, 5)]
    assert all(re.search(r": (committed|aborted) · n\d$", name) for name in first), first


def test_going_back_and_forth_shows_the_same_and_marks_what_an_event_changed(tiny: Callable[..., Person]) -> None:
    ann = tiny()
    table = grid(ann, "Transactions")
    changed = table.get_by_role("gridcell", name=re.compile(", changed$"))
    for _ in range(12):
        if changed.count():
            break
        ann.step(-1)
    expect(changed).to_have_count(1)
    before, at = ann.settled(panel=False), ann.at
    seen = cells(table, "t")
    for _ in range(20):
        ann.step(-1)
    assert cells(table, "t") != seen
    for _ in range(20):
        ann.step()
    ann.is_at(at)
    ann.until(lambda: cells(table, "t"), lambda now: now == seen, "the table as it was")
    ann.shows(before)


def test_panels_stand_behind_tabs_that_arrows_go_through(tiny: Callable[..., Person]) -> None:
    ann = tiny(width=1024, height=768)
    tabs = ann.page.get_by_role("tablist", name="What the nodes hold").get_by_role("tab")
    expect(tabs).to_have_count(3)
    tabs.first.press("ArrowRight")
    expect(tabs.nth(1)).to_be_focused()
    expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
    expect(grid(ann, "Decisions")).to_be_visible()
    expect(grid(ann, "Transactions")).to_be_hidden()
    tabs.nth(1).press("ArrowLeft")
    expect(grid(ann, "Transactions")).to_be_visible()


def test_a_cell_is_chosen_with_the_mouse_and_with_keys(tiny: Callable[..., Person]) -> None:
    ann = tiny()
    table = grid(ann, "Transactions")
    table.get_by_role("gridcell", name=re.compile("^n3, t1:")).click()
    expect(ann.host("n3")).to_have_attribute("aria-pressed", "true")
    expect(table.get_by_role("columnheader", name="n3")).to_have_attribute("aria-selected", "true")
    table.get_by_role("columnheader", name="n1").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowDown"):
        ann.page.keyboard.press(key)
    expect(table.get_by_role("gridcell", name=re.compile("^n2, t2:"))).to_be_focused()
    ann.page.keyboard.press("Enter")
    expect(ann.host("n2")).to_have_attribute("aria-pressed", "true")


def test_a_log_without_terms_shows_gaps_and_what_is_final(tiny: Callable[..., Person]) -> None:
    ann = tiny(events=20)
    log = board(ann, "Decisions")
    ann.partition(["n1", "n2", "n3", "c1"], ["n4"])
    asked = ann.region("Feed").get_by_role("button", name=re.compile("Ask from n1 to n4.*not sent"))
    for _ in range(60):  # a transaction begins that nobody decides, for all must agree
        if asked.count():
            break
        ann.step()
    at = ann.at
    ann.button("Heal").click()
    ann.acted(at)
    for _ in range(120):
        if any("a gap" in name for name in cells(log, "n4")):
            break
        ann.step()
    assert any("a gap" in name for name in cells(log, "n4")), cells(log, "n4")
    names = cells(log, "n1")
    assert any(re.fullmatch(r"index \d+: t\d+, (not )?committed", name) for name in names), names
    assert not any("term" in name for name in names)


def test_a_matrix_has_a_row_for_each_node_and_a_column_for_each_peer(tiny: Callable[..., Person]) -> None:
    ann = tiny()
    matrix = board(ann, "Answers")
    assert [name.split(":")[0] for name in cells(matrix, "n1")] == ["n1, n1", "n1, n2", "n1, n3", "n1, n4"]
    assert re.search(r": \d+$", cells(matrix, "n1")[1])
    assert cells(matrix, "n2")[0] == "n2, n1: nothing"


def test_the_ring_of_successors_goes_the_way_that_was_chosen(enter: Callable[..., Person]) -> None:
    what = {"protocol": "tiny", "param.think_time": "", "nodes": 4}
    ann = enter(**what)
    expect(ann.host("n2")).to_have_accessible_name(re.compile("sends on to n3"))
    ann.button("New room…").click()
    ann.dialog("A new room").get_by_role("combobox", name=re.compile("^Order")).select_option("downwards")
    ann.button("Open the room").click()
    expect(ann.host("n2")).to_have_accessible_name(re.compile("sends on to n1"))
    properties = ann.open_tab("Properties")
    expect(properties).to_contain_text("not promised Downwards it takes longer.")
    expect(properties).to_contain_text("Promised only if: No message is lost.")


def test_all_are_needed_where_all_must_agree(tiny: Callable[..., Person]) -> None:
    ann = tiny()
    expect(ann.host("n1")).to_have_accessible_name(re.compile(r"ballot \d+\.n1, said yes: \d of 4 needed"))


def test_a_request_has_the_arguments_of_its_operation(tiny: Callable[..., Person]) -> None:
    ann = tiny()
    ann.button("Request").click()
    dialog = ann.dialog("Client request")
    dialog.get_by_role("textbox", name="From account", exact=True).fill("savings")
    amount = dialog.get_by_role("textbox", name="Amount", exact=True)
    amount.fill("much")
    dialog.get_by_role("button", name="Send the request").click()
    expect(dialog.get_by_role("alert")).to_have_text("An amount is a number.")
    amount.fill("5")
    dialog.get_by_role("button", name="Send the request").click()
    expect(dialog).to_have_count(0)
    expect(ann.told("By hand: {command}").first).to_contain_text("Transfer: From account savings, Amount 5")


def test_without_a_view_and_without_operations_there_is_still_a_picture(enter: Callable[..., Person]) -> None:
    ann = enter(**{"protocol": "bare", "param.think_time": "", "nodes": 4, "clients": 0})
    expect(ann.hosts.get_by_role("button")).to_have_count(4)
    expect(ann.page.get_by_role("grid")).to_have_count(0)
    expect(ann.button("Request")).to_have_attribute("aria-disabled", "true")
    expect(ann.button("Request")).to_have_accessible_description("In this protocol clients ask for nothing.")
    ann.page.keyboard.press("g")
    expect(ann.page.get_by_text("In this protocol there is nothing of that kind to wait for.")).to_be_visible()


def test_nine_nodes_have_a_column_each_on_a_phone(tiny: Callable[..., Person]) -> None:
    ann = tiny(nodes=9, clients=2, width=390, height=844, events=120)
    for title in ("Decisions", "Answers", "Transactions"):
        ann.open_tab(title)
        expect(grid(ann, title)).to_be_visible()
    heads = grid(ann, "Transactions").get_by_role("columnheader").all()
    boxes = [box for head in heads if (box := head.bounding_box())]
    assert len(boxes) == 10
    assert all(one["x"] + one["width"] <= other["x"] + 1 for one, other in pairwise(boxes))
    assert boxes[-1]["x"] + boxes[-1]["width"] <= 391


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (390, 844)])
def test_axe_finds_nothing_in_the_panels(tiny: Callable[..., Person], width: int, height: int) -> None:
    ann = tiny(width=width, height=height)
    page: Page = ann.page
    for title in ("Decisions", "Answers", "Transactions"):
        page.get_by_role("tab", name=re.compile(f"^{title}")).click()
        expect(grid(ann, title)).to_be_visible()
        report = Axe().run(page, options={"resultTypes": ["violations"]})
        assert not report.violations_count, report.generate_report()
