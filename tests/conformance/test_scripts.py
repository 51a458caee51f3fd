"""Scripted conversations with etcd's Raft, and what it answered: Figure 7 with seven nodes, Figure 8's safe branch, and more.

Every script in the folder is played, but those that need what `NOT_PLAYED` names: a command or an option that ours has no
counterpart of. A script with a command or an option that is in neither fails and says which.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from server.protocols.raft.state import Role
from tests.conformance.oracles import cases, each, found
from tests.conformance.scripts import COMMANDS, OPTIONS, Conversation, played

SCRIPTS = ("etcd-raft/interaction/*.txt", "etcd-raft/*.golden.txt")
FIGURE_7, FIGURE_8 = "probe_and_replicate.txt", "fig8_safe_branch.golden.txt"

MEMBERS = "membership changes, which take effect in etcd when they are applied, and by the thesis (4.1) when they are appended"
NOT_PLAYED: dict[str, str] = {
    "process-append-thread": "a disk that answers later, as a message",
    "process-apply-thread": "a state machine that answers later, as a message",
    "async-storage-writes": "a disk that answers later, as a message",
    "learners": MEMBERS,
    "propose-conf-change": MEMBERS,
    "transfer-leadership": "a transfer of leadership",
    "step-down-on-removal": MEMBERS,
    "disable-conf-change-validation": MEMBERS,
    "max-committed-size-per-ready": "how much etcd's library hands over at once",
    "send-snapshot": "a snapshot that is sent by hand",
}
"""Command or option -> what it needs that these nodes are not asked for here."""


def words(path: Path) -> set[str]:
    """The commands of a script, and the options of its nodes."""
    return {
        word for case in cases(path) for word in (case.command, *(case.args if case.command == "add-nodes" else ()))
    }


def needs(path: Path) -> dict[str, str]:
    """What a script needs that is not played: command or option -> reason. A new one fails."""
    asked = words(path) - {*COMMANDS, *OPTIONS}
    unknown = asked - set(NOT_PLAYED)
    assert not unknown, f"{path.name}: nobody has said here what {sorted(unknown)} mean, or why they are not played."
    late = ["add-nodes"] if sum(case.command == "add-nodes" for case in cases(path)) > 1 else []
    return {word: NOT_PLAYED[word] for word in sorted(asked)} | dict.fromkeys(late, MEMBERS)


def playable(path: Path) -> bool:
    """Whether it needs nothing that is not played; one that needs something new is played, and fails."""
    return not set(NOT_PLAYED) & words(path) and sum(case.command == "add-nodes" for case in cases(path)) == 1


ALL = found(*SCRIPTS)
PLAYED = [path for path in ALL if playable(path)]


@pytest.mark.parametrize("path", each(PLAYED, " or ".join(SCRIPTS), lambda path: path.stem))
def test_our_nodes_answer_a_script_as_etcds_do(path: Path) -> None:
    assert not needs(path)
    conversation = Conversation()
    wrong = list(played(cases(path), conversation))
    assert not wrong, f"{len(wrong)} differences:\n" + "\n".join(wrong[:10])
    assert conversation.compared > 0, f"{path.name}: nothing was compared"


@pytest.mark.parametrize("path", [path for path in ALL if path not in PLAYED], ids=lambda path: path.stem)
def test_a_script_that_is_not_played_has_a_reason(path: Path) -> None:
    assert needs(path)


def test_a_script_of_something_new_fails_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "new.txt"
    path.write_text(
        "add-nodes 3 voters=(1,2,3) index=2 telepathy=true\n----\nok\n\nbless 1\n----\nok\n", encoding="utf-8"
    )
    with pytest.raises(AssertionError, match=r"nobody has said here what \['bless', 'telepathy'\] mean"):
        needs(path)


@pytest.mark.parametrize("rule", ["log_check", "consistency_check"])
def test_the_scripts_notice_a_rule_that_is_off(rule: str) -> None:
    paths = [path for path in found(*SCRIPTS) if path.name in {FIGURE_7, FIGURE_8}]
    if not paths:
        pytest.skip("Figures 7 and 8 are not in this folder.")
    assert any(list(played(cases(path), Conversation(off=(rule,)))) for path in paths)


def test_figure_7_ends_with_one_log() -> None:
    """Section 5.3 and figure 7: seven nodes, whose logs are as in the figure, follow the one that is elected."""
    paths = [path for path in found(*SCRIPTS) if path.name == FIGURE_7]
    if not paths:
        pytest.skip("Figure 7 is not in this folder.")
    conversation = Conversation()
    assert not list(played(cases(paths[0]), conversation))
    logs = [list(node.log) for node in conversation.nodes.values()]
    assert len(logs) == 7
    assert all(log == logs[0] for log in logs)
    assert [node.role for node in conversation.nodes.values()].count(Role.LEADER) == 1
