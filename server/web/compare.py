"""The page that compares protocols, and the calls behind it: order, look, stop, and take the result away as files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import flask

from server.exploration.comparison import (
    BUILT_IN,
    CLIENTS,
    CONTESTANTS_MAX,
    WORKLOADS,
    Comparison,
    comparison_from,
    runs_csv,
    table_csv,
)
from server.exploration.comparison.plan import SPAN_LOW
from server.simulation import NODES_MAX, encode
from server.simulation.texts import N_, Refused

from . import asked, strictjson, texts
from .comparisons import OVER, Comparisons, Job
from .pages import error_page
from .security import holder_token
from .shelf import FAMILIES, Shelf
from .sockets import Shell

ORDER_BYTES_MAX = 2 * 1024 * 1024
"""A recording of a long room is larger than anything else that a page sends."""
SEEDS_MAX = 100
SECONDS_MAX = 60
CONTESTANTS_MIN = 2
FAULTS_MAX = 2_000
"""How many commands a schedule may have here."""


def add_compare(app: flask.Flask, shell: Shell, shelf: Shelf, comparisons: Comparisons) -> None:
    """The routes of `app`."""

    @app.get("/compare")
    def compare_page() -> str:
        holder_token()
        locale = texts.chosen()
        boot = {**_choices(shelf), "locale": locale, "catalog": texts.catalog(locale)}
        return flask.render_template("compare.html", boot=boot)

    @app.post("/api/comparisons")
    def order_comparison() -> Any:
        order = resolved(shell, read_order())
        check(order)
        job = comparisons.open(order, _holder())
        return told(comparisons, job, -1), 201

    @app.get("/api/comparisons/<name>")
    def look_at_comparison(name: str) -> Any:
        return told(comparisons, comparisons.find(name), since())

    @app.delete("/api/comparisons/<name>")
    def stop_comparison(name: str) -> Any:
        return told(comparisons, comparisons.stop(name, _holder()), -1)

    @app.get("/api/comparisons/<name>/<any('table.csv', 'runs.csv'):file>")
    def comparison_file(name: str, file: str) -> Any:
        job = comparisons.find(name)
        if job.report is None:
            return error_page(404)
        text = (table_csv if file == "table.csv" else runs_csv)(job.report)
        answer = flask.Response(text, content_type="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="comparison-{file}"'
        return answer


def _holder() -> str:
    return str(holder_token())


def since() -> int:
    """The version of the report that the page has; -1: none. Raises Refused."""
    known = asked.number("since", -1)
    return -1 if known is None else known


def told(comparisons: Comparisons, job: Job, since: int) -> dict[str, Any]:
    """What a page is told of a comparison; the report only where it is newer than its own."""
    return {
        "name": job.name,
        "state": job.state,
        "over": job.state in OVER,
        "before": comparisons.before(job),
        "progress": job.progress,
        "version": job.version,
        "report": job.report if job.version > since else None,
    }


def read_order(refusal: str = N_("This is no order for a comparison.")) -> dict[str, Any]:
    """The order in the body of this request: any JSON object. Raises Refused, in these words, where it is none."""
    flask.request.max_content_length = ORDER_BYTES_MAX
    try:
        data = strictjson.loads(flask.request.get_data())
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise Refused("bad_order", refusal)
    return data


def resolved(shell: Shell, order: Mapping[str, Any]) -> dict[str, Any]:
    """The order with the recording of a room in place of its name. Raises Refused where there is no such room."""
    faults = order.get("faults")
    if not isinstance(faults, Mapping) or "room" not in faults:
        return dict(order)
    name = str(faults["room"]).rstrip("/").rpartition("/")[2]
    found = shell.find(name)
    recording = getattr(found, "recording", None)
    if recording is None:
        raise Refused("unknown_room", N_("There is no room {room}. It may have been closed."), room=name[:40])
    with shell.lock:
        return {**order, "faults": {"recording": json.loads(encode(recording()))}}


def check(order: Mapping[str, Any]) -> Comparison:
    """The comparison that is ordered. Raises Refused, also where it is more than a page may ask for."""
    comparison = comparison_from(order, FAULTS_MAX)
    if len(comparison.contestants) < CONTESTANTS_MIN:
        raise Refused("bad_choice", N_("Choose two to four protocols or tunings."))
    if len(comparison.sizes) > 1:
        raise Refused("bad_size", N_("Choose one number of nodes: those from 3 to 9 are compared in any case."))
    if comparison.seeds > SEEDS_MAX or comparison.span > SECONDS_MAX * 1_000_000:
        raise Refused(
            "bad_order", N_("Here a comparison has at most {seeds} seeds of {seconds} seconds; the command line takes more."),
            seeds=SEEDS_MAX, seconds=SECONDS_MAX,
        )  # fmt: skip
    return comparison


def _choices(shelf: Shelf) -> dict[str, Any]:
    """What there is to choose from."""
    return {
        "protocols": [
            {
                "name": protocol["name"], "title": protocol["title"], "family": protocol.get("family", ""),
                "params": protocol.get("params", {}), "groups": protocol.get("groups", []),
                "operations": [operation["name"] for operation in protocol.get("operations", ())],
            }
            for protocol in shelf.protocols
        ],
        "families": FAMILIES,
        "workloads": [
            {"name": load.name, "title": load.title, "text": load.text, "needs": load.needs} for load in WORKLOADS.values()
        ],
        "schedules": [
            {"name": faults.name, "title": faults.title, "text": faults.text} for faults in BUILT_IN.values()
        ],
        "scenarios": [
            {name: scenario[name] for name in ("name", "title", "protocol", "nodes")} for scenario in shelf.scenarios
        ],
        "limits": {
            "least": CONTESTANTS_MIN, "contestants": CONTESTANTS_MAX, "nodes": NODES_MAX, "clients": CLIENTS,
            "seeds": SEEDS_MAX, "seconds": SECONDS_MAX, "secondsLeast": SPAN_LOW // 1_000_000,
        },
    }  # fmt: skip
