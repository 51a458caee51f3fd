"""Every rule that `paper-tests.md` of the oracles names has a test of ours, or a reason why not; a new name fails here.

The names are read from the file: the first column of its table, and what is bold at the head of an item of its list. The
value is our test (`module::function`, without `test_paper_`).
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Callable

import pytest

from tests.conformance.oracles import found, need, text

NAMED = "paper-tests.md"
SECTION = re.compile(r"([Ss]ections?|[Ff]igure|[Cc]hapter|§) ?\d")
WORD = re.compile(r"[A-Z]\w+")

ELECTIONS, REPLICATION, RUNS = "elections::test_", "replication::test_", "runs::test_"
PREVOTE, READS, SNAPSHOT = "prevote::test_", "reads::test_", "snapshots::test_"
MEMBERSHIP = "membership::test_"

OURS: dict[str, str] = {
    # The 26 tests of the paper
    "FollowerUpdateTermFromMessage": ELECTIONS + "any_role_takes_a_newer_term_from_a_message_and_follows",
    "CandidateUpdateTermFromMessage": ELECTIONS + "any_role_takes_a_newer_term_from_a_message_and_follows",
    "LeaderUpdateTermFromMessage": ELECTIONS + "any_role_takes_a_newer_term_from_a_message_and_follows",
    "RejectStaleTermMessage": ELECTIONS
    + "a_message_of_an_older_term_changes_nothing_and_is_answered_with_the_newer_term",
    "StartAsFollower": ELECTIONS + "a_new_node_is_a_follower",
    "LeaderBcastBeat": ELECTIONS + "a_leader_without_anything_to_send_sends_one_heartbeat_to_each_per_interval",
    "FollowerStartElection": ELECTIONS + "an_election_timeout_starts_an_election",
    "CandidateStartNewElection": ELECTIONS + "an_election_timeout_starts_an_election",
    "LeaderElectionInOneRoundRPC": ELECTIONS + "a_candidate_wins_with_a_majority_of_all_and_never_without",
    "FollowerVote": ELECTIONS + "a_node_votes_once_per_term_first_come_first_served",
    "CandidateFallback": ELECTIONS + "a_candidate_that_hears_a_leader_of_its_term_or_a_newer_one_follows",
    "FollowerElectionTimeoutRandomized": ELECTIONS + "election_timeouts_take_every_value_between_their_bounds",
    "CandidateElectionTimeoutRandomized": ELECTIONS + "election_timeouts_take_every_value_between_their_bounds",
    "FollowersElectionTimeoutNonconflict": ELECTIONS + "two_nodes_rarely_time_out_first_together",
    "CandidatesElectionTimeoutNonconflict": ELECTIONS + "two_nodes_rarely_time_out_first_together",
    "LeaderStartReplication": REPLICATION + "a_request_is_appended_and_sent_to_all_and_not_yet_committed",
    "LeaderCommitEntry": REPLICATION + "an_entry_that_all_have_is_committed_applied_and_told",
    "LeaderAcknowledgeCommit": REPLICATION + "an_entry_is_committed_once_a_majority_of_all_has_it",
    "LeaderCommitPrecedingEntries": REPLICATION + "committing_an_entry_commits_all_before_it",
    "FollowerCommitEntry": REPLICATION + "a_follower_applies_what_the_leader_has_committed",
    "FollowerCheckMsgApp": REPLICATION + "a_follower_takes_entries_only_behind_one_that_it_has_too",
    "FollowerAppendEntries": REPLICATION + "a_follower_removes_what_conflicts_and_nothing_else",
    "LeaderSyncFollowerLog": REPLICATION + "a_leader_brings_every_follower_of_figure_7_to_its_own_log",
    "VoteRequest": ELECTIONS + "a_candidate_tells_where_its_log_ends",
    "Voter": ELECTIONS + "a_voter_refuses_a_log_that_is_less_up_to_date_than_its_own",
    "LeaderOnlyCommitsLogFromCurrentTerm": REPLICATION + "a_leader_commits_only_entries_of_its_own_term_by_counting",
    # The most useful of the others
    "LeaderElection": ELECTIONS + "an_election_needs_a_majority_of_all_members_alive_or_not",
    "LeaderElectionOverwriteNewerLogs": ELECTIONS
    + "a_leader_overwrites_entries_of_a_newer_term_that_were_never_committed",
    "LeaderCycle": ELECTIONS + "leadership_can_go_round",
    "CannotCommitWithoutNewTermEntry": RUNS + "with_appends_held_up_a_new_leader_commits_nothing_until_they_pass",
    "CommitWithoutNewTermEntry": REPLICATION + "the_no_op_of_a_new_leader_commits_what_older_terms_left",
    "DuelingCandidates": ELECTIONS + "a_candidate_with_a_shorter_log_deposes_a_leader_and_wins_nothing",
    "CandidateConcede": ELECTIONS + "a_candidate_that_was_cut_off_gives_way_to_the_leader_of_its_term",
    "OldMessages": REPLICATION + "a_late_message_of_an_older_term_is_ignored_by_a_leader",
    "Proposal": REPLICATION + "a_proposal_is_committed_exactly_where_a_majority_can_be_reached",
    "Commit": REPLICATION + "the_commit_index_is_what_a_majority_has_if_that_is_of_the_current_term",
    "HandleMsgApp": REPLICATION + "a_follower_commits_no_further_than_the_last_entry_known_to_match",
    "HandleHeartbeat": REPLICATION + "a_heartbeat_raises_the_commit_index_and_never_lowers_it",
    "RecvMsgVote": ELECTIONS + "a_vote_goes_by_log_then_by_the_vote_given_and_never_to_a_rival",
    "StateTransition": RUNS + "roles_change_only_as_figure_4_draws_them",
    "AllServerStepdown": ELECTIONS + "every_role_steps_down_before_term_3_and_knows_a_leader_only_from_its_entries",
    "DisruptiveFollower": RUNS + "a_follower_that_was_too_slow_deposes_a_leader_by_its_term_alone",
    "LogReplicationWithReorderedMessage": REPLICATION
    + "a_refusal_that_comes_late_or_twice_does_not_lower_next_index_again",
    # Those of the dissertation
    "PreVote": PREVOTE + "a_failed_pre_election_leaves_the_term_as_it_was",
    "DuelingPreCandidates": PREVOTE + "of_duelling_pre_candidates_the_one_behind_changes_nothing",
    "NodeWithSmallerTermCanCompleteElection": PREVOTE + "a_node_of_a_smaller_term_completes_an_election",
    "PreVoteWithSplitVote": PREVOTE + "after_a_split_vote_the_next_pre_election_elects",
    "PreVoteWithCheckQuorum": PREVOTE + "with_both_a_cluster_without_a_leader_elects_one",
    "PreVoteMigration": PREVOTE + "a_cluster_where_only_some_ask_first_does_not_get_stuck",
    "LeaderStepdownWhenQuorumActive": PREVOTE
    + "a_leader_stays_while_a_majority_answers_and_steps_down_after_a_timeout_without",
    "Lost": PREVOTE + "a_leader_stays_while_a_majority_answers_and_steps_down_after_a_timeout_without",
    "LeaderSupersedingWithCheckQuorum": PREVOTE
    + "a_voter_that_hears_a_leader_ignores_a_candidate_and_its_term_until_the_timeout_is_over",
    "LeaderElectionWithCheckQuorum": PREVOTE + "a_cluster_that_has_heard_no_leader_elects_one_with_check_quorum",
    "FreeStuckCandidateWithCheckQuorum": PREVOTE
    + "a_stuck_candidate_frees_itself_by_answering_the_leader_with_its_term",
    "ReadOnlyOptionSafe": READS + "a_read_index_is_the_commit_index_when_it_was_asked_for",
    "ReadOnlyForNewLeader": READS + "a_new_leader_answers_no_read_before_an_entry_of_its_own_term_is_committed",
    "ReadOnlyDuplicateRequest": READS + "late_or_doubled_answers_confirm_no_later_read",
    "LeaderTransfer": READS + "leadership_goes_to_a_node_that_is_up_to_date_and_back",
    # Those of snapshots
    "Restore": SNAPSHOT + "a_snapshot_replaces_log_and_state_machine",
    "RestoreIgnoreSnapshot": SNAPSHOT + "an_older_snapshot_is_ignored",
    "ProvideSnap": SNAPSHOT + "a_leader_that_has_no_longer_what_a_follower_lacks_sends_its_snapshot",
    "SlowNodeRestore": SNAPSHOT + "a_slow_node_is_restored_from_a_snapshot",
    "TransferNonMember": MEMBERSHIP + "a_node_that_does_not_vote_does_not_campaign_when_told_to",
    "StepIgnoreConfig": MEMBERSHIP + "one_change_at_a_time",
    "CommitAfterRemoveNode": MEMBERSHIP + "removing_a_node_commits_what_waited_for_it",
    "AddNodeCheckQuorum": MEMBERSHIP + "a_new_member_has_an_election_timeout_before_its_silence_counts",
    "RemoveNode": MEMBERSHIP + "the_last_voter_can_not_be_removed",
    "ConfChangeCheckBeforeCampaign": MEMBERSHIP + "a_node_campaigns_by_the_configuration_in_its_log_committed_or_not",
    "FastLogRejection": REPLICATION
    + "going_back_takes_one_refusal_an_entry_that_differs_where_a_hint_by_terms_takes_one_a_term",
}

ELSEWHERE: dict[str, str] = {}
"""Rules about parts of Raft that the tests of those parts assert, or that ours does without: name -> which part, or why."""
NO_RULES = {"The"}
"""Bold words of the file that name nothing."""


def names() -> list[str]:
    """All names in the file."""
    found_: list[str] = []
    for path in found(NAMED):
        for line in text(path).splitlines():
            if line.startswith("| ") and not line.startswith(("| Test", "| ---")):
                found_ += WORD.findall(line.split("|")[1])
            elif line.startswith("* "):
                for bold in re.findall(r"\*\*([^*]+)\*\*", line):
                    found_ += [word for word in WORD.findall(bold) if "raft_" not in word]
    return [name for name in dict.fromkeys(found_) if name not in NO_RULES]


def test_every_name_has_a_test_of_ours_or_a_reason() -> None:
    need(NAMED)
    read = names()
    assert len(read) > 0
    new = [name for name in read if name not in {*OURS, *ELSEWHERE}]
    assert not new, f"paper-tests.md names rules of which nobody has said here which test asserts them: {new}"
    assert not set(OURS) & set(ELSEWHERE)
    print(f"{len([n for n in read if n in OURS])} of {len(read)} names have a test here")


@pytest.mark.parametrize("name", OURS)
def test_the_test_of_a_name_is_there_and_says_its_section(name: str) -> None:
    module, _, function = OURS[name].partition("::")
    there = importlib.import_module(f"tests.conformance.test_paper_{module}")
    assert hasattr(there, function), f"{OURS[name]} is not there"
    assert SECTION.search(cited_at(getattr(there, function))), f"{OURS[name]} cites no section"


def cited_at(function: Callable[..., None]) -> str:
    """What stands in a test's docstring, and in the headings of the part of the file and of the file that it is in."""
    module = sys.modules[function.__module__]
    lines, line = inspect.getsource(module).splitlines(), inspect.getsourcelines(function)[1]
    headings = [text for text in lines[:line] if text.startswith("# ")]
    return "\n".join([function.__doc__ or "", *headings[-1:], module.__doc__ or ""])
