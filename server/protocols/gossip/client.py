"""A client of a cluster that gossips: any node will do, and none of them sends it elsewhere.

By which node it is served matters all the same: one that always asks the same node sees its own writes, and one that
goes about does not (Terry et al., Session Guarantees for Weakly Consistent Replicated Data, 1994).
"""

from __future__ import annotations

from ...simulation import N_, choice
from ..keyvalue import Operation
from ..session import SessionClient

ANY, OWN = "any", "own"
KEYS = ("x", "y")


class GossipClient(SessionClient):
    """Writes and reads two keys, now and then deletes one."""

    asks: str = choice(
        ANY,
        {ANY: N_("any node, drawn each time"), OWN: N_("always the same node")},
        N_("Whom a client asks"),
        N_("With any node a client may read less than it wrote; with one node it waits while that node is down."),
    )

    @property
    def own(self) -> str:
        """The node that it keeps to: c1 to n1, c2 to n2 ..."""
        return self.peers[(int(self.id[1:]) - 1) % len(self.peers)]

    def propose(self, count: int) -> Operation:
        key = KEYS[count // 4 % len(KEYS)]
        match count % 4:
            case 1 | 3:
                return Operation("put", key, value=count)
            case 2:
                return Operation("get", key)
            case _:
                return Operation("delete", key)

    def target(self, operation: Operation) -> str:
        if self.asks == OWN:
            return self.own
        return self.peers[self.draw("target", self.serial, 0, len(self.peers) - 1)]

    def after(self, node: str | None) -> str:
        return self.own if self.asks == OWN else super().after(node)
