"""A room: people who look at one run together. Frames in, frames out; no sockets, no wall clock.

    room.join(viewer, token, name, last)     the reply to a join: a welcome, or the updates that were missed
    room.receive(viewer, frame)              [(viewer, reply)]
    room.tick(elapsed_us, budget)            [("*", update)] at most one, with all that changed since the last
    room.leave(viewer)

What goes to "*" goes to everybody in the room. Dicts may hold values of the simulation; `simulation.plain` is the
`default=` of their encoder. An exception in here stops this room alone: it says so, still answers, and offers its
recording.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ..lessons import Challenge, Guide, Scenario
from ..protocols import Protocol
from ..simulation import N_, Refused, Run
from ..simulation.difference import Difference
from . import facts, frames
from .contest import CHALLENGE
from .ensemble import Ensemble
from .growing import grow
from .judging import Parts
from .limits import Limits
from .pair import difference
from .roles import People, Person
from .show import Show
from .telling import Teller
from .tending import tend
from .tree import Tree

Out = list[tuple[str, dict[str, Any]]]
OpenCopy = Callable[["Room", int, str], "Room"]
"""Opens a room that begins as another one is after an event, for the person with that token. Raises Refused."""
OpenPair = Callable[["Room", int, int, str], Sequence["Room"]]
"""Opens rooms with copies of two branches, by their numbers, for the person with that token. Raises Refused."""

EVERYBODY = "*"
FIRST_RATIO = 5.0
"""At first, five times slower than life: messages can be seen, and a leader is there within three seconds even where the
first vote is split (of 300 seeds the slowest took 2.8 s, at eight times slower 21 took more than three)."""

PARTING_TURNS = 5
"""To compare branches takes as long as some other requests together, and counts as so many."""

log = logging.getLogger(__name__)


class Room:
    """One room. `name` and `epoch` are made by the lobby."""

    def __init__(
        self, name: str, epoch: str, protocol: Protocol, run: Run, limits: Limits, *, maker: str = "",
        scenario: Scenario | None = None, guide: Guide | None = None, challenge: Challenge | None = None,
        open_copy: OpenCopy | None = None, playing: bool = True, ratio: float | None = None,
        found: Mapping[str, Any] | None = None, note: str = "", growing: bool = False,
    ) -> None:  # fmt: skip
        self.name = name
        self.protocol = protocol
        self.limits = limits
        self.maker = maker
        self.people = People(limits, maker)
        told = scenario or challenge
        first = ratio or (told.ratio if told else FIRST_RATIO)
        self.show = Show(
            protocol, run, limits, ratio=first, playing=playing, scenario=scenario, guide=guide, challenge=challenge
        )
        self.growing = growing
        """It has still to become what its tree tells."""
        if not growing:
            self.show.begin()
        self.note = note
        """What whoever is here should know of the room itself (msgid); empty: nothing."""
        self.found = found
        """The story of a search that it was opened for; then it begins right before the story's last event."""
        if found is not None:
            self.show.hide_head()
        self.show.news.clear()  # the first welcome tells all
        self.teller = Teller(epoch, limits, self.show.branches, self.people, self.show.news, self.show.shown())
        self.told_parts: Parts = {}
        self.open_copy = open_copy
        self.open_pair: OpenPair | None = None
        self.ensemble: Ensemble | None = None
        """The rooms that it is watched beside, under one clock."""
        self.stopped: dict[str, Any] | None = None
        self.idle_us = 0
        """For how long nobody has been here, µs; the lobby counts."""
        self.visited = False
        self.brief = False
        """Whether it is closed as soon as it is left: a reader's, who will not come back to it."""
        self.remarks: list[dict[str, Any]] = []
        """What everybody should know of how it came about."""

    def grow(self, tree: Tree, *, forgiving: bool = False) -> Iterator[int]:
        """Has a new room, made for a tree's root, become what the tree tells, before anybody comes. Yields from time to time
        how many events have been played. Raises Refused where the tree can't be played; then the room is of no use. With
        `forgiving` it is played as far as it goes.
        """
        yield from grow(self.show, tree, forgiving=forgiving)
        self.begin_here()

    def begin_here(self) -> None:
        """Nobody has come yet: what is shown now is where everybody begins."""
        self.show.news.clear()
        self.teller.begin(self.show.shown())
        self.growing = False

    def remark(self, text: str, args: Mapping[str, Any]) -> None:
        """Has everybody who comes be told something (msgid and its parameters)."""
        self.remarks.append({"text": text, "args": dict(args)})

    @property
    def viewers(self) -> int:
        """How many connections look at this room."""
        return self.people.viewers

    @property
    def watched(self) -> bool:
        """Whether anybody looks at it, or at a room that it shares its clock with."""
        return bool(self.ensemble.viewers if self.ensemble is not None else self.viewers)

    @property
    def title(self) -> str:
        """What is shown here: a scenario, a lesson, a challenge, or the protocol (msgid)."""
        show = self.show
        told = show.scenario or (show.guide.lesson if show.guide else show.contest and show.contest.challenge)
        return told.title if told else self.protocol.title

    @property
    def epoch(self) -> str:
        """The name of this life of the room: updates are numbered within it."""
        return self.teller.updates.epoch

    # Coming and going

    def join(self, viewer: str, token: str | None, name: str | None, last: frames.Last | None = None) -> dict[str, Any]:
        """Somebody comes, or comes back. What he needs to know, for the reply to his `join`. Raises Refused."""
        known = self.people.by_viewer.get(viewer)  # who fills a gap is there already
        if known is None or (name and name != known.name):
            self.show.news.changed.add("people")
        person = self.people.come(viewer, token or "", name or "")
        self.visited = True
        self.idle_us = 0
        missed = self.teller.updates.missed(last)
        if missed is not None:
            return {"updates": missed, "you": self.people.tell(person)}
        return {"welcome": self.teller.welcome(facts.welcome(self, person)), "you": self.people.tell(person)}

    def leave(self, viewer: str) -> None:
        """A connection has ended."""
        if self.people.go(viewer):
            self.show.news.changed.add("people")

    # Frames

    def receive(self, viewer: str, frame: frames.Frame) -> Out:
        """Answers a frame; what changes for all is told at the next tick."""
        try:
            answer = self._answer(viewer, frame)
        except Refused as reason:
            return [(viewer, refused(frame.id, reason))]
        except Exception as error:  # a mistake in one room must not reach the others
            log.exception("room %s stopped while it answered %s", self.name, type(frame).__name__)
            self.stop(type(error).__name__)
            return [(viewer, refused(frame.id, self._stopped()))]
        return [(viewer, {"type": "reply", "id": frame.id, "ok": True, **answer})]

    def _answer(self, viewer: str, frame: frames.Frame) -> dict[str, Any]:
        match frame:
            case frames.Rename(name=name):
                return self._rename(self.people.require_turn(viewer), name)
            case frames.Controls(to=to):
                self.people.require_turn(viewer)
                self.people.hand(viewer, to)
                self.show.news.changed.update(("controls", "people"))
                return {"controls": self.people.controls}
            case frames.Copy(seq=seq):
                return self._copy(self.people.require_turn(viewer), seq)
            case frames.Beside(one=one, other=other):
                return self._beside(self.people.require_turn(viewer), one, other)
            case frames.Parting(one=one, other=other):
                for _ in range(PARTING_TURNS):
                    self.people.require_turn(viewer)
                return {"difference": self._parting(one, other).as_dict()}
            case frames.Events() | frames.WorldAt() | frames.LogSpan() | frames.Tape() | frames.GiveRecording():
                self.people.require_turn(viewer)
                return self._tell(frame)
        person = self.people.require_controls(viewer)
        if self.stopped:
            raise self._stopped()
        if self.ensemble is not None:
            return self.ensemble.do(self, person.name, frame)
        return self._do(person, frame)

    def _do(self, person: Person, frame: frames.Frame) -> dict[str, Any]:
        """What changes the show for all."""
        show = self.show
        match frame:
            case frames.Act(command=command):
                event = show.act(command, person.name)
                return {"seq": event.seq, "branch": show.branch.id}
            case frames.Play():
                show.play()
            case frames.Pause():
                show.pause()
            case frames.Speed(ratio=ratio):
                show.speed(ratio)
            case frames.Step(by=by):
                show.step(by)
            case frames.Seek(seq=seq, time=time):
                show.seek(seq, time)
            case frames.Live():
                show.live()
            case frames.RunUntil(until=until):
                show.play(until)
            case frames.ToBranch() | frames.RenameBranch() | frames.DeleteBranch():
                tend(show, frame)
            case frames.LessonStep(beat=beat, next=next, leave=leave):
                self._lesson_step(beat, next, leave)
            case frames.ChallengeStep(ask=what, rule=rule) if show.contest is not None:
                show.contest.ask(what, rule)
            case frames.ChallengeStep():
                raise Refused("no_challenge", N_("There is no challenge in this room."))
            case _:
                raise Refused("unknown_frame", N_("There is no message {type}."), type=type(frame).__name__)
        return {"cursor": show.branch.cursor}

    def _lesson_step(self, beat: int | None, next: bool, leave: bool) -> None:
        if next:
            self.show.plot.next_beat()
        elif leave:
            self.show.plot.leave()
        elif beat is not None:
            self.show.plot.enter_beat(beat)

    def _rename(self, person: Person, name: str) -> dict[str, Any]:
        self.people.rename(person, name)
        self.show.news.changed.add("people")
        return {"name": person.name}

    def _copy(self, person: Person, seq: int) -> dict[str, Any]:
        if self.open_copy is None:
            raise Refused("no_copies", N_("No copies of this room can be made."))
        return {"room": self.open_copy(self, seq, person.token).name}

    def _beside(self, person: Person, one: int, other: int) -> dict[str, Any]:
        if self.open_pair is None or self.ensemble is not None:
            raise Refused("no_copies", N_("No copies of this room can be made."))
        return {"room": self.open_pair(self, one, other, person.token)[0].name}

    def _parting(self, one: int | None, other: int | None) -> Difference:
        if self.ensemble is not None:
            return self.ensemble.difference()
        return difference(self.show.branches.branch(one), self.show.branches.branch(other))

    def _tell(self, frame: frames.Frame) -> dict[str, Any]:
        """What one viewer wants to know; nobody else hears of it."""
        branches, limits = self.show.branches, self.limits
        match frame:
            case frames.Events(first=first, last=last, branch=id):
                return {"events": self.teller.events(branches.branch(id), first, last)}
            case frames.WorldAt(seq=seq, branch=id):
                return {"world": branches.branch(id).world(seq)}
            case frames.LogSpan(seq=seq, host=host, field=field, first=first, end=end, branch=id):
                branch = branches.branch(id)
                history = branch.run.history
                if not 0 <= seq <= branch.head:
                    raise Refused("no_such_event", N_("There is no event {seq}."), seq=seq)
                try:
                    most = min(end, first + limits.entries_per_reply_max)
                    first, items = history.log_items(seq, host, field, first, most)
                except KeyError:
                    raise Refused("no_such_log", N_("{host} has no log {field}."), host=host, field=field) from None
                return {"from": first, "items": items}
            case frames.Tape():
                return {"tape": branches.shown.tape.between(-1, branches.shown.head)}
        return {"recording": self.recording()}

    # Time

    def tick(self, elapsed_us: int, budget: Callable[[], bool]) -> Out:
        """Wall time has passed (µs). `budget` says whether there is time left to compute in this tick. While nobody is
        here, the run stands still.
        """
        if not self.watched:
            return []
        self.people.time_passes(elapsed_us)
        self.teller.time_passes(elapsed_us)
        try:
            if self.show.playing and not self.stopped:
                if self.ensemble is not None:
                    self.ensemble.go_on(self, elapsed_us, budget)
                else:
                    self.show.go_on(elapsed_us, budget)
            update = self._update()
        except Exception as error:
            log.exception("room %s stopped while it played", self.name)
            self.stop(type(error).__name__)
            update = self.teller.last_words(self.stopped)
        return [(EVERYBODY, update)] if update is not None else []

    def _update(self) -> dict[str, Any] | None:
        shown = self.show.shown()
        if self.show.branch.costs is not None and shown != self.teller.told:
            self.show.news.changed.add("costs")
        self.show.branch.judgement.explain()
        if self.show.branch.judgement.parts != self.told_parts:
            self.told_parts = self.show.branch.judgement.parts
            self.show.news.changed.add("parts")
        if self.show.contest is not None and self.show.contest.news(self.show.branch):
            self.show.news.changed.add(CHALLENGE)
        return self.teller.update(shown, facts.facts(self, shown))

    def stop(self, reason: str = "") -> None:
        """Stops the room for good; it still answers whoever looks, and offers its recording. `reason` is for those who
        will look for the mistake.
        """
        if self.stopped is None:
            self.stopped = {
                "text": N_("This room stopped after an internal error ({reason}). Its recording can still be had."),
                "args": {"reason": reason},
            }
            self.show.pause()
            self.show.news.changed.add("stopped")

    def _stopped(self) -> Refused:
        assert self.stopped is not None
        return Refused("room_stopped", self.stopped["text"], **self.stopped["args"])

    # Told

    def recording(self) -> dict[str, Any]:
        """The inputs of the branch shown: whoever plays them sees what was seen here."""
        return self.show.branch.run.recording.as_dict()

    def setup(self) -> dict[str, Any]:
        """How the run was set up, with all tunables."""
        return facts.setup(self)


def refused(id: int, reason: Refused) -> dict[str, Any]:
    """The reply to a frame that was refused."""
    return {"type": "reply", "id": id, "ok": False, "code": reason.code, "text": reason.text, "args": reason.parameters}
