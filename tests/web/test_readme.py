"""What the README shows to programs works as a script, from top to bottom, against a real server."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from server.cli.files import read_run
from tests.web.conftest import ROOT, Server

SECTION = (ROOT / "README.md").read_text(encoding="utf-8").partition("## For programs\n")[2].partition("\n## ")[0]
HERE = "http://127.0.0.1:8000"


def test_the_calls_of_the_readme_run_as_a_script(tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl")
    script = "\n".join(re.findall(r"^```sh\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL))
    assert script.count(HERE) == 1
    server = Server(tmp_path, module="server")
    try:
        done = subprocess.run(
            ["sh", "-eu", "-c", script.replace(HERE, server.url)],
            cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    finally:
        server.end()
    assert (done.returncode, done.stderr) == (0, ""), done.stdout[-2000:]
    lines = [json.loads(line) for line in done.stdout.splitlines() if line]
    assert not [line for line in lines if "code" in line], "nothing was refused"
    waited = [line for line in lines if "shown" in line]
    assert [told["shown"]["playing"] for told in waited] == [False, False]
    leaders = [
        event["host"]
        for told in waited
        for event in told["events"]
        for indication in event.get("indications", ())
        if indication["type"] == "Elected"
    ]
    assert leaders[0] == "n2"
    assert leaders[1] in ("n1", "n3")
    assert waited[1]["events"][0]["seq"] == waited[1]["since"] + 1
    assert {"cursor": 12} in lines
    assert {"seq": 13, "branch": 1} in lines
    found, recording, end = read_run(tmp_path / "lecture.json")
    assert (found.name, recording.commands[-1].command.type) == ("raft", "crash")
    told = (tmp_path / "lecture.jsonl").read_text().splitlines()
    assert json.loads(told[12])["command"]["type"] == "crash"
    assert end is not None
    assert end.events is not None
    assert end.events >= 13
