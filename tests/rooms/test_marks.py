"""The timeline's marks and the clients' operations, read off a branch and bounded."""

from server.protocols import protocol
from server.rooms.marks import Operations, Tape
from server.simulation import Recording, Run
from server.simulation.commands import Crash, Heal, Partition, Request, Restart
from tests.support.runs import eventful


def busy(clients: int = 2, **params: int) -> Run:
    """A run with many operations."""
    run = protocol("raft").run(Recording("raft", clients=clients, params={"think_time": 20_000, **params}, seed=5))
    run.advance(4_000_000)
    return run


def taped(run: Run, most: int = 10_000) -> Tape:
    tape = Tape(most)
    for event in run.history.events:
        tape.add(event, ())
    return tape


def test_elections_commits_and_faults_are_marked_with_host_and_term() -> None:
    run = protocol("raft").run(Recording("raft", seed=7))
    run.advance(400_000)
    (elected,) = [mark for mark in taped(run).marks if mark[2] == "election"]
    leader = elected[3]
    assert elected[4] == run.cluster.hosts[str(leader)].node.__dict__["current_term"]
    assert elected[1] == run.history.time(elected[0])
    parse = run.program.parse_operation
    run.act(Request("c1", parse({"name": "get", "key": "x"})))
    run.act(Crash(str(leader)))
    run.act(Restart(str(leader)))
    run.act(Partition((("n1", "n2"), ("n3", "n4", "n5"))))
    run.act(Heal())
    assert [(m[2], m[3]) for m in taped(run).marks[-4:]] == [
        ("crash", leader), ("restart", leader), ("partition", None), ("heal", None),
    ]  # fmt: skip


def test_a_term_that_a_candidate_begins_is_marked_before_anybody_leads_it() -> None:
    run = protocol("raft").run(Recording("raft", seed=7))
    run.advance(400_000)
    marks = taped(run).marks
    elected = next(mark for mark in marks if mark[2] == "election")
    begun = [mark for mark in marks if mark[2] == "candidacy" and mark[4] == elected[4]]
    assert elected[3] in [mark[3] for mark in begun]
    assert begun[0][1] < elected[1]


def test_of_too_many_marks_commits_are_thinned_first_and_elections_stay() -> None:
    run = busy()
    whole, thin = taped(run), taped(run, most=30)
    assert len(whole.marks) > 60
    assert len(thin.marks) <= 30
    assert [m for m in thin.marks if m[2] == "election"] == [m for m in whole.marks if m[2] == "election"]
    assert thin.marks == sorted(thin.marks, key=lambda mark: mark[0])


def test_even_marks_that_are_no_commits_are_bounded_and_violations_outlive_them() -> None:
    tape = Tape(20)
    events = [event for event in eventful(9, events=600).history.events if event.kind == "command"]
    for number, event in enumerate(events):
        tape.add(event, ("a_property",) if number == 3 else ())
        assert len(tape.marks) <= 20
    assert len(events) > 40
    assert tape.marks[0][2:] == ("violation", events[3].host, "a_property")


def test_the_marks_between_two_events_and_of_a_beginning_are_those_of_their_events() -> None:
    whole = taped(busy())
    middle = whole.marks[len(whole.marks) // 2][0]
    assert whole.between(-1, 10**9) == whole.marks
    assert whole.beginning(middle).marks + whole.between(middle, 10**9) == whole.marks
    assert whole.between(middle, middle) == []


def test_operations_are_kept_with_their_outcome_and_a_beginning_does_not_know_what_came_later() -> None:
    run = busy()
    operations = Operations(1_000)
    for event in run.history.events:
        operations.add(event)
    done = [o for o in operations.known.values() if o["outcome"] == "ok"]
    assert len(done) > 20
    some = done[10]
    early = operations.beginning(some["returned_seq"] - 1)
    assert early.known[some["id"]]["outcome"] is None
    assert early.known[some["id"]]["returned"] is None
    assert operations.beginning(some["returned_seq"]).known[some["id"]] == some
    assert some["id"] not in operations.beginning(some["invoked_seq"] - 1).known
    assert len(operations.last(10**9, 7)) == 7
    assert operations.last(10**9, 7)[-1] == list(operations.known.values())[-1]


def test_operations_are_bounded_the_oldest_go_first() -> None:
    run = busy()
    few, all_of_them = Operations(10), Operations(1_000)
    for event in run.history.events:
        few.add(event)
        all_of_them.add(event)
    assert list(few.known) == list(all_of_them.known)[-10:]
