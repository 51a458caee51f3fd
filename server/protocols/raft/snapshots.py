"""Log compaction: what has been applied gives way to a snapshot (paper section 7; thesis chapter 5).

Each server compacts its own log by itself, since a snapshot covers only what is committed and no leader is needed to agree
on that. A leader whose log no longer reaches back to what a follower lacks sends its snapshot instead, in one piece.
"""

from __future__ import annotations

from ...simulation import Log, on
from . import indications as tell
from .messages import AppendEntries, InstallSnapshot, InstallSnapshotReply, Snapshot
from .terms import Terms


class Snapshots(Terms):
    """How a log gets shorter at its beginning, and what a server does that is sent a snapshot."""

    def compact_log(self) -> None:
        """A snapshot takes the place of all applied entries, once there are more than `snapshot_every` of them."""
        index, log = self.last_applied, self.log
        if not log.start + self.snapshot_every < index <= log.length:  # past the end only where a rule is off
            return
        self.saved = Snapshot(index, self.term_at(index), self.data, self.sessions, self.members_at(index))
        self.log = log.compact(index)
        self.indicate(tell.LogCompacted(index - log.start, index, self.saved))

    def without_compacted(self, m: AppendEntries) -> AppendEntries:
        """What a message says of entries that the log still has. Those that are gone were committed, so they agree."""
        start = self.log.start
        entries = m.entries[start - m.prev_log_index :]
        return AppendEntries(m.term, start, self.saved.last_term, entries, m.leader_commit)

    @on(InstallSnapshot)
    def on_install_snapshot(self, m: InstallSnapshot, src: str) -> None:
        """Receiver implementation of InstallSnapshot, figure 13; its numbers, less those that put pieces together."""
        if m.term > self.current_term:
            self.see_term(m.term, src)
        if m.term < self.current_term:  # 1
            self.indicate(tell.SnapshotRejectedOldTerm(src, m.term, self.current_term))
            self.send(src, InstallSnapshotReply(self.current_term, 0))
            return
        self.recognise_leader(src)
        self.take_snapshot(m.snapshot, src)
        self.send(src, InstallSnapshotReply(self.current_term, max(m.snapshot.last_index, self.saved.last_index)))

    def take_snapshot(self, snapshot: Snapshot, src: str) -> None:
        """Steps 5 to 8: the snapshot is kept instead of any older one, and either what follows it in the log, or nothing."""
        index, log = snapshot.last_index, self.log
        if self.keep_suffix:
            if index <= self.saved.last_index:
                self.indicate(tell.SnapshotRepeated(src, index, self.saved.last_index))
                return
            if index <= log.length and self.term_at(index) == snapshot.last_term:  # 6
                self.saved = snapshot
                self.log = log.compact(index)
                self.indicate(tell.SnapshotCovered(src, index, log.length - index))
                if index > self.last_applied:
                    self.load_snapshot()
                return
        self.saved = snapshot
        self.log = Log((), index)  # 7
        if self.configuration is not None:
            self.adopt_configuration()
        self.load_snapshot()  # 8
        self.indicate(tell.SnapshotInstalled(src, index, log.length, snapshot))
