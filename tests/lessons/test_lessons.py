"""Every lesson plays to its end, each beat true to what is on the screen; any beat can be left and come back to exactly."""

from collections.abc import Callable
from typing import Any

import pytest

from server.lessons import Act, All, Broken, Elapsed, Guide, Lesson, Moment, Now, Seen
from server.lessons import Any as AnyOf
from server.lessons import told as told_in
from server.properties import Monitor
from server.protocols import PROTOCOLS, Protocol
from server.protocols.raft.indications import BecameCandidate, Elected, SteppedDown
from server.protocols.raft.lesson import WHY_TERMS, one_leader, resolve
from server.protocols.raft.scenarios import field, leaders
from server.simulation import Recording, Refused, Run, encode
from server.simulation.commands import Crash, FireTimer, Partition, Request

ALL = [(protocol, lesson) for protocol in PROTOCOLS.values() for lesson in protocol.lessons()]
each_lesson = pytest.mark.parametrize(("protocol", "lesson"), ALL, ids=[lesson.name for _, lesson in ALL])

SLICE = 5_000
"""How much virtual time (µs) passes between two looks at the run where no event happens."""
BEAT_MAX = 3_000_000
"""No beat waits longer than that (µs)."""

Visit = Callable[[Guide, Run], None]


def nothing(guide: Guide, run: Run) -> None:
    """For a beat at which nothing is looked at."""


def go_on(guide: Guide, run: Run) -> None:
    """Gives the acts of the beat and lets the run go on until it has come true."""
    for command in guide.acts(run):
        run.act(command, "lesson")
    limit = run.now + BEAT_MAX
    while not guide.watch(run):
        assert run.now < limit, f"beat {guide.current.name} never comes true"
        if run.step(run.now + SLICE) is None:
            run.advance(run.now + SLICE)


def drive(protocol: Protocol, lesson: Lesson, entered: Visit = nothing, ended: Visit = nothing) -> tuple[Guide, Run]:
    """Plays a lesson as a room does: enter, act, watch, stop, next."""
    run = protocol.run(lesson.setup)
    guide = Guide(lesson)
    beat = 0
    while True:
        guide.enter(beat, 0, run.head, run.now)
        entered(guide, run)
        go_on(guide, run)
        ended(guide, run)
        if guide.done:
            return guide, run
        beat = guide.next


def state(run: Run) -> tuple[int, str]:
    """All of a run as it is now."""
    return run.now, encode(run.world())


@each_lesson
def test_a_lesson_plays_to_its_end(protocol: Protocol, lesson: Lesson) -> None:
    guide, run = drive(protocol, lesson)
    assert guide.done
    assert [told["entered"] is not None for told in guide.as_dict()["beats"]] == [True] * len(lesson.beats)
    (monitor,) = (each for each in run.observers if isinstance(each, Monitor))
    assert tuple(name for name, _ in monitor.broken()) == lesson.breaks


@each_lesson
def test_a_lesson_is_the_same_each_time(protocol: Protocol, lesson: Lesson) -> None:
    assert drive(protocol, lesson)[1].history.digest() == drive(protocol, lesson)[1].history.digest()


@each_lesson
def test_a_beat_that_was_left_can_be_entered_again_in_the_exact_state(protocol: Protocol, lesson: Lesson) -> None:
    """At every beat somebody crashes the leader, or a node, and looks around; going back makes good for it."""
    states: dict[int, tuple[int, str]] = {}

    def entered(guide: Guide, run: Run) -> None:
        states[guide.beat] = state(run)

    guide, run = drive(protocol, lesson, entered=entered)
    for beat in range(len(lesson.beats)):
        tried = run.fork(guide.moment(beat).seq, guide.moment(beat).now)
        guide.leave()
        assert guide.as_dict()["left"]
        tried.act(Crash(next(n for n in tried.cluster.nodes if tried.cluster.hosts[n].up)))
        tried.advance(tried.now + 500_000)
        assert not guide.watch(tried)
        moment = guide.moment(beat)
        again = run.fork(moment.seq, moment.now)
        assert state(again) == states[beat]
        guide.enter(beat, moment.branch, moment.seq, moment.now)
        go_on(guide, again)
        if beat + 1 < len(lesson.beats):
            assert state(again) == states[beat + 1], "the beat tells the same story again"


@each_lesson
def test_the_sentences_of_a_lesson_fit_on_a_projector(protocol: Protocol, lesson: Lesson) -> None:
    assert 5 <= len(lesson.beats) <= 12
    assert len({beat.name for beat in lesson.beats}) == len(lesson.beats)
    for beat in lesson.beats:
        assert len(beat.title) <= 30
        assert len(beat.text) <= 150
        assert beat.text.endswith(".")


@each_lesson
def test_a_beat_does_not_keep_a_class_waiting(protocol: Protocol, lesson: Lesson) -> None:
    waits: list[float] = []

    def ended(guide: Guide, run: Run) -> None:
        since = guide.moment(guide.beat)
        waits.append((run.now - since.now) / 1e6 * guide.current.ratio)

    drive(protocol, lesson, ended=ended)
    assert max(waits) <= 15, "seconds"
    assert min(waits) >= 0.5, "seconds"


# Why Raft needs terms: what the sentences claim is so


def terms(run: Run) -> list[int]:
    """The term of each node."""
    return [field(run, node, "current_term") for node in run.cluster.nodes]


def test_what_the_beats_say_is_what_is_seen() -> None:
    seen: dict[str, Any] = {}

    def ended(guide: Guide, run: Run) -> None:
        leading = [(node, field(run, node, "current_term")) for node in leaders(run)]
        seen[guide.current.name] = (leading, terms(run))

    _, run = drive(PROTOCOLS["raft"], WHY_TERMS, ended=ended)
    assert list(seen) == [beat.name for beat in WHY_TERMS.beats]
    assert seen["no_leader"] == ([], [0] * 5)
    assert seen["timeout"][0] == []
    assert sorted(seen["timeout"][1]) == [0, 0, 0, 0, 1]
    ((first, term),) = seen["votes"][0]
    assert term == 1
    assert seen["heartbeats"] == ([(first, 1)], [1] * 5)
    assert seen["cut_off"][0] == [(first, 1)]
    assert sorted(seen["cut_off"][1]) == [1, 1, 1, 1, 2]
    assert sorted(term for _, term in seen["two_leaders"][0]) == [1, 2]
    assert (first, 1) in seen["return"][0], "the old leader does not know better yet"
    ((second, term),) = seen["step_down"][0]
    assert second != first
    assert term == 2
    assert seen["step_down"][1] == [2] * 5
    (stepped_down,) = [told for _, told in told_in(run, SteppedDown)]
    assert stepped_down.src != first
    assert max(seen["clock"][1]) == 3
    assert seen["clock"][0][0][1] == 3
    assert not run.cluster.hosts[second].up


# The guide


def begun() -> tuple[Guide, Run]:
    """The lesson at its beginning."""
    run = PROTOCOLS["raft"].run(WHY_TERMS.setup)
    guide = Guide(WHY_TERMS)
    guide.enter(0, 0, 0, 0)
    return guide, run


def refused(act: Callable[[], object]) -> str:
    """The code with which something is refused."""
    with pytest.raises(Refused) as caught:
        act()
    assert str(caught.value).endswith(".")
    return caught.value.code


def test_a_beat_that_has_not_come_true_holds_the_lesson() -> None:
    guide, run = begun()
    assert refused(lambda: guide.next) == "beat_waits"
    go_on(guide, run)
    assert guide.next == 1


def test_a_lesson_that_was_left_goes_on_from_one_of_its_beats() -> None:
    guide, run = begun()
    go_on(guide, run)
    guide.leave()
    assert refused(lambda: guide.next) == "lesson_left"
    moment = guide.moment(0)
    assert moment == Moment(0, 0, 0)
    guide.enter(0, 1, moment.seq, moment.now)
    assert guide.moment(0).branch == 1
    assert not guide.left
    assert guide.waiting


def test_a_lesson_ends_with_its_last_beat() -> None:
    guide, _ = drive(PROTOCOLS["raft"], WHY_TERMS)
    assert guide.done
    assert refused(lambda: guide.next) == "lesson_over"


def test_only_beats_that_were_entered_can_be_entered_again() -> None:
    guide, _ = begun()
    assert refused(lambda: guide.moment(3)) == "beat_not_entered"
    assert refused(lambda: guide.moment(99)) == "no_such_beat"
    assert refused(lambda: guide.moment(-1)) == "no_such_beat"


def test_a_beat_comes_true_once() -> None:
    guide, run = begun()
    go_on(guide, run)
    assert guide.holds(run)
    assert not guide.watch(run)
    assert guide.as_dict()["waiting"] is False


def test_the_state_of_a_lesson_is_told_as_the_wire_wants_it() -> None:
    told = begun()[0].as_dict()
    assert set(told) == {"name", "title", "beat", "beats", "waiting", "done", "left"}
    assert told["beats"][0] == {"title": WHY_TERMS.beats[0].title, "text": WHY_TERMS.beats[0].text, "entered": 0}
    assert told["beats"][1]["entered"] is None
    encode(told)


# Acts and conditions


def led() -> Run:
    """A run with a leader, all followers knowing it."""
    run = PROTOCOLS["raft"].run(Recording("raft", seed=30, params={"think_time": 0}))
    run.advance(400_000)
    assert leaders(run) == ["n3"]
    return run


def test_places_in_an_act_are_filled_at_the_moment_of_acting() -> None:
    run = led()
    program = run.program

    def made(**command: Any) -> Any:
        return Act(command).resolved(run, resolve, program)

    assert made(type="crash", node="@leader") == Crash("n3")
    assert made(type="crash", node="@follower") == Crash("n1")
    assert made(type="crash", node="n5") == Crash("n5")
    assert made(type="partition", groups=[["@leader", "c1"], ["@others"]]) == Partition(
        (("n3", "c1"), ("n1", "n2", "n4", "n5"))
    )
    request = made(type="request", client="c1", operation={"name": "put", "key": "x", "value": 1}, to="@leader")
    assert isinstance(request, Request)
    assert request.to == "n3"


def test_an_act_without_anybody_in_its_place_is_refused() -> None:
    run = PROTOCOLS["raft"].run(Recording("raft"))
    assert (
        refused(lambda: Act({"type": "crash", "node": "@leader"}).resolved(run, resolve, run.program)) == "nobody_there"
    )
    with pytest.raises(KeyError):
        resolve("king", run)
    with pytest.raises(ValueError, match="stands for 4 hosts"):
        Act({"type": "crash", "node": "@others"}).resolved(led(), resolve, run.program)


def test_conditions_look_at_what_has_happened_since() -> None:
    run = led()
    begin, now = Moment(0, 0, 0), Moment(0, run.head, run.now)
    assert Seen(Elected).holds(run, begin)
    assert Seen(Elected, host="n3").holds(run, begin)
    assert not Seen(Elected, host="n1").holds(run, begin)
    assert not Seen(Elected, count=2).holds(run, begin)
    assert not Seen(Elected).holds(run, now)
    assert Now(one_leader).holds(run, now)
    assert Elapsed(400_000).holds(run, begin)
    assert not Elapsed(1).holds(run, now)
    assert All((Seen(Elected), Seen(BecameCandidate))).holds(run, begin)
    assert not All((Seen(Elected), Seen(SteppedDown))).holds(run, begin)
    assert AnyOf((Seen(Elected), Seen(SteppedDown))).holds(run, begin)
    assert not AnyOf(()).holds(run, begin)


def test_a_condition_can_wait_for_a_property_to_break() -> None:
    protocol = PROTOCOLS["raft"]
    scenario = protocol.scenario("vote_forgotten")
    run = protocol.run(scenario.recording(protocol.program))
    broken = Broken("election_safety")
    run.advance(200_000)
    assert not broken.holds(run, Moment(0, 0, 0))
    run.advance(scenario.until)
    assert broken.holds(run, Moment(0, 0, 0))
    assert not Broken("log_matching").holds(run, Moment(0, 0, 0))
    assert not broken.holds(run, Moment(0, run.head, run.now)), "it broke before"
    assert not broken.holds(Run(scenario.setup, protocol.program), Moment(0, 0, 0)), "nobody watches it"


def test_timers_named_by_a_lesson_exist() -> None:
    for _, lesson in ALL:
        for beat in lesson.beats:
            for act in beat.acts:
                if act.command["type"] == FireTimer.type:
                    assert act.command["timer"] in PROTOCOLS[lesson.setup.protocol].timers
