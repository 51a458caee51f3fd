"""Transactions: what clients ask of a protocol of atomic commitment, and how it is written down.

A cluster is a small bank. Every node that takes part keeps an account, named after it, and a copy of a few keys. A
`transfer` takes money from one account and puts it into another, and concerns these two nodes; a `put` writes a key at
all of them; a `get` reads a key at one, without a second phase (the read-only vote of R*: Mohan, Lindsay and Obermarck,
Transaction Management in the R* Distributed Database Management System, 1986, section 4).

A transaction has the name of its operation (`c1.3`), so a request that comes twice is the same transaction. What it
does to a node, and the log from which a node that crashed takes it up again, is in `bank.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from ..properties import Service
from ..properties.linearizability import Call, Store
from ..simulation import FAILED, N_, OK, Refused, value
from .forms import CLIENTS, Argument, Group, Offer
from .session import SessionClient

KEY_MAX = 16
VALUE_MAX = 64
AMOUNT_MAX = 1_000_000_000
OFFERS = {
    "transfer": Offer(
        N_("Transfer money"), N_("Move an amount from one node's account to another's."), ("source", "target", "amount")
    ),
    "put": Offer(N_("Write"), N_("Write the value of a key at every participant."), ("key", "value")),
    "get": Offer(N_("Read"), N_("Read the value of a key at one participant."), ("key",)),
}
"""What clients may ask for, for `Protocol.operations`."""
ARGUMENTS = {
    "source": Argument(N_("From the account of"), "node"),
    "target": Argument(N_("To the account of"), "node"),
    "amount": Argument(N_("Amount"), "number"),
}
"""For `Protocol.arguments`."""


def groups(*waiting: str) -> tuple[Group, ...]:
    """How the tunables stand together in a form; `waiting` are a protocol's own about what happens when nobody answers."""
    return (
        Group(N_("Participants"), ("takes_part", "opening_balance", "unwilling")),
        Group(N_("When nobody answers"), ("vote_timeout", "patience", *waiting)),
        Group(N_("Disk and sending"), ("write_time", "send_time")),
        CLIENTS,
    )


Stored = str | int | None
KEYS = ("x", "y", "z")
"""The keys that clients write and read by themselves."""
AMOUNT_LOW, AMOUNT_HIGH = 20, 80
"""What they transfer by themselves; of an opening balance of 100, two such may be too much."""


WORKING, IN_DOUBT, COMMITTED, ABORTED = "working", "in_doubt", "committed", "aborted"
"""The states of a transaction at a node (Gray and Lamport, 2006, figure 1: working, prepared, committed, aborted)."""
DECIDED = (COMMITTED, ABORTED)
BEGIN, PREPARED, COMMIT, ABORT, END = "begin", "prepared", "commit", "abort", "end"
"""The kinds of records."""


class Role(Enum):
    """What a node is."""

    COORDINATOR = "coordinator"
    PARTICIPANT = "participant"
    DOUBTING = "in_doubt"


COORDINATOR, PARTICIPANT, DOUBTING = Role


@value
class Part:
    """A transaction as it stands at a node."""

    state: str
    work: Transaction
    note: str
    """Why it was aborted, in a word; else empty."""


@value
class Transfer:
    """Moves `amount` from the account of node `source` to that of node `target`."""

    source: str
    target: str
    amount: int
    name: str = "transfer"


@value
class Put:
    """Writes a key at every participant."""

    key: str
    value: Stored
    name: str = "put"


@value
class Get:
    """Reads a key at one participant."""

    key: str
    name: str = "get"


Operation = Transfer | Put | Get


def key_call(operation: Operation, client: str) -> tuple[str, Call] | None:  # noqa: ARG001 - keys have no owner
    """The call of a transaction on one key; None for a transfer, which concerns two accounts that no client reads."""
    if isinstance(operation, Transfer):
        return None
    return operation.key, ("get",) if isinstance(operation, Get) else ("put", operation.value)


KEYS_SERVED = Service(Store(), key_call)
"""For `Protocol.service`: each key is an object; what transfers keep is said by properties of their own."""


@value
class Transaction:
    """What all who take part must know of it: so any of them can go on with it when the coordinator is gone."""

    id: str
    client: str
    serial: int
    operation: Operation
    participants: tuple[str, ...]
    """Who is asked to vote, in the order of their names; the coordinator itself only where it takes part."""


@value
class NotCommitted:
    """The answer to a client whose transaction was aborted: it surely had no effect."""

    reason: str


# Why a transaction is aborted, as the table of transactions and the client show it
BALANCE = "balance"
LOCKED = "locked"
UNWILLING = "unwilling"
LATE = "late"
NO_ACCOUNT = "no account"
TIMEOUT = "timeout"
RESTARTED = "restarted"
FORGOTTEN = "forgotten"


def owner(transaction_id: str) -> tuple[str, int]:
    """The client of a transaction, and the serial number of its operation there."""
    client, _, serial = transaction_id.rpartition(".")
    return client, int(serial)


def holders(nodes: tuple[str, ...], *, coordinator_too: bool) -> tuple[str, ...]:
    """The nodes that keep an account and the keys; a coordinator that is alone keeps them in any case."""
    return nodes if coordinator_too or len(nodes) == 1 else nodes[1:]


def parse_operation(data: Mapping[str, Any]) -> Operation:
    """Makes an operation of plain data. Raises Refused."""
    name = data.get("name")
    known = OFFERS.get(name) if isinstance(name, str) else None
    if known is None:
        raise Refused("unknown_operation", N_("There is no operation {name}."), name=str(name)[:KEY_MAX])
    for field in data:
        if field != "name" and field not in known.args and data[field] is not None:
            raise Refused("bad_operation", N_("{name} takes no {field}."), name=name, field=str(field)[:KEY_MAX])
    if name == "transfer":
        return _transfer(data)
    key = data.get("key")
    if not isinstance(key, str) or not 0 < len(key) <= KEY_MAX:
        raise Refused("bad_key", N_("A key has 1 to {most} characters."), most=KEY_MAX)
    if name == "get":
        return Get(key)
    given = data.get("value")
    if given is None:
        raise Refused("bad_value", N_("{name} needs a value."), name=name)
    if not ((isinstance(given, str) and len(given) <= VALUE_MAX) or (type(given) is int and abs(given) < 2**53)):
        raise Refused("bad_value", N_("A value is a number or at most {most} characters."), most=VALUE_MAX)
    return Put(key, given)


def _transfer(data: Mapping[str, Any]) -> Transfer:
    source, target, amount = data.get("source"), data.get("target"), data.get("amount")
    for account in (source, target):
        if not isinstance(account, str) or not 0 < len(account) <= KEY_MAX:
            raise Refused("bad_account", N_("An account has the name of its node, such as n2."))
    if source == target:
        raise Refused(
            "bad_account", N_("A transfer needs two accounts: {source} is its source and its target."), source=source
        )
    if type(amount) is not int or not 1 <= amount <= AMOUNT_MAX:
        raise Refused("bad_amount", N_("An amount is a number from 1 to {most}."), most=AMOUNT_MAX)
    assert isinstance(source, str)
    assert isinstance(target, str)
    return Transfer(source, target, amount)


class TransactionClient(SessionClient):
    """A client whose operations are transactions: committed is ok, aborted is failed."""

    def target(self, operation: Any) -> str:
        """The coordinator is always the first node; it alone begins transactions."""
        return self.peers[0]

    def outcome(self, operation: Any, result: Any) -> str:
        return FAILED if isinstance(result, NotCommitted) else OK

    def propose(self, count: int) -> Operation:
        """Transfers, writes and reads in turn; one transfer of four is of more than there is."""
        accounts = holders(self.peers, coordinator_too=bool(self.settings.takes_part))
        key = KEYS[count // 4 % len(KEYS)]
        if count % 4 == 0:
            return Get(key)
        if count % 4 == 2 or len(accounts) < 2:
            return Put(key, count)
        first = self.draw("source", count, 0, len(accounts) - 1)
        second = self.draw("target", count, 1, len(accounts) - 1)
        amount = self.draw("amount", count, AMOUNT_LOW, AMOUNT_HIGH)
        if count % 8 == 3:
            amount += len(accounts) * int(self.settings.opening_balance)
        return Transfer(accounts[first], accounts[(first + second) % len(accounts)], amount)
