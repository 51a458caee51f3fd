"""The lesson of Paxos: what its sentences claim is so."""

from __future__ import annotations

from typing import Any

from server.lessons import Guide, told
from server.protocols import protocol
from server.protocols.ballots import rank
from server.protocols.paxos.indications import BallotAbandoned, Learned, ValueAdopted, ValueFree
from server.protocols.paxos.lesson import FOUR_STEPS
from server.protocols.paxos.scenarios import accepted_by, answered, known, node_of
from server.protocols.paxos.state import Role
from server.simulation import Run
from tests.lessons.test_lessons import drive


def test_what_the_beats_say_is_what_is_seen() -> None:
    seen: dict[str, dict[str, Any]] = {}

    def ended(guide: Guide, run: Run) -> None:
        nodes = [node_of(run, name) for name in run.cluster.nodes]
        seen[guide.current.name] = {
            "promised": [node.promised for node in nodes],
            "roles": [node.role for node in nodes],
            "known": known(run),
            "abandoned": [(event.host, a.ballot) for event, a in told(run, BallotAbandoned)],
            "free": [(event.host, free.value) for event, free in told(run, ValueFree)],
        }

    _, run = drive(protocol("paxos"), FOUR_STEPS, ended=ended)
    assert list(seen) == [beat.name for beat in FOUR_STEPS.beats]
    assert seen["nothing_chosen"]["promised"] == ["0"] * 5
    assert "1.n1" in seen["prepare"]["promised"]
    assert seen["prepare"]["roles"][0] is Role.PREPARING
    assert seen["promise"]["roles"][0] is Role.PROPOSING
    assert seen["promise"]["promised"].count("1.n1") >= 3
    assert seen["promise"]["free"] == [("n1", "x")], "nothing was accepted"
    assert max(seen["promise"]["promised"], key=rank) != "1.n1", "n2 has begun a higher ballot by then"
    assert seen["rival"]["abandoned"] == [("n1", "1.n1")]
    assert seen["duel"]["abandoned"][-1][0] == "n2"
    assert sorted(role.value for role in seen["back_off"]["roles"]).count("proposing") == 1
    assert Role.PREPARING not in seen["back_off"]["roles"]
    (value,) = set(seen["learn"]["known"])
    assert value in ("x", "y")
    assert len(accepted_by(run, value)) >= 3
    assert seen["forgotten"]["known"][4] is None
    assert seen["forgotten"]["promised"][4] != "0", "what it promised is on disk"
    (adopted,) = [a for event, a in told(run, ValueAdopted) if event.host == "n5"]
    assert (adopted.value, adopted.own) == (value, "z")
    assert [event.host for event, _ in told(run, Learned)][-1] == "n5"
    assert node_of(run, "n5").chosen == value
    run.advance(run.now + 100_000)
    assert answered(run, "c2") == [value, value]
    assert accepted_by(run, "z") == ()
