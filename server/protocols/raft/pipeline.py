"""Pipelining: appends follow one another without waiting for answers (Ongaro's dissertation, section 10.2.2).

Without a window a leader leaves `nextIndex` where it is until an answer comes, and sends everything from there again with
each new entry. With one it goes on as if what it has just sent were stored already, so every entry is sent once, as long
as no more than `window` appends are under way to a follower. The consistency check makes that safe: if one is lost, the
next is refused, and the leader goes back to what the follower has.

After an election, and after a refusal, it does not know where the logs part. Then it feels its way as without a window,
and opens the window with the first success.
"""

from __future__ import annotations

from ...simulation import N_, on_timer, param, volatile
from . import indications as tell
from .configuration import Configuration
from .messages import AppendEntries, AppendEntriesReply
from .replication import Replication
from .state import EMPTY, HEARTBEAT


class Pipelining(Replication):
    """A leader that does not wait for answers, up to a window."""

    window: int = param(
        0, 0, 64, "count", N_("Appends under way to a follower"),
        N_("Pipelining: how many appends with entries may be under way to a follower, each entry sent once; 0: no window, and "
           "with each new entry all that is not confirmed is sent again."), lively=2,
    )  # fmt: skip

    under_way: dict[str, tuple[int, ...]] = volatile(
        EMPTY, N_("under way"),
        N_("With a window, for each follower: the last entries of the appends that are not answered. A follower is not "
           "here as long as the leader does not know where their logs part."),
    )  # fmt: skip

    @on_timer(HEARTBEAT)
    def on_heartbeat_timer(self) -> None:
        super().on_heartbeat_timer()
        if self.settings.window:
            for peer in self.followers:
                if peer in self.under_way:  # else it was sent what it lacks, as without a window
                    self.send(peer, self.empty_append(peer))

    def empty_append(self, peer: str) -> AppendEntries:
        """A heartbeat behind all that is under way: if something was lost, it is refused."""
        prev = min(self.next_index[peer] - 1, self.log.length)  # as in `entries_from`
        return AppendEntries(self.current_term, prev, self.term_at(prev), (), self.commit_index)

    def fill_windows(self) -> None:
        for peer in self.followers:
            if peer in self.under_way:
                self.fill_window(peer)
            else:
                self.send_entries(peer)

    def fill_window(self, peer: str) -> None:
        """Sends what has not been sent, until the window is full, and counts it as sent."""
        flying = self.under_way[peer]
        next_index = self.next_index[peer]
        if next_index <= self.log.start:
            # Compacted before it could be sent: the snapshot, and then as after an election.
            self.close_window(peer)
            self.send_entries(peer)
            return
        while next_index <= self.log.length and len(flying) < self.window:
            message = self.append_from(next_index)
            self.send(peer, message)
            next_index += len(message.entries)
            flying = (*flying, next_index - 1)
        if next_index <= self.log.length:
            self.indicate(tell.WindowFull(peer, len(flying), self.log.length - next_index + 1))
        self.next_index = {**self.next_index, peer: next_index}
        self.under_way = {**self.under_way, peer: flying}

    def slide_window(self, m: AppendEntriesReply, src: str) -> bool:
        if m.success:
            self.open_window(m, src)
        elif src not in self.under_way:
            return False
        elif m.prev_log_index > self.match_index[src]:  # else the follower has had that entry since
            self.go_back(m, src)
        return True

    def open_window(self, m: AppendEntriesReply, src: str) -> None:
        """The logs agree up to there, so what is under way behind it may follow."""
        match = max(m.match_index, self.match_index[src])
        rose = match > self.match_index[src]
        self.match_index = {**self.match_index, src: match}
        self.next_index = {**self.next_index, src: max(self.next_index[src], match + 1)}
        flying = self.under_way.get(src, ())
        self.under_way = {**self.under_way, src: tuple(last for last in flying if last > match)}
        if rose:
            self.advance_commit_index()
            self.hand_over()
        if src in self.under_way and src in self.next_index:  # what is committed may have taken it out, or this leader
            self.fill_window(src)

    def go_back(self, m: AppendEntriesReply, src: str) -> None:
        """Something before it was lost, or the logs part: back to what the follower has, and to feeling its way."""
        lower = min(self.next_index[src] - 1, m.prev_log_index, m.last_log_index + 1)
        self.next_index = {**self.next_index, src: max(lower, self.match_index[src] + 1)}
        self.close_window(src)
        self.indicate(tell.WindowClosed(src, self.next_index[src]))
        self.send_entries(src)

    def close_window(self, src: str) -> None:
        """From now on it is not known where the logs part."""
        self.under_way = {peer: flying for peer, flying in self.under_way.items() if peer != src}

    def put_in_force(self, at: int, configuration: Configuration | None) -> None:
        """Nothing is under way to who is no member any more; one that is added again begins anew."""
        super().put_in_force(at, configuration)
        if self.under_way:
            self.under_way = {peer: flying for peer, flying in self.under_way.items() if peer in self.next_index}

    def become_follower(self) -> None:
        super().become_follower()
        self.under_way = EMPTY
