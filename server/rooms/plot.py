"""What is told in a show: a scenario with its end, or a lesson with its beats. When it stops the show, and when it lets go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lessons import Guide, Scenario
from ..properties import Witness
from ..simulation import N_, Refused
from .branches import Branch

if TYPE_CHECKING:
    from .show import Show

LESSON = "lesson"


class Plot:
    """The story of one show; that of most has none."""

    def __init__(self, show: Show) -> None:
        self.show = show

    @property
    def scenario(self) -> Scenario | None:
        """The scenario that is told, as long as the show tells one."""
        return self.show.scenario

    @property
    def guide(self) -> Guide | None:
        """The guide of the lesson, while it is there: a room that grows again does without for a while."""
        return self.show.guide

    # Ends and properties

    def end_before(self, branch: Branch) -> None:
        """Has a scenario end before an event that comes after its end."""
        if self.scenario is not None and branch.met is None:
            coming = branch.run.next_time()
            if (coming is None or coming > self.scenario.until) and branch.on_to(self.scenario.until) is None:
                self.judge(branch)

    def end_at(self, branch: Branch) -> bool:
        """Has a scenario end at its last instant, as soon as nothing else is to come in it. Whether it ended so."""
        if self.scenario is None or branch.met is not None or branch.now != self.scenario.until:
            return False
        coming = branch.run.next_time()
        if coming is None or coming > self.scenario.until:
            self.judge(branch)
        return branch.met is not None

    def stopping(self, broken: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the broken properties that stop the show. What clients see follows from what went wrong before, and
        where it was not promised, or a story is told that is about something else, it is shown and not stopped at.
        """
        name, story = Witness.name, self._story_breaks()
        if name not in broken or (story is not None and name in story):
            return broken
        aside = story is not None or name in self.show.protocol.disclaimed(self.show.branch.run.setup.params)
        return tuple(each for each in broken if each != name) if aside else broken

    def _story_breaks(self) -> tuple[str, ...] | None:
        """The properties that the story breaks which is being told; None where none is."""
        if self.guide is not None and not self.guide.left:
            return tuple(self.guide.lesson.breaks)
        if self.scenario is not None and self.show.branch.met is None:
            return tuple(self.scenario.breaks)
        return None

    def foretold(self, broken: tuple[str, ...], branch: Branch) -> bool:
        """Whether the story goes on though these properties broke: a scenario's stops at the last that it is to break, not
        at the first, and a lesson's only where its beat says so.
        """
        if self.guide is not None and not self.guide.left:
            return set(broken) <= set(self.guide.lesson.breaks)
        if self.scenario is None or branch.met is not None or branch.monitor is None:
            return False
        so_far = {name for name, _ in branch.monitor.broken()}
        return so_far < set(self.scenario.breaks)

    def judge(self, branch: Branch) -> None:
        """Has a scenario that has come to its end say whether it ended as stated."""
        if self.scenario is None or branch.met is not None:
            return
        branch.met = self.scenario.met(branch.run)
        if branch.met is not None:
            self.show.pause()

    def watch(self, branch: Branch) -> bool:
        """Whether the beat of the lesson has just come true, which stops the show."""
        guide = self.guide
        if guide is None or guide.left or branch.id != guide.moment(guide.beat).branch:
            return False
        if not guide.watch(branch.run):
            return False
        self.show.news.changed.add(LESSON)
        self.show.pause()
        return True

    # Beats of the lesson

    def leave(self) -> None:
        """Somebody tries it by himself."""
        if self.guide is not None and not self.guide.left:
            self.guide.leave()
            self.show.news.changed.add(LESSON)

    def next_beat(self) -> None:
        """Goes on with the lesson, from where its beat came true. Raises Refused."""
        guide = self._require_guide()
        beat = guide.next
        branch = self.show.branches.branch(guide.moment(guide.beat).branch)
        if branch is not self.show.branch or branch.cursor < branch.head:
            self.show.news.jumped = True
        if guide.came_true is not None and guide.came_true != (branch.head, branch.run.now):
            # Somebody let it run on. What the next beat waits for may have happened since, and would not happen again.
            branch = self.show.branches.sprout(branch, *guide.came_true)
            self.show.news.jumped = True
        self.enter(beat, branch)

    def enter_beat(self, beat: int) -> None:
        """Enters a beat again in exactly the state in which it was entered before. Raises Refused."""
        moment = self._require_guide().moment(beat)
        branch = self.show.branches.branch(moment.branch)
        if (branch.head, branch.run.now) != (moment.seq, moment.now):
            branch = self.show.branches.sprout(branch, moment.seq, moment.now)
        self.enter(beat, branch)
        self.show.news.jumped = True

    def _require_guide(self) -> Guide:
        if self.guide is None:
            raise Refused("no_lesson", N_("No lesson is told in this room."))
        return self.guide

    def enter(self, beat: int, branch: Branch) -> None:
        """Begins a beat at the head of a branch, which is shown from now on. Raises Refused; then nothing changed."""
        guide = self._require_guide()
        before = (guide.beat, list(guide.entered), guide.waiting, guide.left)
        guide.enter(beat, branch.id, branch.head, branch.run.now)
        try:
            commands = guide.acts(branch.run)
        except Refused:
            guide.beat, guide.entered, guide.waiting, guide.left = before
            raise
        if self.show.branches.is_new(branch):
            self.show.keep(branch)
        self.show.branches.shown = branch
        branch.go_to_head()
        self.show.pause()
        self.show.pace.ratio = guide.current.ratio
        for command in commands:
            try:
                self.show.look(branch.act(command, LESSON), branch.head - 1)
            except Refused as reason:
                self.show.news.notice(reason.code, reason.text, **reason.parameters)
        self.show.news.changed.add(LESSON)
        self.show.playing = guide.waiting and not self.watch(branch)
