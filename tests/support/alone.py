"""A protocol that promises nothing: every node keeps what it is told to itself, in memory, and says yes at once.

So reads are stale, a crash loses what was confirmed, and no crash is borne: what a comparison has to notice.
"""

from __future__ import annotations

from typing import Any

from server.protocols import Protocol, keyvalue
from server.protocols.session import CLIENT_VIEWS, INDICATIONS, TIMERS, ClientReply, ClientRequest, SessionClient
from server.protocols.view import View
from server.simulation import Node, Program, on, volatile


class Alone(Node):
    messages = (ClientRequest,)
    foreign = (ClientReply,)

    data: dict[str, Any] = volatile({}, "data", "What it was told.")

    @on(ClientRequest)
    def on_request(self, m: ClientRequest, src: str) -> None:
        asked = m.operation
        command = keyvalue.Command(asked.name, asked.key, asked.value, asked.expect, src, m.serial)
        self.data, result = keyvalue.apply(self.data, command)
        self.send(src, ClientReply(m.serial, True, result, self.id))


class AloneClient(SessionClient):
    """Each client has a node of its own, and asks the others where that one is silent."""

    def target(self, operation: Any) -> str:
        return self.leader or self.peers[(int(self.id[1:]) - 1) % len(self.peers)]


ALONE = Protocol(
    program=Program("alone", Alone, AloneClient, keyvalue.parse_operation),
    title="Alone",
    summary="Nobody tells anybody anything.",
    cites="",
    properties=(),
    indications=INDICATIONS,
    timers=TIMERS,
    operations=keyvalue.OFFERS,
    view=View(messages=CLIENT_VIEWS),
)
