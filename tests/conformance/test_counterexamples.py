"""The literature's counterexamples to a Raft that lacks one rule, as exact schedules: S1, S3 and S4 of the oracles.

Each is played twice, by hand: with the rule off it must break the property that the literature says, and with the rule on
the same schedule must end safe. Then the scenarios of the gallery that tell the same stories are held to the same.
"""

from __future__ import annotations

from typing import Any

import pytest

from server.properties import Monitor
from server.protocols import protocol
from server.protocols.raft import indications as tell
from server.simulation import Recording, Run
from tests.conformance.adapter import ELECTION, Raft, Role, make, request, sent, settings, terms, told

RAFT = protocol("raft")


class Bench:
    """Nodes whose messages lie on a table until somebody delivers them, one at a time."""

    def __init__(self, n: int, *, off: tuple[str, ...], term: int = 1) -> None:
        given = settings(off=off, no_op=False)
        self.nodes: dict[int, Raft] = {i: make(f"n{i}", n, term=term, given=given) for i in range(1, n + 1)}
        self.table: list[tuple[int, int, Any]] = []

    def __getitem__(self, i: int) -> Raft:
        return self.nodes[i]

    def collect(self) -> None:
        for i, node in self.nodes.items():
            self.table += [(i, int(dst[1:]), m) for dst, m in sent(node) if dst[0] == "n"]

    def times_out(self, i: int) -> None:
        self.nodes[i].fire(ELECTION)
        self.collect()

    def deliver(self, i: int, *others: int) -> None:
        """The next message from `i` to each of the others, and the answer to it."""
        for j in others:
            self.one(i, j)
            self.one(j, i)

    def one(self, i: int, j: int) -> None:
        """The next message on one link; no message there is a mistake in the schedule."""
        at = next(at for at, (src, dst, _) in enumerate(self.table) if (src, dst) == (i, j))
        _, _, message = self.table.pop(at)
        self.nodes[j].step(message, f"n{i}")
        self.collect()

    def lose(self, i: int, *others: int) -> None:
        """All that is on the links from `i` to the others, or to anybody, never arrives."""
        self.table = [m for m in self.table if not (m[0] == i and (not others or m[1] in others))]

    def client(self, i: int, value: str, serial: int) -> None:
        request(self.nodes[i], value, serial)
        self.collect()

    def crash(self, i: int) -> None:
        self.lose(i)
        self.table = [m for m in self.table if m[1] != i]
        self.nodes[i].crash(disk_kept=True)

    def restart(self, i: int) -> None:
        self.nodes[i].start()

    def applied(self, i: int) -> list[Any]:
        return [t.entry.command.value for t in told(self.nodes[i], tell.Applied)]


def figure_8(*, off: tuple[str, ...]) -> Bench:
    """S1, up to its eighth step; the numbers are those of the oracle."""
    s = Bench(5, off=off)
    s.times_out(1)  # 1
    s.deliver(1, 2, 3, 4, 5)
    assert (s[1].role, s[1].current_term) == (Role.LEADER, 2)
    s.lose(1)  # the empty AppendEntries of the election
    s.client(1, "x2", 1)  # 2
    s.one(1, 2)
    s.crash(1)  # 3, and the answer of s2 is lost
    s.lose(2, 1)
    assert terms(s[2]) == [2]
    s.times_out(5)  # 4
    s.deliver(5, 3, 4)
    assert (s[5].role, s[5].current_term) == (Role.LEADER, 3)
    s.lose(5)
    s.client(5, "y3", 2)
    s.lose(5)
    s.crash(5)
    s.restart(1)  # 5
    s.times_out(1)
    s.lose(1)
    s.times_out(1)
    s.deliver(1, 2, 3)
    assert (s[1].role, s[1].current_term) == (Role.LEADER, 4)
    s.one(1, 2)  # 6: the AppendEntries of the election find x at s2
    s.one(2, 1)
    assert s[1].match_index["n2"] == 1
    s.one(1, 3)
    s.one(3, 1)
    assert s[1].next_index["n3"] == 1
    s.one(1, 3)
    s.one(3, 1)
    assert s[1].match_index["n3"] == 1
    assert [terms(s[i]) for i in (1, 2, 3)] == [[2]] * 3
    return s


def figure_8_ends(s: Bench) -> None:
    """S1, steps 7 and 8."""
    s.lose(1)  # 7: s1 becomes slow
    s.restart(5)
    s.times_out(5)
    s.lose(5)
    s.times_out(5)
    s.deliver(5, 2, 3, 4)
    assert (s[5].role, s[5].current_term) == (Role.LEADER, 5)
    for i in (2, 3):  # 8: s5 finds their logs as long as its own, and other
        s.one(5, i)
        s.one(i, 5)
        s.one(5, i)
        s.one(i, 5)
        assert terms(s[i]) == [3]


def test_s1_figure_8_with_the_rule_off_commits_two_entries_at_one_index() -> None:
    s = figure_8(off=("commit_current_term",))
    assert s.applied(1) == ["x2"]
    figure_8_ends(s)
    assert s.applied(5) == ["y3"]
    assert (s[1].commit_index, s[5].commit_index) == (1, 1)
    assert s[1].log[0] != s[5].log[0]


def test_s1_figure_8_with_the_rule_on_commits_nothing_and_overwrites_what_nobody_was_told() -> None:
    s = figure_8(off=())
    assert s[1].commit_index == 0
    assert told(s[1], tell.NotCommittedOldTerm)
    figure_8_ends(s)
    assert [node.commit_index for node in s.nodes.values()] == [0] * 5
    assert [s.applied(i) for i in s.nodes] == [[]] * 5


def test_s1_figure_8_safe_branch_an_entry_of_the_new_term_commits_the_old_one_for_good() -> None:
    """Figure 8 (e): once an entry of term 4 is on a majority, s5 cannot win."""
    s = figure_8(off=())
    s.lose(1)
    s.client(1, "z4", 3)
    for i in (2, 3):
        s.one(1, i)
        s.one(i, 1)
    assert s.applied(1) == ["x2", "z4"]
    s.lose(1)
    s.restart(5)
    for _ in range(3):
        s.times_out(5)
        for i in (2, 3, 4):
            s.one(5, i)
            s.one(i, 5)
        s.lose(5)
        assert s[5].role is not Role.LEADER
    assert len(told(s[2], tell.VoteRefusedLogBehind)) >= 2


@pytest.mark.parametrize("durable", [False, True])
def test_s3_a_vote_that_a_crash_makes_a_node_forget_elects_two_leaders_of_one_term(durable: bool) -> None:
    s = Bench(3, off=() if durable else ("durable_vote",))
    s.times_out(1)
    s.deliver(1, 3)
    assert (s[1].role, s[1].current_term) == (Role.LEADER, 2)
    s.lose(1)
    s.crash(3)
    s.restart(3)
    s.times_out(2)
    s.deliver(2, 3)
    assert s[2].current_term == s[1].current_term == 2
    if durable:
        assert (s[1].role, s[2].role) == (Role.LEADER, Role.CANDIDATE)
        assert [t.voted_for for t in told(s[3], tell.VoteRefusedAlreadyVoted)] == ["n1"]
    else:
        assert (s[1].role, s[2].role) == (Role.LEADER, Role.LEADER)


@pytest.mark.parametrize("checked", [False, True])
def test_s4_a_vote_without_the_log_check_overwrites_what_was_committed(checked: bool) -> None:
    s = Bench(3, off=() if checked else ("log_check",))
    s.times_out(1)
    s.deliver(1, 2)
    s.lose(1)
    s.client(1, "x", 1)
    s.deliver(1, 2)
    assert s.applied(1) == ["x"]
    s.lose(1)
    s.times_out(3)
    s.lose(3)
    s.times_out(3)
    s.deliver(3, 2)
    assert s[3].current_term == 3
    if checked:
        assert s[3].role is Role.CANDIDATE
        assert told(s[2], tell.VoteRefusedLogBehind)
        return
    assert s[3].role is Role.LEADER
    s.lose(3)
    s.client(3, "y", 2)
    s.deliver(3, 2)
    assert s.applied(3) == ["y"]
    assert s[3].commit_index == s[1].commit_index == 1


# The same stories as scenarios


def broken(recording: Recording, until: int) -> list[str]:
    run: Run = RAFT.run(recording)
    run.advance(until)
    monitor = run.observers[0]
    assert isinstance(monitor, Monitor)
    return [name for name, _ in monitor.broken()]


@pytest.mark.parametrize("name", ["figure_8", "vote_forgotten", "vote_without_log_check"])
def test_a_scenario_with_a_rule_off_breaks_what_it_says_and_with_the_rule_on_nothing(name: str) -> None:
    scenario = RAFT.scenario(name)
    recording = scenario.recording(RAFT.program)
    assert recording.rules
    assert not any(recording.rules.values())
    assert broken(recording, scenario.until) == list(scenario.breaks)
    assert scenario.breaks
    with_rule = Recording(**{**vars(recording), "rules": {}})
    assert broken(with_rule, scenario.until + 3_000_000) == []
