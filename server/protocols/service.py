"""The objects that clients take clusters for, for `Protocol.service`: what linearizability is asked of.

A key-value store (keyvalue.py) is an object for each key: a text or a number, a lock, a counter, a queue of jobs.
"""

from __future__ import annotations

from typing import Any

from ..properties import Service
from ..properties.linearizability import Call, Store
from .keyvalue import JOBS_MAX, Operation


def store_call(operation: Any, client: str) -> tuple[str, Call] | None:
    """The key of a `keyvalue.Operation`, and its call; None for what is about the cluster itself."""
    if not isinstance(operation, Operation):
        return None
    return operation.key, Store.call_of(operation, client)


STORE = Service(Store(JOBS_MAX), store_call)
"""A key-value store that promises it with all tunables."""
