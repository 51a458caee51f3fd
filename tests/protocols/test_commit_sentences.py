"""What two- and three-phase commit say of a transaction is so: each sentence is held against the state that it is said in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from server.exploration import fuzz
from server.lessons import Script
from server.protocols import protocol
from server.protocols.bank import Bank
from server.protocols.commitment import (
    AnsweredWithoutRecord,
    CommitDecided,
    CommitUnforced,
    VotedYes,
    VotedYesUnforced,
)
from server.protocols.three_phase_commit import indications as three
from server.protocols.transactions import ABORTED, COMMITTED, IN_DOUBT, Put
from server.protocols.two_phase_commit import indications as two
from server.protocols.two_phase_commit.messages import Abort, Commit, Inquiry, Prepare, Vote
from server.simulation import Event, Link, Recording, Run
from server.simulation.commands import Crash, Delay, DeliverNow, Request, Restart

TWO = protocol("two_phase_commit")


class Facts:
    """An observer: every sentence of a run with the node that says it, as it stands then, and what happened before."""

    def __init__(self) -> None:
        self.committed: set[str] = set()
        self.yes: set[tuple[str | None, str]] = set()
        self.met: set[type] = set()
        self.wrong: list[tuple[int, Any]] = []

    def observe(self, event: Event, cluster: Any) -> None:
        for said in event.indications:
            if isinstance(said, (CommitDecided, CommitUnforced)):
                self.committed.add(said.transaction)
            elif isinstance(said, (VotedYes, VotedYesUnforced)):
                self.yes.add((event.host, said.transaction))
            truth = TRUTHS.get(type(said))
            if truth is not None:
                self.met.add(type(said))
                if not truth(cluster.hosts[event.host].node, said, self, event.host):
                    self.wrong.append((event.seq, said))


Truth = Callable[[Any, Any, Facts, "str | None"], bool]


def nothing_known(node: Bank, said: Any, facts: Facts, host: str | None) -> bool:
    """Neither its table nor its log says how it ended."""
    return node.outcome(said.transaction) is None


def never_committed(node: Bank, said: Any, facts: Facts, host: str | None) -> bool:
    """No coordinator has decided to commit it."""
    return said.transaction not in facts.committed


def in_doubt(node: Any, said: Any, facts: Facts, host: str | None) -> bool:
    """It has voted yes, and was told nothing."""
    doubts = node.state_of(said.transaction) == IN_DOUBT and said.transaction not in node.learning
    return doubts and (host, said.transaction) in facts.yes


def not_voted(node: Any, said: Any, facts: Facts, host: str | None) -> bool:
    return (host, said.transaction) not in facts.yes


def as_many(node: Any, said: Any, facts: Facts, host: str | None) -> bool:
    """So many votes have been given, by so many of those who take part."""
    known = node.rounds[said.transaction]
    given = [p for p in known.work.participants if p == host or (p, said.transaction) in facts.yes]
    return said.votes == len(known.yes) <= len(given) <= said.participants == len(known.work.participants)


TRUTHS: dict[type, Truth] = {
    two.PresumedAbort: lambda *told: nothing_known(*told) and never_committed(*told),
    two.PresumedUnforced: nothing_known,
    two.PresumedWithoutAcks: nothing_known,
    two.ForgottenWithoutAcks: lambda node, said, facts, host: node.outcome(said.transaction) == COMMITTED,
    two.CommitKnown: lambda node, said, facts, host: node.outcome(said.transaction) == COMMITTED,
    two.AbortKnown: lambda node, said, facts, host: node.outcome(said.transaction) == ABORTED,
    two.CannotHelp: in_doubt,
    two.CommitNotWrittenYet: lambda node, said, facts, host: said.transaction in node.learning,
    two.AbortBeingWritten: not_voted,
    two.AbortsForPeer: lambda *told: not_voted(*told) and never_committed(*told),
    two.AbortedAfterRestart: never_committed,
    AnsweredWithoutRecord: lambda *told: nothing_known(*told) and never_committed(*told),
    two.AnsweredUnforced: nothing_known,
    three.PreCommitting: as_many,
}


def fuzzed(name: str, seed: int, off: tuple[str, ...]) -> Facts:
    """What was said in a random run with faults, up to its end."""
    found = fuzz(protocol(name), seed, rules_off=off, wanted=frozenset({"none"}))
    facts = Facts()
    Run(found.recording, protocol(name).program, (facts,), keep=False).advance(found.until)
    return facts


@pytest.mark.parametrize(
    ("name", "off", "seeds", "met"),
    [
        ("two_phase_commit", (), (165, 272, *range(1, 13)), {two.CommitKnown, two.AbortBeingWritten, two.CannotHelp}),
        ("two_phase_commit", ("force_decision",), (5, 123, *range(13, 20)), {two.AnsweredUnforced, two.CommitNotWrittenYet}),
        ("two_phase_commit", ("await_acks",), range(20, 29), {two.ForgottenWithoutAcks}),
        ("three_phase_commit", ("unanimous",), range(1, 5), {three.PreCommitting}),
    ],
)  # fmt: skip
def test_what_is_said_of_a_transaction_is_so(
    name: str, off: tuple[str, ...], seeds: Iterable[int], met: set[type]
) -> None:
    said: set[type] = set()
    for seed in seeds:
        facts = fuzzed(name, seed, off)
        assert facts.wrong == [], seed
        said |= facts.met
    assert met <= said


def begun(*, nodes: int = 3, **params: Any) -> Script:
    """A quiet cluster whose messages take ten milliseconds, and a transaction that c1 asks for."""
    set_up = {"think_time": 0, "unwilling": 0, "client_timeout": 10_000_000, **params}
    script = Script(
        Recording("two_phase_commit", nodes=nodes, clients=1, params=set_up, link=Link(low=10_000, high=10_000)),
        TWO.program,
    )
    script.at(50_000)
    script.give(Request("c1", Put("x", 1)))
    return script


def sent(run: Run, message: type) -> list[tuple[str, str]]:
    """Source and destination of each message of this type that was sent."""
    return [(f.src, f.dst) for event in run.history.events for f in event.sent if type(f.body) is message]


def sends(message: type, src: str, dst: str) -> Callable[[Event], bool]:
    """Whether an event sends such a message."""
    return lambda event: any((type(f.body), f.src, f.dst) == (message, src, dst) for f in event.sent)


def test_who_asks_when_all_have_acknowledged_is_told_what_the_log_says() -> None:
    script = begun(patience=100_000)
    script.until_event(sends(Commit, "n1", "n3"))
    script.give(Delay(script.flight(Commit, "n1", "n3").id, 300_000))
    script.until_event(sends(Inquiry, "n3", "n1"))
    late = script.flight(Inquiry, "n3", "n1").id
    script.give(Delay(late, 5_000_000))
    script.until(two.Ended)
    script.wait(1_000_000)
    script.give(DeliverNow(late))
    known = script.until(two.CommitKnown, "n1")
    assert [(f.dst, type(f.body)) for f in known.sent] == [("n3", Commit)]
    assert sent(script.run, Abort) == []


def working_when_asked() -> Script:
    """n2 has voted and asks n3, whose prepared record is still being written."""
    script = begun(cooperative=True, write_time=100_000, patience=20_000, vote_timeout=2_000_000)
    script.until_event(sends(Prepare, "n1", "n3"))
    script.give(Delay(script.flight(Prepare, "n1", "n3").id, 60_000))
    script.until(two.AbortBeingWritten, "n3")
    return script


def test_a_participant_that_has_not_voted_yet_aborts_and_tells_once_that_is_on_its_disk() -> None:
    script = working_when_asked()
    assert sent(script.run, Abort) == []
    freed = script.until(two.AbortsForPeer, "n3")
    node: Any = script.run.cluster.hosts["n3"].node
    assert [record.kind for record in node.log] == ["prepared", "abort"]
    assert (node.forced, node.locks, node.helping) == (2, {}, {})
    assert [(f.dst, type(f.body)) for f in freed.sent] == [("n2", Abort)]
    script.wait(50_000)
    assert [script.run.cluster.hosts[n].node.state_of("c1.1") for n in ("n2", "n3")] == [ABORTED, ABORTED]
    assert sent(script.run, Vote) == [("n2", "n1")]


def test_an_abort_that_a_crash_took_was_told_to_nobody() -> None:
    script = working_when_asked()
    node: Any = script.run.cluster.hosts["n3"].node
    script.until_event(lambda event: event.host == "n3" and node.forced == 1)
    script.give(Crash("n3"))
    assert [record.kind for record in node.log] == ["prepared"]
    assert ("n3", "n2") not in sent(script.run, Abort)
    script.give(Restart("n3"))
    script.wait(30_000)
    assert script.run.cluster.hosts["n3"].node.state_of("c1.1") == IN_DOUBT
