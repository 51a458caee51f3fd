"""etcd's scripts of membership changes: which configurations a cluster goes through, one after the other.

Projection. etcd's nodes go over to a configuration when it is applied, ours when it is in the log (paper, section 6), so
what a single message finds differs on purpose, and which configurations there are, in which order, does not. Compared are
those that etcd's nodes say they switched to, in the order of their first mention, with those of our log. A script may be
silent about one (`log-level=none`).
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from server.protocols.raft.changes import Members
from server.protocols.raft.configuration import ADD_LEARNER, ADD_VOTER, REMOVE, UPDATE, Change, Transition
from server.simulation import Refused
from tests.conformance.adapter import Network, Role
from tests.conformance.oracles import Case, cases, each, found

SCRIPTS = "etcd-raft/interaction/confchange_v*.txt"
NODES = 5
KINDS = {"v": ADD_VOTER, "l": ADD_LEARNER, "r": REMOVE, "u": UPDATE}
SWITCHED = re.compile(r"INFO \d+ switched to configuration (voters=\(\d.*)")


def changes_in(case: Case) -> tuple[Change, ...]:
    """What a script proposes, such as "r1 v4"."""
    return tuple(Change(KINDS[word[0]], f"n{word[1:]}") for word in " ".join(case.input).split())


def as_etcd_writes(members: Members) -> str:
    """Nodes are numbers there."""
    return re.sub(r"n(\d)", r"\1", str(members.configuration)).replace("learners_next", "learnersNext")


def ours(path: Path) -> list[str]:
    """The configurations in the log of whoever has committed most, when the script has been played to quiet each time."""
    network = Network(1)
    for case in cases(path):
        match case.command:
            case "add-nodes" if case.names("voters"):
                count = len(case.names("voters") or ())
                network = Network(NODES, initial_members=count, membership="joint", catch_up=False)
            case "campaign":
                if network[int(case.words[0])].configuration and network[int(case.words[0])].standing.value == "voter":
                    network.campaign(int(case.words[0]))
            case "transfer-leadership":
                network.campaign(int(case.args["to"]))
            case "propose-conf-change":
                propose(network, int(case.words[0]), case)
        for name in network.leaders():
            network.beat(int(name[1:]))
    best = max(network.nodes.values(), key=lambda node: node.commit_index)
    return [as_etcd_writes(entry.command) for entry in best.log if isinstance(entry.command, Members)]


def propose(network: Network, i: int, case: Case) -> None:
    """A leader appends the configuration that follows, if there is one; else it takes no notice, as etcd's. A follower that
    is asked hands it on to the leader there.
    """
    leader = network[i] if network[i].role is Role.LEADER else network.nodes[network.leaders()[-1]]
    assert leader.configuration is not None
    transition = Transition(case.args.get("transition", "auto"))
    try:
        following = leader.configuration.changed(changes_in(case), transition)
    except Refused:
        return
    leader.append_members(following, None, 0)
    network.settle()


def theirs(path: Path) -> tuple[list[str], str]:
    """Those that etcd's nodes say they switched to, but for the first, from which they began; and the last."""
    told = [switched for case in cases(path) for switched in SWITCHED.findall(case.expected)]
    (first,) = [len(case.names("voters") or ()) for case in cases(path) if case.names("voters")]
    begun = f"voters=({' '.join(str(i) for i in range(1, first + 1))})"
    later = list(dict.fromkeys(told))
    return later[1:] if later[:1] == [begun] else later, told[-1]


@pytest.mark.parametrize("path", each(found(SCRIPTS), SCRIPTS, lambda path: path.stem))
def test_our_cluster_goes_through_the_same_configurations(path: Path) -> None:
    went, (expected, last) = ours(path), theirs(path)
    assert expected
    assert [one for one in dict.fromkeys(went) if one in expected] == expected
    assert went[-1] == last
    assert len(went) <= len(expected) + 1
