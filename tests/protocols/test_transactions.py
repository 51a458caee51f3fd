"""What two- and three-phase commit say of themselves is so: the log, votes, locks, presumptions, clients, dials."""

from typing import Any

import pytest

from server.lessons import Script
from server.protocols import PROTOCOLS, Protocol
from server.protocols.atomicity import bank_of
from server.protocols.bank import DECIDED_KEPT, Bank
from server.protocols.commitment import (
    AbortLearned,
    AnsweredWithoutRecord,
    CommitDecided,
    CommitLearned,
    TransactionBegun,
    VotedNoUnwilling,
    VotedYes,
    VoteRepeated,
)
from server.protocols.session import ClientReply, ClientRequest
from server.protocols.three_phase_commit.indications import (
    AbortBecauseAllDoubt,
    AckCounted,
    CommitBecausePreCommitted,
    OldCoordinatorIgnored,
    PreCommitFirst,
    PreCommitted,
    PreCommitting,
    TerminationBegun,
)
from server.protocols.three_phase_commit.messages import PreCommit
from server.protocols.transactions import (
    ABORTED,
    COMMITTED,
    DOUBTING,
    IN_DOUBT,
    NotCommitted,
    Put,
    Transfer,
    parse_operation,
)
from server.protocols.two_phase_commit.indications import (
    ForgottenWithoutAcks,
    InDoubt,
    OldAnswerIgnored,
    PresumedAbort,
    PresumedWithoutAcks,
)
from server.protocols.two_phase_commit.messages import Abort, Ack, Commit, Prepare
from server.simulation import FAILED, OK, Link, Recording, Refused, Returned, Run
from server.simulation.commands import Crash, Delay, DeliverNow, Drop, Duplicate, Request, Restart, SetClock

TWO, THREE = PROTOCOLS["two_phase_commit"], PROTOCOLS["three_phase_commit"]
both = pytest.mark.parametrize("protocol", [TWO, THREE], ids=["two", "three"])
QUIET: dict[str, Any] = {"think_time": 0, "unwilling": 0, "client_timeout": 10_000_000}
TEN = Link(low=10_000, high=10_000)


def begun(
    protocol: Protocol, *, nodes: int = 3, clients: int = 1, seed: int = 1, off: tuple[str, ...] = (), **params: Any
) -> Script:
    """A quiet cluster whose messages take ten milliseconds, without the rules `off`."""
    setup = Recording(
        protocol.name, nodes=nodes, clients=clients, params={**QUIET, **params}, seed=seed, link=TEN,
        rules=dict.fromkeys(off, False),
    )  # fmt: skip
    script = Script(setup, protocol.program)
    script.at(50_000)
    return script


def told(run: Run, indication: type) -> list[str | None]:
    """Who indicated this, in order."""
    return [event.host for event in run.history.events for news in event.indications if type(news) is indication]


def outcomes(run: Run) -> dict[str, tuple[str, Any]]:
    """Outcome and result of each operation that has ended."""
    returned = [news for event in run.history.events for news in event.indications if type(news) is Returned]
    return {each.id: (each.outcome, each.result) for each in returned}


def sent(run: Run, message: type) -> list[tuple[str, str]]:
    """Source and destination of each message of this type that was sent."""
    return [(f.src, f.dst) for event in run.history.events for f in event.sent if type(f.body) is message]


# The log


@both
def test_a_crash_takes_what_was_not_forced(protocol: Protocol) -> None:
    script = begun(protocol)
    script.give(Request("c1", Put("x", 1)))
    script.until_event(lambda event: event.host == "n2" and bank_of(script.run.cluster, "n2").log.length == 1)
    server = bank_of(script.run.cluster, "n2")
    assert (server.log[0].kind, server.forced) == ("prepared", 0)
    script.give(Crash("n2"))
    assert (server.log.length, server.forced) == (0, 0)


@both
def test_what_was_forced_is_kept_and_the_account_is_made_from_it(protocol: Protocol) -> None:
    script = begun(protocol)
    script.give(Request("c1", Transfer("n2", "n3", 30)))
    script.wait(300_000)
    script.give(Request("c1", Put("x", 1)))
    script.wait(300_000)
    for node in ("n1", "n2", "n3"):
        script.give(Crash(node))
        assert bank_of(script.run.cluster, node).balance is None, "it is in memory"
        script.give(Restart(node))
    balances = [bank_of(script.run.cluster, node).balance for node in ("n1", "n2", "n3")]
    assert balances == [None, 70, 130]
    assert bank_of(script.run.cluster, "n2").data == bank_of(script.run.cluster, "n3").data == {"x": 1}


@both
def test_one_write_of_the_disk_takes_all_that_was_appended_before_it_began(protocol: Protocol) -> None:
    script = begun(protocol, nodes=5, clients=4, write_time=30_000)
    for client, key in (("c1", "a"), ("c2", "b"), ("c3", "c"), ("c4", "d")):
        script.give(Request(client, Put(key, 1)))
    script.until(VotedYes, "n2", count=4)
    writes = [e for e in script.run.history.events if e.kind == "timer" and e.host == "n2" and e.subject == "disk"]
    assert len(writes) < 4


def test_a_vote_waits_for_the_disk_and_so_does_the_decision() -> None:
    for write_time in (0, 40_000):
        script = begun(TWO, write_time=write_time)
        script.give(Request("c1", Transfer("n2", "n3", 30)))
        script.until(Returned, "c1")
        # Four messages one after the other, two writes, and thrice it was not the first to be sent to.
        assert script.run.now - 50_000 == 4 * 10_000 + 2 * write_time + 3 * 500


# Votes and locks


def test_a_participant_that_is_never_willing_aborts_everything() -> None:
    script = begun(TWO, unwilling=100)
    for amount in (10, 20):
        script.give(Request("c1", Transfer("n2", "n3", amount)))
    script.wait(500_000)
    assert {outcome for outcome, _ in outcomes(script.run).values()} == {FAILED}
    assert set(told(script.run, VotedNoUnwilling)) == {"n2", "n3"}
    assert not sent(script.run, Commit)


@both
def test_the_coordinator_may_take_part(protocol: Protocol) -> None:
    script = begun(protocol, takes_part=True)
    script.give(Request("c1", Transfer("n1", "n3", 30)))
    script.give(Request("c1", Transfer("n1", "n3", 80)))
    script.give(Request("c1", Put("x", 5)))
    script.wait(800_000)
    found = outcomes(script.run)
    assert [found[f"c1.{i}"][0] for i in (1, 2, 3)] == [OK, FAILED, OK]
    assert found["c1.2"][1] == NotCommitted("balance")
    assert [bank_of(script.run.cluster, n).balance for n in ("n1", "n2", "n3")] == [70, 100, 130]
    assert all(bank_of(script.run.cluster, n).data == {"x": 5} for n in ("n1", "n2", "n3"))


@both
def test_an_account_that_there_is_not_is_no_transaction(protocol: Protocol) -> None:
    script = begun(protocol)
    script.give(Request("c1", Transfer("n1", "n3", 30)))
    script.wait(100_000)
    assert outcomes(script.run) == {"c1.1": (FAILED, NotCommitted("no account"))}
    assert told(script.run, TransactionBegun) == []


@both
def test_one_node_alone_commits_with_itself(protocol: Protocol) -> None:
    script = begun(protocol, nodes=1)
    script.give(Request("c1", Put("x", 1)))
    script.wait(100_000)
    assert outcomes(script.run) == {"c1.1": (OK, True)}
    assert bank_of(script.run.cluster, "n1").data == {"x": 1}


@both
def test_a_read_waits_for_no_lock_and_is_refused_by_one(protocol: Protocol) -> None:
    script = begun(protocol, clients=2)
    script.give(Request("c1", Put("x", 1)))
    script.wait(300_000)
    script.give(Request("c2", parse_operation({"name": "get", "key": "x"})))
    script.wait(100_000)
    script.give(Request("c1", Put("x", 2)))
    script.until(VotedYes, "n3")
    script.give(Request("c2", parse_operation({"name": "get", "key": "x"})))
    script.wait(300_000)
    found = outcomes(script.run)
    assert found["c2.1"] == (OK, 1)
    assert found["c2.2"] in ((OK, 2), (FAILED, NotCommitted("locked"))), "never the old value once it is being replaced"


# What is doubled


@both
def test_a_question_that_comes_twice_is_answered_alike_and_changes_nothing(protocol: Protocol) -> None:
    script = begun(protocol)
    script.give(Request("c1", Put("x", 1)))
    first = script.until_event(lambda event: any(f.dst == "n2" for f in event.sent))
    script.give(Duplicate(first.sent[0].id))
    script.wait(400_000)
    assert bank_of(script.run.cluster, "n2").balance == 100
    assert told(script.run, VotedYes).count("n2") == 1
    assert [r.kind for r in bank_of(script.run.cluster, "n2").log].count("commit") == 1
    assert outcomes(script.run) == {"c1.1": (OK, True)}


@both
def test_a_request_that_comes_twice_begins_once(protocol: Protocol) -> None:
    script = begun(protocol)
    script.give(Request("c1", Transfer("n2", "n3", 30)))
    (request,) = script.run.cluster.flights
    script.give(Duplicate(request))
    script.wait(400_000)
    assert told(script.run, TransactionBegun) == ["n1"]
    assert bank_of(script.run.cluster, "n2").balance == 70


@both
def test_a_client_that_asks_again_is_told_again(protocol: Protocol) -> None:
    script = begun(protocol, client_timeout=250_000)
    script.give(Request("c1", Transfer("n2", "n3", 30)))
    script.until(CommitDecided)
    answer = script.until_event(lambda event: any(type(f.body) is ClientReply for f in event.sent))
    script.give(Drop(next(f.id for f in answer.sent if type(f.body) is ClientReply)))
    script.wait(600_000)
    assert outcomes(script.run) == {"c1.1": (OK, True)}
    assert len(sent(script.run, ClientRequest)) >= 2
    assert told(script.run, TransactionBegun) == ["n1"]
    assert bank_of(script.run.cluster, "n3").balance == 130


def test_a_vote_that_was_lost_is_a_no_to_the_coordinator_and_a_doubt_to_the_voter() -> None:
    script = begun(TWO)
    script.give(Request("c1", Put("x", 1)))
    vote = script.until(VotedYes, "n3")
    script.give(Drop(vote.sent[0].id))
    script.wait(400_000)
    assert outcomes(script.run) == {"c1.1": (FAILED, NotCommitted("timeout"))}
    assert set(told(script.run, AbortLearned)) == {"n2", "n3"}


def test_a_late_prepare_of_what_was_aborted_is_not_voted_on_again() -> None:
    script = begun(TWO)
    script.give(Request("c1", Transfer("n2", "n3", 500)))
    script.until(TransactionBegun)
    script.until_event(lambda event: any(f.dst == "n2" and type(f.body) is Prepare for f in event.sent))
    original = script.flight(Prepare, "n1", "n2")
    script.give(Duplicate(original.id))
    script.wait(400_000)
    assert told(script.run, VoteRepeated) == ["n2"]
    assert bank_of(script.run.cluster, "n2").state_of("c1.1") == ABORTED
    assert bank_of(script.run.cluster, "n2").locks == {}


# Presumed abort


def test_an_abort_is_neither_forced_nor_acknowledged() -> None:
    script = begun(TWO)
    script.give(Request("c1", Transfer("n2", "n3", 500)))
    script.wait(500_000)
    assert sent(script.run, Ack) == []
    assert len(sent(script.run, Abort)) == 1, "only to the one that had not said no"
    for node in ("n1", "n2"):
        assert bank_of(script.run.cluster, node).forced == 0


def test_the_coordinator_says_abort_of_what_it_knows_nothing() -> None:
    script = begun(TWO, client_timeout=400_000)
    script.give(Request("c1", Put("x", 1)))
    script.until(VotedYes, count=2)
    script.give(Crash("n1"))
    script.wait(30_000)
    script.give(Restart("n1"))
    assert bank_of(script.run.cluster, "n1").log.length == 0
    script.wait(900_000)
    assert told(script.run, PresumedAbort) == ["n1", "n1"]
    assert told(script.run, AnsweredWithoutRecord) == ["n1"]
    assert outcomes(script.run) == {"c1.1": (FAILED, NotCommitted("forgotten"))}


def test_a_commit_is_remembered_until_all_have_acknowledged_it() -> None:
    script = begun(TWO)
    script.give(Request("c1", Put("x", 1)))
    script.until(CommitDecided)
    script.give(Crash("n3"))
    script.wait(1_000_000)
    node: Any = script.run.cluster.hosts["n1"].node
    assert node.rounds["c1.1"].acks == ("n2",)
    repeated = len([1 for _, dst in sent(script.run, Commit) if dst == "n3"])
    assert repeated > 4
    script.give(Restart("n3"))
    script.wait(400_000)
    assert node.rounds == {}
    assert bank_of(script.run.cluster, "n3").data == {"x": 1}


def test_who_is_in_doubt_keeps_its_locks_through_a_crash_and_asks_when_it_is_back() -> None:
    script = begun(TWO, clients=2)
    script.give(Request("c1", Transfer("n2", "n3", 30)))
    script.until(VotedYes, "n2")
    for node in ("n1", "n2"):
        script.give(Crash(node))
    script.wait(50_000)
    script.give(Restart("n2"))
    server = bank_of(script.run.cluster, "n2")
    assert (server.state_of("c1.1"), server.locks, server.role) == (IN_DOUBT, {"n2": "c1.1"}, DOUBTING)
    assert told(script.run, InDoubt) == ["n2"]


def write_commit_while_told_to_abort(script: Script) -> None:
    """n3 asks, is told to abort in error, and hears of the commit just before: its disk writes when the abort comes."""
    script.give(Request("c1", Put("x", 1)))
    script.until_event(lambda event: any(f.dst == "n3" and type(f.body) is Commit for f in event.sent))
    script.give(Delay(script.flight(Commit, "n1", "n3").id, 1_000_000))
    script.until_event(lambda event: any(f.dst == "n3" and type(f.body) is Abort for f in event.sent))
    script.give(DeliverNow(script.flight(Commit, "n1", "n3").id))


def test_an_abort_that_comes_while_the_commit_is_being_written_is_ignored() -> None:
    script = begun(TWO, off=("look_first",), write_time=40_000, vote_timeout=2_000_000)
    write_commit_while_told_to_abort(script)
    script.until(OldAnswerIgnored, "n3")
    server: Any = bank_of(script.run.cluster, "n3")
    assert (server.state_of("c1.1"), server.locks, tuple(server.learning)) == (IN_DOUBT, {"x": "c1.1"}, ("c1.1",))
    script.wait(100_000)
    assert bank_of(script.run.cluster, "n3").state_of("c1.1") == COMMITTED
    assert [record.kind for record in bank_of(script.run.cluster, "n3").log] == ["prepared", "commit"]
    assert told(script.run, AbortLearned) == []


def test_a_coordinator_that_waits_for_no_acknowledgements_does_not_claim_to_know() -> None:
    script = begun(TWO, off=("await_acks",))
    script.give(Request("c1", Put("x", 1)))
    script.until_event(lambda event: any(f.dst == "n3" and type(f.body) is Commit for f in event.sent))
    script.give(Drop(script.flight(Commit, "n1", "n3").id))
    script.wait(600_000)
    assert told(script.run, ForgottenWithoutAcks) == ["n1"]
    assert told(script.run, PresumedWithoutAcks) == told(script.run, PresumedAbort) == [], (
        "its table shows that it committed"
    )
    states = [bank_of(script.run.cluster, node).state_of("c1.1") for node in ("n2", "n3")]
    assert states == [COMMITTED, ABORTED]


# The termination of three-phase commit


def only_n2_is_precommitted(nodes: int) -> Script:
    """n1 crashes when it has told n2 alone that all have voted yes."""
    script = begun(THREE, nodes=nodes)
    script.give(Request("c1", Put("x", 1)))
    script.until_event(lambda event: any(f.dst == "n2" and type(f.body) is PreCommit for f in event.sent))
    script.give(Crash("n1"))
    return script


def test_those_in_doubt_are_precommitted_before_the_commit_so_that_it_outlives_its_coordinator() -> None:
    script = only_n2_is_precommitted(4)
    script.until(PreCommitFirst, "n2")
    script.until(CommitBecausePreCommitted, "n2")
    assert told(script.run, PreCommitted) == ["n2", "n3", "n4"]
    script.give(Crash("n2"))
    script.wait(1_500_000)
    states = [bank_of(script.run.cluster, node).state_of("c1.1") for node in ("n3", "n4")]
    assert states == [COMMITTED, COMMITTED]


def test_acknowledgements_are_counted_of_those_that_were_asked() -> None:
    def counted(script: Script) -> list[tuple[str | None, int, int]]:
        script.until(CommitLearned)
        events = script.run.history.events
        return [(e.host, n.acks, n.needed) for e in events for n in e.indications if type(n) is AckCounted]

    with_all = begun(THREE, nodes=4)
    with_all.give(Request("c1", Put("x", 1)))
    assert counted(with_all) == [("n1", 1, 3), ("n1", 2, 3), ("n1", 3, 3)]
    assert counted(only_n2_is_precommitted(4)) == [("n2", 1, 2), ("n2", 2, 2)]


def test_a_precommit_of_a_coordinator_whose_place_was_taken_is_ignored() -> None:
    script = begun(THREE)
    script.give(Request("c1", Put("x", 1)))
    script.until(PreCommitting)
    script.until_event(lambda event: any(f.dst == "n3" and type(f.body) is PreCommit for f in event.sent))
    for node in ("n2", "n3"):
        script.give(Delay(script.flight(PreCommit, "n1", node).id, 2_000_000))
    script.give(Crash("n1"))
    script.until(TerminationBegun, "n2")
    script.wait(50_000)
    script.give(DeliverNow(script.flight(PreCommit, "n1", "n3").id))
    script.until(OldCoordinatorIgnored, "n3")
    assert bank_of(script.run.cluster, "n3").state_of("c1.1") == IN_DOUBT
    script.until(AbortBecauseAllDoubt, "n2")
    script.wait(100_000)
    assert bank_of(script.run.cluster, "n3").state_of("c1.1") == ABORTED


# Clocks, bounds, dials


@both
def test_a_clock_that_jumps_back_by_an_hour_keeps_nobody_waiting_for_it(protocol: Protocol) -> None:
    script = begun(protocol)
    script.give(Request("c1", Put("x", 1)))
    vote = script.until(VotedYes, "n3")
    script.give(SetClock("n1", offset=-3_600_000_000))
    script.give(SetClock("n3", offset=-3_600_000_000))
    script.give(Drop(vote.sent[0].id))
    script.wait(1_500_000)
    assert outcomes(script.run)["c1.1"][0] == FAILED
    assert all(bank_of(script.run.cluster, n).locks == {} for n in ("n2", "n3"))


@both
def test_a_long_run_keeps_a_short_table(protocol: Protocol) -> None:
    run = protocol.run(Recording(protocol.name, clients=4, params={"think_time": 20_000}), keep=False)
    run.advance(20_000_000)
    for node in run.cluster.nodes:
        server = bank_of(run.cluster, node)
        assert server.log.length > 100
        assert len(server.transactions) < DECIDED_KEPT + 10
        assert len(server.deadlines) < 10
        assert len(server.outbox) < 40


@both
def test_a_restart_reads_a_long_log_and_goes_on(protocol: Protocol) -> None:
    run = protocol.run(Recording(protocol.name, clients=4, params={"think_time": 20_000}), keep=False)
    run.advance(10_000_000)
    before = {n: bank_of(run.cluster, n).forced for n in run.cluster.nodes}
    for node in run.cluster.nodes:
        run.act(Crash(node))
        run.act(Restart(node))
    run.advance(14_000_000)
    accounts = run.cluster.nodes[1:]
    assert all(bank_of(run.cluster, n).forced > before[n] for n in run.cluster.nodes)
    settled = not any(bank_of(run.cluster, n).locks for n in accounts)
    assert not settled or sum(bank_of(run.cluster, n).balance or 0 for n in accounts) == 100 * len(accounts)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"name": "steal"}, "unknown_operation"),
        ({"name": ["put"]}, "unknown_operation"),
        ({"name": "put", "key": ""}, "bad_key"),
        ({"name": "put", "key": "k" * 17, "value": 1}, "bad_key"),
        ({"name": "put", "key": "x"}, "bad_value"),
        ({"name": "put", "key": "x", "value": 1.5}, "bad_value"),
        ({"name": "put", "key": "x", "value": "v" * 65}, "bad_value"),
        ({"name": "get", "key": "x", "value": 1}, "bad_operation"),
        ({"name": "transfer", "source": "n2", "target": "n2", "amount": 1}, "bad_account"),
        ({"name": "transfer", "source": "n2", "target": 3, "amount": 1}, "bad_account"),
        ({"name": "transfer", "source": "n2", "target": "n3", "amount": 0}, "bad_amount"),
        ({"name": "transfer", "source": "n2", "target": "n3", "amount": True}, "bad_amount"),
        ({"name": "transfer", "source": "n2", "target": "n3"}, "bad_amount"),
    ],
)
def test_an_operation_that_makes_no_sense_is_refused(data: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_operation(data)
    assert refused.value.code == code
    assert "{" not in str(refused.value)


def test_an_operation_is_made_of_plain_data() -> None:
    assert parse_operation({"name": "put", "key": "x", "value": "v", "amount": None}) == Put("x", "v")
    assert parse_operation({"name": "transfer", "source": "n2", "target": "n3", "amount": 5}) == Transfer("n2", "n3", 5)


@both
def test_dials_that_make_no_sense_are_warned_of(protocol: Protocol) -> None:
    def warned(**changes: Any) -> list[str]:
        texts = protocol.warnings(Recording(protocol.name, **changes))
        assert not [text for text, args in texts if "{" in text.format(**args)]
        return [text for text, _ in texts]

    assert warned() == []
    assert warned(nodes=1)
    assert warned(link=Link(low=10_000, high=90_000))
    assert warned(params={"write_time": 200_000})
    assert warned(params={"patience": 100_000})
    assert bool(warned(link=Link(loss_percent=5))) == (protocol is THREE)


@both
def test_places_name_the_coordinator_the_participants_and_those_in_doubt(protocol: Protocol) -> None:
    script = begun(protocol)
    script.give(Request("c1", Put("x", 1)))
    script.until(VotedYes, "n3")
    script.wait(2_000)
    places = protocol.places(script.run.cluster)
    assert places["coordinator"] == "n1"
    assert (places["participant 1"], places["participant 2"]) == ("n2", "n3")
    assert [name for place, name in places.items() if place.startswith("in doubt")] == ["n2", "n3"]


@both
def test_every_state_and_role_of_a_node_is_drawn(protocol: Protocol) -> None:
    run = protocol.run(Recording(protocol.name, nodes=5, clients=3, params={"think_time": 50_000}))
    table = next(panel for panel in protocol.view.panels if panel.kind == "table")
    words: dict[str, str] = table.words  # type: ignore[union-attr]
    seen: set[str] = set()
    for _ in range(400):
        run.advance(run.now + 5_000)
        for node in run.cluster.nodes:
            server = bank_of(run.cluster, node)
            assert isinstance(server, Bank)
            seen |= {part.state for part in server.transactions.values()}
            assert server.role.value in protocol.view.node.roles
    assert seen == set(words)
    assert told(run, CommitLearned)
    assert {COMMITTED, ABORTED} <= seen
