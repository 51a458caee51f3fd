"""The page that compares, and the calls behind it: real children, played to their end, stopped, waiting, refused."""

from __future__ import annotations

import csv
import io
import json
import re
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.exploration.comparison import WORKLOADS, comparison_from
from server.protocols import PROTOCOLS
from server.web.comparisons import Comparisons, Job
from server.web.config import Limits
from tests.web.conftest import Make

HOST = {"Origin": "http://localhost"}
TWO = {
    "contestants": [{"protocol": "raft"}, {"protocol": "raft", "params": {"heartbeat_interval": 100_000}}],
    "sizes": [3], "seeds": 1, "seconds": 5, "workload": "reads_and_writes", "faults": {"name": "stall"},
}  # fmt: skip
LONG = {**TWO, "seeds": 100, "seconds": 60}
MANY = {
    "format": 1, "protocol": "raft",
    "commands": [
        {"time": time, "place": 0, "command": {"type": "crash" if time % 2 else "restart", "node": "n1"}}
        for time in range(1, 2_002)
    ],
}  # fmt: skip
PATIENCE_S = 60


@pytest.fixture
def client(make: Make) -> FlaskClient:
    return make().app.test_client()


def order(client: FlaskClient, what: Any) -> dict[str, Any]:
    answer = client.post("/api/comparisons", json=what, headers=HOST)
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def look(client: FlaskClient, name: str, since: int = -1) -> dict[str, Any]:
    return dict(client.get(f"/api/comparisons/{name}?since={since}").get_json())


def until(client: FlaskClient, name: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Asks until it is as wanted."""
    end = time.monotonic() + PATIENCE_S
    while not wanted(told := look(client, name)):
        assert time.monotonic() < end, told
        time.sleep(0.05)
    return told


def begun(told: dict[str, Any]) -> bool:
    return bool(told["state"] != "waiting")


def over(told: dict[str, Any]) -> bool:
    return bool(told["over"])


# ---- the page --------------------------------------------------------------------------------------------------------


def test_the_page_offers_every_protocol_workload_schedule_and_scenario(client: FlaskClient) -> None:
    page = client.get("/compare").text
    found = re.search(r'<script type="application/json" id="boot">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    boot = json.loads(found[1])
    assert [each["name"] for each in boot["protocols"]] == list(PROTOCOLS)
    assert all(each["operations"] for each in boot["protocols"])
    assert [each["name"] for each in boot["workloads"]] == list(WORKLOADS)
    assert len(boot["scenarios"]) == sum(len(each.scenarios()) for each in PROTOCOLS.values())
    assert boot["limits"]["contestants"] == 4


def test_every_page_leads_to_it(client: FlaskClient) -> None:
    assert '<a href="/compare" aria-current="page">' in client.get("/compare").text


# ---- a comparison ----------------------------------------------------------------------------------------------------


def test_a_comparison_is_computed_told_and_given_as_files(client: FlaskClient) -> None:
    job = order(client, TWO)
    done = until(client, job["name"], over)
    assert (done["state"], done["progress"]["part"]) == ("done", 1)
    report = done["report"]
    assert report["complete"] is True
    assert [each["label"] for each in report["contestants"]] == ["raft", "raft:heartbeat_interval=100000"]
    assert look(client, job["name"], done["version"])["report"] is None
    table = client.get(f"/api/comparisons/{job['name']}/table.csv")
    assert table.headers["Content-Disposition"] == 'attachment; filename="comparison-table.csv"'
    rows = {row["name"]: row for group in report["tables"][0]["groups"] for row in group["rows"]}
    for line in csv.DictReader(io.StringIO(table.text)):
        if line["part"] == "table" and line["contestant"] == "raft":
            value = rows[line["figure"]]["cells"][0]["value"]
            assert line["value"] == ("" if value is None else f"{value:.6g}")
    assert client.get(f"/api/comparisons/{job['name']}/runs.csv").text.startswith("contestant,nodes,seed")
    assert client.get(f"/api/comparisons/{job['name']}/other.csv").status_code == 404


def test_reports_come_while_it_is_computed_and_who_ordered_it_stops_it(make: Make) -> None:
    web = make()
    ann, bob = web.app.test_client(), web.app.test_client()
    job = order(ann, LONG)
    partial = until(ann, job["name"], lambda told: told["report"] is not None)
    assert partial["report"]["complete"] is False
    assert 0 < partial["progress"]["part"] < 1
    bob.get("/compare")
    refused = bob.delete(f"/api/comparisons/{job['name']}", headers=HOST)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "not_yours")
    assert ann.delete(f"/api/comparisons/{job['name']}", headers=HOST).status_code == 200
    stopped = until(ann, job["name"], over)
    assert stopped["state"] == "stopped"
    assert stopped["report"]["complete"] is False
    process = web.comparisons.jobs[job["name"]].process
    assert process is not None
    assert process.poll() is not None


def test_one_is_computed_at_a_time_and_the_next_begins_when_it_has_ended(make: Make) -> None:
    web = make(comparisons_waiting=1)
    ann, bob, eve = (web.app.test_client() for _ in range(3))
    first = order(ann, LONG)
    until(ann, first["name"], lambda told: told["state"] == "running")
    second = order(bob, TWO)
    assert (second["state"], second["before"]) == ("waiting", 1)
    refused = eve.post("/api/comparisons", json=TWO, headers=HOST)
    assert (refused.status_code, refused.get_json()["code"]) == (429, "too_many_comparisons")
    ann.delete(f"/api/comparisons/{first['name']}", headers=HOST)
    assert until(bob, second["name"], begun)["state"] in ("running", "done")


def test_who_orders_another_one_no_longer_wants_the_first(make: Make) -> None:
    client = make().app.test_client()
    first = order(client, LONG)
    until(client, first["name"], lambda told: told["state"] == "running")
    second = order(client, TWO)
    assert until(client, first["name"], over)["state"] == "stopped"
    assert until(client, second["name"], begun)["state"] in ("running", "done")


def test_what_nobody_looks_at_is_stopped(make: Make) -> None:
    web = make(comparison_unwatched_s=0.5)
    client = web.app.test_client()
    job = web.comparisons.jobs[order(client, LONG)["name"]]
    end = time.monotonic() + PATIENCE_S
    while job.state != "stopped":
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_child_that_dies_is_told(make: Make) -> None:
    web = make()
    client = web.app.test_client()
    job = order(client, LONG)
    until(client, job["name"], lambda told: told["state"] == "running")
    process = web.comparisons.jobs[job["name"]].process
    assert process is not None
    process.kill()
    assert until(client, job["name"], over)["state"] == "failed"


def child(monkeypatch: pytest.MonkeyPatch, script: str) -> Job:
    """A job whose child is this script instead, once it has written something."""
    popen = subprocess.Popen
    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "Popen", lambda _, **more: popen([sys.executable, "-c", script], **more))
        job = Job(TWO, "ann", 0.0)
        job.begin(1, 0.0)
    end = time.monotonic() + PATIENCE_S
    while not select.select([job._pipe], [], [], 1)[0]:
        assert time.monotonic() < end
    return job


def test_a_line_torn_by_the_stop_is_skipped_and_the_report_after_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    report = {"complete": False, "of": 4}
    job = child(
        monkeypatch,
        "import json, signal, sys\n"
        f"told = json.dumps({{'report': {report}}})\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(print('\\n' + told)))\n"
        "print(told[:9], end='', flush=True)\n"
        "signal.pause()",
    )
    assert job.order == {}
    job.stop(0.0)
    assert job.process is not None
    job.process.wait(10)
    job.look(1.0)
    assert (job.state, job.report) == ("stopped", report)


def test_a_child_that_writes_nonsense_is_ended_and_reaped(monkeypatch: pytest.MonkeyPatch) -> None:
    job = child(monkeypatch, "import time\nprint('nonsense', flush=True)\ntime.sleep(60)")
    work: list[Callable[[], None]] = []
    comparisons = Comparisons(
        Limits(comparisons=0), work.append, lambda seconds: threading.Event().wait(0.01), lambda: 0.0
    )
    comparisons.stop(comparisons.open(TWO, "ann").name, "ann")
    comparisons.jobs[job.name] = job
    work[0]()
    assert job.state == "failed"
    assert job.process is not None
    assert job.process.returncode == -signal.SIGKILL


def test_old_results_are_let_go() -> None:
    comparisons = Comparisons(
        Limits(comparisons_kept=2, comparisons_waiting=9), lambda task: None, lambda seconds: None
    )
    jobs = [comparisons.open(TWO, "ann") for _ in range(5)]
    assert list(comparisons.jobs) == [job.name for job in jobs[-2:]]
    assert [isinstance(job, Job) and job.state for job in comparisons.jobs.values()] == ["stopped", "waiting"]


def test_a_comparison_that_is_not_kept_is_said_so(client: FlaskClient) -> None:
    answer = client.get("/api/comparisons/nothing")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "unknown_comparison")


# ---- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"contestants": [{"protocol": "raft"}]}, "Choose two to four protocols or tunings."),
        ({"contestants": [{"protocol": "raft"}] * 2}, "{label} was chosen twice"),
        ({"contestants": [{"protocol": "raft"}, {"protocol": "paxis"}]}, "There is no protocol {name}."),
        ({"workload": "who_leads"}, "{protocol} can't serve the workload {workload}"),
        ({"seeds": 500}, "at most {seeds} seeds of {seconds} seconds"),
        ({"sizes": [3, 5]}, "Choose one number of nodes"),
        ({"faults": {"scenario": "stale_leader", "protocol": "raft"}}, "The schedule names {host}"),
        ({"faults": {"room": "nowhere"}}, "There is no room {room}"),
        ({"faults": {"recording": None}}, "This is no recording: a recording is one object of JSON."),
        ({"faults": {"scenario": "x", "protocol": []}}, "This is no order for a comparison."),
        ({"sizes": [3] * 10_000}, "Take each number of nodes once."),
        ({"faults": {"recording": MANY}}, "The schedule has {count} faults; here it may have at most {most}."),
    ],
)
@pytest.mark.parametrize("address", ["/api/comparisons", "/compare/rooms"])
def test_a_wrong_choice_is_refused_before_anything_is_computed(
    make: Make, change: dict[str, Any], sentence: str, address: str
) -> None:
    web = make()
    headers = {**HOST, "Accept": "application/json"}
    answer = web.app.test_client().post(address, json={**TWO, **change}, headers=headers)
    assert answer.status_code in (404, 422)
    assert sentence in answer.get_json()["text"]
    assert not web.comparisons.jobs
    assert not web.shell.lobby.rooms


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"contestants": NaN}'])
def test_what_is_no_order_is_refused(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/api/comparisons", data=body, headers=HOST)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "bad_order")


def test_pages_of_other_sites_can_neither_order_nor_stop(client: FlaskClient) -> None:
    elsewhere = {"Origin": "https://elsewhere.example"}
    assert client.post("/api/comparisons", json=TWO, headers=elsewhere).status_code == 403
    assert client.delete("/api/comparisons/x", headers=elsewhere).status_code == 403


# ---- faults of a room ------------------------------------------------------------------------------------------------


def test_the_faults_of_a_room_are_those_of_its_recording(make: Make) -> None:
    web = make(comparisons=0)
    client = web.app.test_client()
    opened = client.post("/rooms", data={"scenario": "stale_leader", "of": "raft"}, headers=HOST)
    assert opened.status_code == 303, opened.text
    room = opened.headers["Location"]
    job = order(client, {**TWO, "sizes": [5], "faults": {"room": f"http://localhost{room}"}})
    given = web.comparisons.jobs[job["name"]].order["faults"]["recording"]
    assert any(each["command"]["type"] == "partition" for each in given["commands"])
    assert comparison_from(web.comparisons.jobs[job["name"]].order).faults.fixed
