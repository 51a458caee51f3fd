"""The messages of the bully algorithm (Garcia-Molina, Elections in a Distributed Computing System, 1982).

The paper writes its elections with remote procedure calls that time out: "are you there?", "halt", "new coordinator".
Here each call and its answer are messages. Their names are those of the textbooks (Coulouris, Dollimore, Kindberg and
Blair, section 15.3.3), where there is one. None carries anything: who sends it says it all.
"""

from __future__ import annotations

from typing import ClassVar

from ...simulation import N_, value


@value
class Election:
    """A node asks one with a higher number whether it is there: the paper's AreYouThere."""

    text: ClassVar[str] = N_("{src} holds an election and asks {dst}, which has a higher number, whether it is there.")


@value
class Answer:
    """The higher one is there, and takes the election over."""

    text: ClassVar[str] = N_("{src} answers {dst}: it is there, and its number is higher.")


@value
class Halt:
    """Nobody higher has answered: the sender is to be the coordinator, and the lower ones stop what they do."""

    text: ClassVar[str] = N_("{src} tells {dst} to halt: it is about to be the coordinator.")


@value
class Halted:
    """The lower one has stopped: it follows nobody, and leads nobody, until the sender of Halt says more."""

    text: ClassVar[str] = N_("{src} has halted for {dst}.")


@value
class Coordinator:
    """The election is over: the sender leads. The paper's NewCoordinator."""

    text: ClassVar[str] = N_("{src} tells {dst} that it is the coordinator.")


@value
class Heartbeat:
    """The coordinator is alive. Who does not hear it for too long holds an election."""

    text: ClassVar[str] = N_("Coordinator {src} lets {dst} know that it is alive.")
