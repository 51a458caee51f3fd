"""The guide: where people are in a lesson, and how they come back there.

It is a state machine that holds no run. Whoever shows the lesson (a room) tells it when a beat is entered and where,
gives the commands that it asks for, lets it watch, and stops when the beat has come true:

    guide = Guide(lesson)
    guide.enter(0, branch=0, seq=0, now=0)
    for command in guide.acts(run):
        run.act(command, "lesson")
    ...                                     # after each event, or each span of time
    if guide.watch(run):                    # once: the beat has come true
        pause()
    guide.enter(guide.next, branch, run.head, run.now)

A beat that was entered has its moment kept, so it can be entered again in exactly that state: fork the branch there,
and enter again with the fork's number. A person who acts by himself leaves the lesson ("try it yourself"); what he does
then changes no moment, and any entered beat brings him back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..simulation import N_, Command, Refused, Run
from .conditions import Moment, due_times
from .lesson import Beat, Lesson


class Guide:
    """Somebody's place in a lesson."""

    def __init__(self, lesson: Lesson) -> None:
        self.lesson = lesson
        self.beat = 0
        """The number of the beat that is told now, from 0."""
        self.entered: list[Moment | None] = [None] * len(lesson.beats)
        """Where each beat was entered last; None where it has not been."""
        self.waiting = True
        """The beat has not come true yet."""
        self.left = False
        """Somebody is trying it by himself."""
        self.came_true: tuple[int, int] | None = None
        """The event after which, and the time (µs) at which, the beat came true; the next one begins there."""

    @property
    def current(self) -> Beat:
        """The beat that is told now."""
        return self.lesson.beats[self.beat]

    @property
    def done(self) -> bool:
        """The last beat has come true."""
        return self.beat == len(self.lesson.beats) - 1 and not self.waiting

    @property
    def next(self) -> int:
        """The number of the beat after this one. Raises Refused while this one waits, or has none after it."""
        if self.beat + 1 >= len(self.lesson.beats):
            raise Refused("lesson_over", N_("The lesson ends here."))
        if self.left:
            raise Refused("lesson_left", N_("You have left the lesson: go back to one of its beats first."))
        if self.waiting:
            raise Refused("beat_waits", N_("This beat has not come true yet: let the run go on."))
        return self.beat + 1

    def moment(self, beat: int) -> Moment:
        """Where a beat was entered, so that it can be entered there again. Raises Refused where it never was."""
        if not 0 <= beat < len(self.lesson.beats):
            raise Refused("no_such_beat", N_("There is no beat {beat}."), beat=beat)
        moment = self.entered[beat]
        if moment is None:
            raise Refused("beat_not_entered", N_("The lesson has not come to beat {beat} yet."), beat=beat + 1)
        return moment

    def branches(self) -> set[int]:
        """The numbers of the branches in which beats were entered."""
        return {moment.branch for moment in self.entered if moment is not None}

    def enter(self, beat: int, branch: int, seq: int, now: int) -> None:
        """Begins a beat after event `seq` of `branch`, at `now` (µs). Its acts are to be given then."""
        self.beat = beat
        self.entered[beat] = Moment(branch, seq, now)
        self.waiting = True
        self.left = False

    def acts(self, run: Run) -> list[Command]:
        """The commands to give now that the beat has been entered. Raises Refused where a place in them is empty."""
        return [act.resolved(run, self.lesson.resolve, run.program) for act in self.current.acts]

    def holds(self, run: Run) -> bool:
        """Whether what the beat waits for has come true in the run, which must be the one in which it was entered."""
        since = self.entered[self.beat]
        if since is None:
            return False
        return self.current.until is None or self.current.until.holds(run, since)

    def watch(self, run: Run) -> bool:
        """Looks at the run; true once, when the beat comes true."""
        if self.left or not self.waiting or not self.holds(run):
            return False
        self.waiting = False
        self.came_true = (run.head, run.now)
        return True

    def due_after(self, now: int) -> int | None:
        """The next time (µs) at which the beat may come true without an event, or None."""
        if self.left or not self.waiting:
            return None
        return min((t for t in due_times(self.current.until, self.moment(self.beat)) if t > now), default=None)

    def leave(self) -> None:
        """Somebody wants to try it by himself, or has just acted."""
        self.left = True

    # Kept

    def kept(self) -> dict[str, Any]:
        """The place as plain data, with which `restore` brings people back to it."""
        return {
            "beat": self.beat, "waiting": self.waiting, "left": self.left,
            "entered": [moment and [moment.branch, moment.seq, moment.now] for moment in self.entered],
            "came_true": self.came_true and list(self.came_true),
        }  # fmt: skip

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Comes back to a place. Raises Refused where the lesson has none like that."""
        try:
            entered = [each if each is None else Moment(*_whole(each, 3)) for each in kept["entered"]]
            beat, waiting, left, true = kept["beat"], kept["waiting"], kept["left"], kept["came_true"]
            came_true = None if true is None else (_whole(true, 2)[0], true[1])
            fits = len(entered) == len(self.lesson.beats) and set(kept) == set(self.kept())
            fits = fits and (type(beat), type(waiting), type(left)) == (int, bool, bool) and 0 <= beat < len(entered)
            if not fits or entered[beat] is None or not (waiting or came_true):
                raise ValueError(beat)
        except (KeyError, TypeError, ValueError):
            raise Refused("bad_place", N_("This is no place in this lesson.")) from None
        self.beat, self.waiting, self.left = beat, waiting, left
        self.entered, self.came_true = entered, came_true

    def as_dict(self) -> dict[str, Any]:
        """As the wire tells it (`LessonState`)."""
        return {
            "name": self.lesson.name,
            "title": self.lesson.title,
            "beat": self.beat,
            "beats": [
                {"title": beat.title, "text": beat.text, "entered": None if moment is None else moment.seq}
                for beat, moment in zip(self.lesson.beats, self.entered, strict=True)
            ],
            "waiting": self.waiting,
            "done": self.done,
            "left": self.left,
        }


def _whole(given: Any, length: int) -> list[int]:
    """So many numbers from 0 on. Raises TypeError and ValueError."""
    if type(given) is not list or len(given) != length or any(type(each) is not int or each < 0 for each in given):
        raise ValueError(given)
    return given
