"""What the consensus protocols tell, held against what happened: fuzzed runs, and every word of some sentences in them."""

from collections.abc import Iterator
from typing import Any

import pytest

from server.exploration.fuzz import fuzz
from server.protocols import protocol
from server.protocols.ballots import rank
from server.simulation import Event, Run, Setting

HASTY: dict[str, Setting] = {"client_attempts": 1, "client_timeout": 30_000, "think_time": 30_000}
"""Clients that give an operation up when the first answer does not come at once: requests come after later ones."""


def fuzzed(name: str, seed: int, **given: Any) -> Run:
    """A whole run with faults, which no broken property ends."""
    known = protocol(name)
    outcome = fuzz(known, seed, wanted=frozenset({"none"}), **given)
    run = known.run(outcome.recording, keep=True)
    run.advance(outcome.until)
    return run


def told(run: Run) -> Iterator[tuple[Event, Any]]:
    """Each indication of a run with its event, in their order."""
    for event in run.history.events:
        for news in event.indications:
            yield event, news


@pytest.mark.parametrize(("name", "seeds"), [("raft", (960, 7)), ("multi_paxos", (4, 9))])
def test_an_operation_is_said_to_have_been_applied_where_it_was_and_to_be_overtaken_where_a_later_one_was(
    name: str, seeds: tuple[int, ...]
) -> None:
    seen = set()
    for seed in seeds:
        applied: set[tuple[str, int]] = set()
        for _, news in told(fuzzed(name, seed, nodes=3, params=HASTY)):
            kind = type(news).__name__
            if kind == "Applied":
                command = news.entry.command if name == "raft" else news.command
                applied |= {(command.client, command.serial)} if command is not None else set()
            elif kind == "DuplicateNotApplied":
                assert (news.client, news.serial) in applied
                seen.add(kind)
            elif kind == "OvertakenNotApplied":
                assert news.newer > news.serial
                assert (news.client, news.newer) in applied
                seen.add(kind)
    assert seen == {"DuplicateNotApplied", "OvertakenNotApplied"}


RULES = ("", *protocol("paxos").program.rules)


@pytest.mark.parametrize("off", RULES)
def test_a_paxos_acceptor_accepts_and_promises_for_the_reasons_that_it_gives(off: str) -> None:
    seen = set()
    for seed in range(1, 21):
        run = fuzzed("paxos", seed, rules_off=(off,) if off else ())
        for event, news in told(run):
            kind = type(news).__name__
            if kind not in ("ProposalAccepted", "AcceptedAgainstPromise", "PromiseBroken", "Promised", "BallotBegan"):
                continue
            values, _ = run.history.state(str(event.host), event.seq - 1)
            before = dict(zip(run.history.fields[str(event.host)], values, strict=True))
            seen.add(kind)
            lower = rank(news.ballot) < rank(before["promised"])
            if kind == "BallotBegan":
                assert rank(news.ballot)[0] == before["round"] + 1
            elif kind == "Promised":
                assert before["accepted_value"] is None
            else:
                assert lower == (kind != "ProposalAccepted")
                assert not lower or news.promised == before["promised"]
    broken = {"AcceptedAgainstPromise", "PromiseBroken"} if off == "keep_promise" else set()
    assert seen == {"ProposalAccepted", "Promised", "BallotBegan", *broken}


@pytest.mark.parametrize("off", RULES)
def test_a_paxos_learner_counts_acceptances_that_there_were_and_says_chosen_of_a_majority_alone(off: str) -> None:
    seen = set()
    for seed in range(1, 21):
        accepted: dict[tuple[Any, str], set[Any]] = {}
        for event, news in told(fuzzed("paxos", seed, rules_off=(off,) if off else ())):
            seen.add(type(news).__name__)
            match type(news).__name__:
                case "ProposalAccepted" | "AcceptedAgainstPromise":
                    accepted.setdefault((news.value, news.ballot), set()).add(event.host)
                case "AcceptanceHeard":
                    assert len(accepted[news.value, news.ballot]) >= news.acceptances
                case "AcceptanceHeardInAnyBallot":
                    assert off == "count_one_ballot"
                case "Learned" | "LearnedFromFewer" as kind:
                    assert len(accepted[news.value, news.ballot]) >= news.acceptances
                    assert (news.acceptances > news.acceptors // 2) == (kind == "Learned")
                case "LearnedAcrossBallots":
                    by = [accepted[news.value, ballot] for ballot in news.ballots.split(", ")]
                    assert len(by) > 1
                    assert len(set().union(*by)) >= news.acceptances
    broken = {
        "majority": {"LearnedFromFewer"},
        "count_one_ballot": {"AcceptanceHeardInAnyBallot", "LearnedAcrossBallots"},
    }
    assert {kind for kind in seen if kind.startswith(("Learned", "AcceptanceHeard"))} == {
        "Learned", "AcceptanceHeard", "LearnedFrom", *broken.get(off, ())
    }  # fmt: skip


@pytest.mark.parametrize("off", ["", *protocol("multi_paxos").program.rules])
def test_a_leader_of_multi_paxos_counts_nodes_that_have_accepted_the_slot_in_its_ballot(off: str) -> None:
    counted = 0
    for seed in (36, *range(1, 12)):
        run = fuzzed("multi_paxos", seed, rules_off=(off,) if off else ())
        held: dict[tuple[int, str], set[Any]] = {}
        for event in run.history.events:
            if event.host in run.cluster.nodes:
                values, _ = run.history.state(event.host, event.seq)
                log = dict(zip(run.history.fields[event.host], values, strict=True))["log"]
                for at, slot in enumerate(log[: log.length], 1):
                    held.setdefault((at, slot.ballot), set()).add(event.host)
            for news in event.indications:
                match type(news).__name__:
                    case "ChosenKept":
                        assert off not in ("", "in_order", "once")
                        held.setdefault((news.slot, news.ballot), set()).add(event.host)
                    case "Chosen":
                        counted += 1
                        assert len(held[news.slot, news.ballot]) >= news.copies, (seed, event.seq)
    assert counted > 20
