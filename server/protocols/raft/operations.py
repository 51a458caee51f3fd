"""What clients can ask of a Raft cluster: the operations of the key-value store, and those about the cluster itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...simulation import N_, Refused, value
from .. import keyvalue
from ..forms import Argument, Offer
from ..session import KEYS
from .changes import CHANGE_ARGUMENTS, CHANGES, ChangingClient, parse_change

NODE_MAX = 16
TRANSFER = "transfer_leadership"
TRANSFERS_EVERY = 7
"""Every n-th operation that an idle client begins by itself is a transfer, where clients are to ask for them."""
WRITES_EVERY = 8
"""Where reads have a way of their own, every other client (the first, the third ...) only reads, but for one of so many."""
OFFERS = {
    **keyvalue.OFFERS,
    TRANSFER: Offer(
        N_("Hand over the leadership"), N_("Hand the leadership over to a node. The answer says whether it leads."),
        ("node",), {"transfer": ("off",)}, N_("Leadership transfer is off in this room: open a room in which it is on."),
    ),
    **CHANGES,
}  # fmt: skip
"""What clients may ask for, for `Protocol.operations`."""
ARGUMENTS = {"node": Argument(N_("To node"), "node"), **CHANGE_ARGUMENTS}


@value
class TransferLeadership:
    """A client wants a node to lead."""

    name: str
    node: str


def parse_operation(data: Mapping[str, Any]) -> Any:
    """Makes an operation of plain data. Raises Refused."""
    if data.get("name") in CHANGES:
        return parse_change(data)
    if data.get("name") != TRANSFER:
        return keyvalue.parse_operation(data)
    node = data.get("node")
    if type(node) is int:
        node = f"n{node}"
    if not isinstance(node, str) or not 0 < len(node) <= NODE_MAX:
        raise Refused("bad_node", N_("To hand over, name a node, such as n3."))
    for field in data:
        if field not in ("name", "node") and data[field] is not None:
            raise Refused("bad_operation", N_("{name} takes no {field}."), name=TRANSFER, field=str(field)[:NODE_MAX])
    return TransferLeadership(TRANSFER, node)


class RaftClient(ChangingClient):
    """As those who change members; where reads are cheap some only read, and some ask for another leader if they may."""

    def propose(self, count: int) -> Any:
        if self.settings.transfer == "often" and count % TRANSFERS_EVERY == 0:
            return TransferLeadership(TRANSFER, self.peers[count // TRANSFERS_EVERY % len(self.peers)])
        if self.settings.reads != "log" and count % WRITES_EVERY != 1 and int(self.id[1:]) % 2:
            return keyvalue.Operation("get", KEYS[count // WRITES_EVERY % len(KEYS)])
        return super().propose(count)
