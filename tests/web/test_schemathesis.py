"""Strangers' calls, made up from the document by Schemathesis: no answer is a mistake of the server, or one not described."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from server.web.app import Web
from server.web.openapi.operations import TAGS
from tests.web.conftest import Make
from tests.web.test_recordings import opened

EXAMPLES = 12
"""Of each call; half of them are wrong on purpose."""
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.unsupported_method,
    checks.allow_header_conformance,
    checks.negative_data_rejection,
]
"""Without the one that all that fits the document is taken: whether a room can be opened depends on the names in the order."""


@pytest.fixture
def web(make: Make) -> Web:
    """Comparisons, searches and long files are ordered and never begun, since each would be computed for minutes. Nobody calls
    too often, or the calls after that would say nothing.
    """
    return make(comparisons=0, searches=0, imports=0, asks_burst=10_000, frames_burst=10_000)


@pytest.mark.parametrize("tag", [tag for tag in TAGS if tag != "document"])  # that is read, and not called
def test_no_call_is_answered_by_a_mistake_or_otherwise_than_described(web: Web, tag: str) -> None:
    client = web.app.test_client()
    room = opened(web, client).name
    kept = client.post(f"/api/rooms/{room}/recordings", json={}).get_json()["id"]
    token = client.get("/api/token").get_json()["token"]
    there = {"room": room, "id": kept, "name": "raft", "file": "table.csv", "ticket": "a" * 16}
    described = schemathesis.openapi.from_wsgi("/api/openapi.json", web.app)
    called = set()
    for operation in (each.ok() for each in described.get_all_operations()):
        if tag not in operation.definition.raw["tags"]:
            continue
        named = {parameter.name: there[parameter.name] for parameter in operation.path_parameters}
        strategies = [
            operation.as_strategy(generation_mode=GenerationMode.POSITIVE, path_parameters=named),
            operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        ]
        if operation.query or operation.body:
            strategies.append(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE, path_parameters=named))
        if _call(st.one_of(strategies), token):
            called.add(operation.definition.raw["operationId"])
    assert called == {operation.id for operation in TAGS[tag]}


def _call(cases: st.SearchStrategy[Any], token: str) -> int:
    """Makes such calls for the room's maker, the same each time; how many."""
    made = 0
    headers = {"Accept-Encoding": "identity", "Authorization": f"Bearer {token}"}

    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=cases)
    def call(case: Any) -> None:
        nonlocal made
        made += 1
        case.call_and_validate(checks=CHECKS, headers=headers)

    call()
    return made
