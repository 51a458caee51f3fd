"""Quorum arithmetic and membership changes, held to etcd's data-driven files (`etcd-raft/quorum`, `etcd-raft/confchange`).

Every command of every file in these folders is played; one that is not known fails.

Projection. Of a `committed` in `quorum` the chart of indexes above the answer is etcd's own drawing and is left out: the
answer, the last line, is compared (an unbounded one reads `∞`). Of a `vote` everything is compared. In `confchange` the
whole answer is compared, configuration and one line a member: who is a learner, and at which command it came in (`next`,
etcd's first index to send to it); `StateProbe match=0` is how etcd draws a member of whom nothing is known yet. Id 0 is
etcd's nobody and is left out on the way in; of a refusal etcd's words are compared with ours by the table below.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocols.quorum import Ballot, agreed, committed_index, majority, needed, vote_result
from server.protocols.raft.configuration import (
    ADD_LEARNER,
    ADD_VOTER,
    REMOVE,
    UPDATE,
    Change,
    Configuration,
    Transition,
)
from server.simulation import Refused
from tests.conformance.oracles import Case, cases, each, found

QUORUMS, CHANGES = "etcd-raft/quorum/*.txt", "etcd-raft/confchange/*.txt"

VOTES = {"y": True, "n": False}
RESULTS = {Ballot.WON: "VoteWon", Ballot.LOST: "VoteLost", Ballot.PENDING: "VotePending"}
KINDS = {"v": ADD_VOTER, "l": ADD_LEARNER, "r": REMOVE, "u": UPDATE}
REFUSALS = {
    "joint": "can't apply simple config change in joint config",
    "more_than_one": "more than one voter changed without entering joint config",
    "already_joint": "config is already joint",
    "nobody": "can't make a zero-voter config joint",
    "not_joint": "can't leave a non-joint config",
    "no_voter_left": "removed all voters",
}


def name(path: Path) -> str:
    return path.stem


# Quorums


def groups(case: Case) -> tuple[list[str], ...]:
    """The groups of a command: one, or the two halves of a joint configuration, of which one may be empty."""
    first = case.names("cfg") or []
    return (first, case.names("cfgj") or []) if "cfgj" in case.args else (first,)


def given_to_each(case: Case, arg: str) -> dict[str, str]:
    """What is said of each voter, in the order of their numbers; `_` where nothing is."""
    voters = sorted({voter for group in groups(case) for voter in group}, key=int)
    said = case.names(arg) or []
    assert len(voters) == len(said), f"{case.where}: {len(voters)} voters and {len(said)} of {arg}"
    return {voter: word for voter, word in zip(voters, said, strict=True) if word != "_"}


def answer(case: Case) -> str:
    """Our answer to a command about quorums."""
    match case.command:
        case "vote":
            votes = {voter: VOTES[word] for voter, word in given_to_each(case, "votes").items()}
            return RESULTS[vote_result(groups(case), votes)]
        case "committed":
            index = committed_index(groups(case), {v: int(word) for v, word in given_to_each(case, "idx").items()})
            return "∞" if index is None else str(index)
        case other:
            pytest.fail(f"{case.where}: nobody has said here what {other!r} means; known are vote and committed.")


def etcds_answer(case: Case) -> str:
    """The answer without the chart above it."""
    return case.expected.splitlines()[-1].rpartition(">")[2]


@pytest.mark.parametrize("path", each(found(QUORUMS), QUORUMS, name))
def test_every_quorum_is_as_etcd_counts_it(path: Path) -> None:
    played = list(cases(path))
    assert played, f"There is no command in {path.name}."
    wrong = [
        f"{case.where} {case.args}: {ours}, with etcd {theirs}"
        for case in played
        if (ours := answer(case)) != (theirs := etcds_answer(case))
    ]
    assert not wrong, "\n".join(wrong)


# Membership changes


class Tracked:
    """A configuration, and at which command each of its members came in."""

    def __init__(self) -> None:
        self.configuration = Configuration()
        self.since: dict[str, int] = {}
        self.commands = 0

    def carry_out(self, case: Case) -> str:
        """Our answer to a command."""
        try:
            self.configuration = self.asked(case)
        except Refused as refused:
            return REFUSALS[refused.code]
        else:
            return "\n".join([str(self.configuration), *self.progress()])
        finally:
            self.commands += 1

    def asked(self, case: Case) -> Configuration:
        changes = self.changes(case)
        match case.command:
            case "simple":
                return self.configuration.simple(changes)
            case "enter-joint":
                return self.configuration.enter_joint(changes, auto_leave=case.args.get("autoleave") == "true")
            case "leave-joint":
                assert not changes, case.where
                return self.configuration.leave_joint()
            case other:
                pytest.fail(
                    f"{case.where}: nobody has said here what {other!r} means; known are simple, enter-joint and "
                    "leave-joint."
                )

    def changes(self, case: Case) -> list[Change]:
        tokens = [token for line in case.input for token in line.split()]
        unknown = [token for token in tokens if token[0] not in KINDS or not token[1:].isdigit()]
        if unknown:
            pytest.fail(f"{case.where}: nobody has said here what the change {unknown[0]!r} means.")
        return [Change(KINDS[token[0]], token[1:]) for token in tokens if token[1:] != "0"]

    def progress(self) -> list[str]:
        members = self.configuration.members
        self.since = {member: self.since.get(member, max(self.commands, 1)) for member in members}
        learners = self.configuration.learners
        return [
            f"{member}: StateProbe match=0 next={since}" + " learner" * (member in learners)
            for member, since in self.since.items()
        ]


@pytest.mark.parametrize("path", each(found(CHANGES), CHANGES, name))
def test_every_membership_change_is_as_etcd_makes_it(path: Path) -> None:
    tracked = Tracked()
    played = list(cases(path))
    assert played, f"There is no command in {path.name}."
    for case in played:
        assert tracked.carry_out(case) == case.expected, case.where


# What holds of every configuration

Voters = tuple[str, ...]
NODES = [f"n{i}" for i in range(1, 6)]
some = st.lists(st.sampled_from(NODES), unique=True).map(tuple)
answers = st.dictionaries(st.sampled_from(NODES), st.booleans())
indexes = st.dictionaries(st.sampled_from(NODES), st.integers(0, 9))
changes = st.lists(
    st.builds(Change, st.sampled_from([ADD_VOTER, ADD_LEARNER, REMOVE, UPDATE]), st.sampled_from(NODES)), max_size=5
)
configurations = some.filter(bool).flatmap(
    lambda voters: st.builds(
        lambda learners: Configuration(tuple(sorted(voters)), (), tuple(sorted(set(learners) - set(voters)))), some
    )
)


@given(some, some, answers)
def test_a_joint_vote_is_won_in_both_halves_or_lost_in_one(one: Voters, other: Voters, votes: dict[str, bool]) -> None:
    """Section 6; with itself or with nobody a group is what it is alone, and the order of the halves is nothing."""
    first, second = vote_result((one,), votes), vote_result((other,), votes)
    both = vote_result((one, other), votes)
    assert both is vote_result((other, one), votes)
    assert (both is Ballot.WON) == (first is second is Ballot.WON)
    assert (both is Ballot.LOST) == (Ballot.LOST in {first, second})
    assert vote_result((one, one), votes) is vote_result((one, ()), votes) is first


@given(some, some, indexes)
def test_a_joint_commit_is_the_lower_of_both(one: Voters, other: Voters, match: dict[str, int]) -> None:
    bounds = [index for group in (one, other) if (index := committed_index((group,), match)) is not None]
    assert committed_index((one, other), match) == committed_index((other, one), match) == min(bounds, default=None)


@given(some.filter(bool), indexes)
def test_a_commit_is_the_largest_index_that_a_majority_would_vote_for(voters: Voters, match: dict[str, int]) -> None:
    """Counting and voting are the same arithmetic: etcd holds its own to this."""
    committed = committed_index((voters,), match)
    assert committed is not None
    votes = [vote_result((voters,), {v: match.get(v, 0) >= index for v in voters}) for index in range(11)]
    assert committed == max(index for index, vote in enumerate(votes) if vote is Ballot.WON)


@given(some.filter(bool), answers)
def test_what_is_pending_can_still_go_either_way_and_the_rest_can_not(voters: Voters, votes: dict[str, bool]) -> None:
    silent = [v for v in voters if v not in votes]
    ends = {
        vote_result((voters,), votes | dict(zip(silent, said, strict=True)))
        for said in product((True, False), repeat=len(silent))
    }
    result = vote_result((voters,), votes)
    assert ends == ({Ballot.WON, Ballot.LOST} if result is Ballot.PENDING else {result})


@pytest.mark.parametrize("members", range(1, 10))
def test_two_quorums_share_a_member_unless_the_rule_for_it_is_off(members: int) -> None:
    assert 2 * needed(members) > members >= needed(members)
    assert needed(members) == majority(members)
    assert needed(members, 1) == max(1, majority(members) - 1)
    assert agreed(range(members), needed(members)) == members - majority(members)


@given(configurations, changes)
def test_what_can_be_changed_at_once_keeps_majorities_meeting(before: Configuration, asked: list[Change]) -> None:
    """Thesis sections 4.1 and 4.3; and it ends as it would by way of a joint configuration."""
    after = attempt(lambda: before.enter_joint(asked))
    if after is None:
        assert attempt(lambda: before.simple(asked)) is None
        return
    assert after.joint
    assert after.outgoing == before.voters
    assert_sound(after)
    after = after.leave_joint()
    assert_sound(after)
    alike = len(set(before.voters) ^ set(after.voters)) <= 1
    assert attempt(lambda: before.simple(asked)) == (after if alike else None)
    if alike:
        smallest = majority(len(before.voters)) + majority(len(after.voters))
        assert smallest > len({*before.voters, *after.voters}), "two majorities need not meet"


def attempt(change: Callable[[], Configuration]) -> Configuration | None:
    """What a change makes; None where it is refused."""
    try:
        return change()
    except Refused:
        return None


def assert_sound(configuration: Configuration) -> None:
    """Nobody is two things at once, but an outgoing voter that is to stay, or to become a learner."""
    voting = {*configuration.voters, *configuration.outgoing}
    assert not voting & set(configuration.learners)
    assert set(configuration.learners_next) <= set(configuration.outgoing) - set(configuration.voters)
    assert configuration.joint or not (configuration.learners_next or configuration.auto_leave)
    assert configuration.members == tuple(sorted(voting | set(configuration.learners)))


def test_a_request_to_change_goes_the_way_that_it_asks_for() -> None:
    """After etcd: one change at once goes simply, more of them or on demand jointly; an empty one leaves."""
    three = Configuration(("n1", "n2", "n3"))
    one, two = [Change(ADD_VOTER, "n4")], [Change(ADD_VOTER, "n4"), Change(REMOVE, "n1")]
    assert three.changed(one) == Configuration(("n1", "n2", "n3", "n4"))
    assert three.changed(two) == three.enter_joint(two, auto_leave=True)
    assert three.changed(one, Transition.IMPLICIT) == three.enter_joint(one, auto_leave=True)
    explicit = three.changed(two, Transition.EXPLICIT)
    assert explicit == Configuration(("n2", "n3", "n4"), ("n1", "n2", "n3"))
    assert explicit.electorate == explicit.members == ("n1", "n2", "n3", "n4")
    assert explicit.changed([]) == Configuration(("n2", "n3", "n4"))
    assert Configuration(("n10", "n2")).simple([Change(ADD_VOTER, "n1")]).voters == ("n1", "n2", "n10")


# A file of something else


@pytest.mark.parametrize(
    ("said", "answerer"),
    [("juggle cfg=(1)", answer), ("simple-ish", Tracked().carry_out)],
)
def test_a_command_that_is_not_known_fails_with_a_sentence(tmp_path: Path, said: str, answerer: object) -> None:
    assert callable(answerer)
    path = tmp_path / "new.txt"
    path.write_text(f"# nobody knows this\n{said}\n----\nok\n", encoding="utf-8")
    (case,) = cases(path)
    with pytest.raises(pytest.fail.Exception, match=r"new\.txt, line 2.*nobody has said here what") as failed:
        answerer(case)
    assert said.split()[0] in str(failed.value)
