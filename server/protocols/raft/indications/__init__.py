"""What a Raft node tells the outside: each decision, with its reason and the place in the paper.

`text` is a sentence with the fields of the indication and `host`, the node that speaks. `weight` says how much of the
feed's room it deserves, `mark` how the timeline paints it, `tone` whether it is good or bad news for the cluster.
"""

from __future__ import annotations

from ... import session
from ...indication import Indication
from . import clients, elections, membership, prevote, reads, replication, snapshots, transfer
from .clients import *  # noqa: F403
from .elections import *  # noqa: F403
from .membership import *  # noqa: F403
from .prevote import *  # noqa: F403
from .reads import *  # noqa: F403
from .replication import *  # noqa: F403
from .snapshots import *  # noqa: F403
from .transfer import *  # noqa: F403

INDICATIONS: tuple[type[Indication], ...] = (
    *elections.TOLD, *prevote.TOLD, *transfer.TOLD, *replication.TOLD, *snapshots.TOLD, *membership.TOLD, *reads.TOLD,
    *clients.TOLD, *session.INDICATIONS,
)  # fmt: skip
