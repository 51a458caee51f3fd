"""What people do with the branches of a show: go to one, rename it, delete it."""

from __future__ import annotations

from ..simulation import N_, Refused
from .frames import DeleteBranch, RenameBranch, ToBranch
from .show import Show

BRANCHES = "branches"
Tending = ToBranch | RenameBranch | DeleteBranch


def tend(show: Show, frame: Tending) -> None:
    """Does what a frame says. Raises Refused; then nothing changed."""
    match frame:
        case ToBranch(branch=id):
            to_branch(show, id)
        case RenameBranch(branch=id, name=name):
            show.branches.rename(id, name)
            show.news.changed.add(BRANCHES)
        case DeleteBranch(branch=id):
            delete_branch(show, id)


def to_branch(show: Show, id: int) -> None:
    """Shows another branch, where it was left. Raises Refused."""
    branch = show.branches.branch(id)
    show.pause()
    show.branches.shown = branch
    show.news.jumped = True
    show.news.changed.add("warnings")


def delete_branch(show: Show, id: int) -> None:
    """Forgets a branch; where it is shown, its parent is shown then, as it was when the branch began. Raises Refused."""
    branch = show.branches.branch(id)
    show.branches.check_delete(branch)
    if show.guide is not None and id in show.guide.branches():
        raise Refused("branch_in_lesson", N_("The lesson comes back to this branch: it stays."))
    if branch is show.branch:
        assert branch.parent is not None
        to_branch(show, branch.parent.id)
        show.branch.go_to(branch.forked_at)
    show.branches.delete(branch)
    show.news.changed.add(BRANCHES)
