"""Linearizability: whether what clients saw could have come from one object that does one operation after another.

A history tells when each operation was invoked, when it returned and with what result. It is *linearizable* (Herlihy &
Wing, Linearizability: A Correctness Condition for Concurrent Objects, 1990) if each operation can be given one moment
between the two at which it took effect, so that their results are those of a plain sequential object. An operation whose
outcome nobody knows (the client timed out, the connection broke) may have taken effect at any time after its invocation, or
never, which is what makes checking hard: the problem is NP-complete (Gibbons & Korach 1997).

    history.py      operations, written event by event
    models.py       the sequential objects: register, texts, mutex, the project's own store
    search.py       one object: is there an order? places.py: what it remembers
    checking.py     all keys of a history, in turn
    explaining.py   why not: the first error, the smallest part without an explanation
    live.py         a history that is still going on; frontier.py: all that it may have come to
    formats.py      histories of others: Jepsen's logs, EDN, logs of key-value stores (edn.py reads EDN)

The verdict is never a guess. A search that has come to no end says so, and can go on later. Nothing here looks at a clock:
budgets are counted in steps, pairs of a state and the operations done, and whoever wants seconds counts them outside.

The algorithm is that of Wing & Gong (Testing and Verifying Concurrent Objects, 1993) with the cache of Lowe (Testing for
Linearizability, 2017) and keys apart after Horn & Kroening (Faster Linearizability Checking via P-Compositionality, 2015), as
in Porcupine (Athalye 2017). What differs is said in search.py.

What was left out: objects with operations on several keys at once, transactions, weaker conditions (sequential consistency),
and searching on several cores.
"""

from .cases import Case, Splice
from .checking import Checking, check, points
from .edn import BadText
from .explaining import Explaining
from .formats import FORMATS, Reading, read_edn, read_jepsen, read_kv
from .history import UNKNOWN, Call, Disorder, History, Operation, by_key, forgotten
from .live import Live
from .models import Consensus, Model, Mutex, Register, Store, Texts
from .places import Verdict
from .search import Search, search_of

__all__ = [
    "FORMATS", "UNKNOWN", "BadText", "Call", "Case", "Checking", "Consensus", "Disorder", "Explaining", "History", "Live",
    "Model", "Mutex", "Operation", "Reading", "Register", "Search", "Splice", "Store", "Texts", "Verdict", "by_key", "check",
    "forgotten", "points", "read_edn", "read_jepsen", "read_kv", "search_of",
]  # fmt: skip
