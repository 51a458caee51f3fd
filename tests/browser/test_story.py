"""The story that the first issue is done with: elect, crash, elect again, cut off a minority with a writing client, heal,
step back through the conflict with the reason for each event, and see the same in a second browser. In both languages.
"""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from server.protocols.raft.indications import EntriesRemoved
from tests.browser.person import Person, differences

NODES = ("n1", "n2", "n3", "n4", "n5")
STEPS_BACK = 5


def test_the_whole_story_is_told_to_two_browsers(enter: Callable[..., Person], locale: str) -> None:
    ann = enter(locale=locale, seed=11)
    bob = enter(at=ann.address, locale=locale)
    ann.fast()

    first = ann.leader()
    ann.pause()
    ann.act(first, "Crash")
    expect(ann.host(first)).to_have_accessible_name(ann.anything("down"))
    ann.run_until("the next leader is elected")
    stale = ann.leader(other_than=first)
    ann.act(first, "Restart, disk kept")

    minority = [stale, next(node for node in NODES if node not in (first, stale))]
    majority = [node for node in NODES if node not in minority]
    ann.partition([*minority, "c1"], majority)
    ann.request(key="z", value="77", to=stale)
    ann.run_until("the next leader is elected")
    leading = ann.until(ann.leaders, lambda found: len(found) == 2, "two leaders, of two terms")
    assert stale in leading
    vain = ann.until(lambda: writes(ann, stale), bool, "the write stands in the log of the stale leader")
    assert not any(writes(ann, node) for node in majority)

    # While time runs the feed has forty rows. Among all events the one that is looked for would soon have left them.
    read(ann, "Focus")
    ann.button("Heal").click()
    ann.play()
    expect(ann.told(EntriesRemoved.text, host=stale).first).to_be_visible()
    ann.pause()
    walk_back_through_the_conflict(ann, bob, stale, vain)


def read(person: Person, filter: str) -> None:
    """Chooses what the feed tells, which is each one's own."""
    person.page.get_by_role("radio", name=person.say(filter), exact=True).check()


def writes(person: Person, node: str) -> set[str]:
    """The entries of the write of the client in the minority in that log that are not committed: index, command and term.

    The client asks again after the healing. So in the very event that takes the entry of the stale leader's term away, one
    of the new leader's may come in its place, and only the term tells them apart.
    """
    word = person.say("not committed")
    return {name.partition(word)[0] for name in person.entries(node) if "z=77" in name and word in name}


def walk_back_through_the_conflict(ann: Person, bob: Person, stale: str, vain: set[str]) -> None:
    """From the event that removes what was written in vain: back event by event, each with its reason, seen by both."""
    removal = int(ann.told(EntriesRemoved.text, host=stale).last.inner_text().split()[0])
    ann.button("Go to event {seq}", seq=removal).click()
    ann.is_at(removal)
    ann.until(lambda: writes(ann, stale) & vain, lambda left: not left, "the entry is removed")
    ann.page.keyboard.press("Escape")  # what is selected is each one's own
    for each in (ann, bob):
        read(each, "All")
    reasons = [both_read(ann, bob)]
    for _ in range(STEPS_BACK):
        ann.step(-1)
        ann.until(lambda: writes(ann, stale), vain.issubset, "an event before its removal the entry stands there again")
        reasons.append(both_read(ann, bob))
    assert EntriesRemoved.cites in reasons[0]
    assert len(set(reasons)) == len(reasons)
    while ann.at < removal - 1:
        ann.step()
    # The message that is going to remove it is on its way: the log says so before it happens.
    word = ann.say("about to be overwritten")
    ann.until(lambda: ann.entries(stale), lambda names: any(word in name for name in names), "the log says so")


def both_read(ann: Person, bob: Person) -> str:
    """The sentence of the event that both are at, who see the same of it."""
    seq = ann.at
    bob.is_at(seq)
    expect(ann.feed.first).to_have_text(re.compile(rf"^\s*{seq}\b"), use_inner_text=True)
    sentence = ann.feed.first.inner_text()
    expect(bob.feed.first).to_have_text(sentence, use_inner_text=True)
    # Each page draws when it can: what one of them shows is held against what the other shows then.
    ann.until(lambda: unlike(ann, bob), lambda found: not found, "what two see of one event differs")
    return sentence


def unlike(ann: Person, bob: Person) -> list[str]:
    """What two people see otherwise."""
    return differences(ann.picture(panel=False), bob.picture(panel=False))
