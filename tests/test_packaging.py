"""`pip install .` in an empty environment: a working command, with its page inside, started far from the checkout."""

import json
import re
import shutil
import subprocess
import sys
import sysconfig
import urllib.request
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import server
from tests.serving import Served
from tests.test_style import ROOT

INSTALL_SECONDS_MAX = 600
ANSWER_SECONDS_MAX = 20


def copy_of_the_sources(target: Path) -> Path:
    """The project as a clone has it: nothing built, nothing installed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode != 0:  # unpacked from an archive
        made = shutil.ignore_patterns(".venv", "node_modules", "dist", "instance", "__pycache__", ".*_cache", "*.mo")
        shutil.copytree(ROOT, target, ignore=made)
        return target
    for name in listed.stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of an environment in which nothing but `pip install .` was done."""
    folder = tmp_path_factory.mktemp("packaging")
    sources = copy_of_the_sources(folder / "sources")
    assert not list(sources.rglob("*.mo"))
    assert not (sources / "static" / "dist").exists()
    environment = folder / "environment"
    venv.create(environment, symlinks=True, with_pip=False)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(environment),
            "--disable-pip-version-check",
            "install",
            "--no-compile",
            "-q",
            str(sources),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS_MAX,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    yield environment
    shutil.rmtree(folder, ignore_errors=True)


def package(environment: Path) -> Path:
    """The folder of the installed package."""
    layout = {"base": str(environment), "platbase": str(environment)}
    return Path(sysconfig.get_path("purelib", vars=layout)) / "server"


def command(environment: Path) -> str:
    """The installed command."""
    return str(environment / "bin" / "quorumscope")


def test_the_page_the_templates_and_the_catalogues_are_inside(installed: Path) -> None:
    inside = package(installed)
    page = inside / "_page" / "static"
    names: dict[str, Any] = json.loads((page / "manifest.json").read_text(encoding="utf-8"))
    assert {"room.js", "part.js", "room.css", "late.css", "gallery.js", "app.css"} <= set(names)
    assert all((page / name).stat().st_size > 0 for name in names.values())
    assert (inside / "_page" / "templates" / "room.html").is_file()
    assert (inside / "translations" / "zh" / "LC_MESSAGES" / "messages.mo").is_file()


def test_nothing_that_only_a_developer_needs_is_inside(installed: Path) -> None:
    kinds = {path.suffix for path in package(installed).rglob("*") if path.is_file()}
    assert not kinds & {".ts", ".tsx", ".po", ".pot", ".mjs", ".trace"}
    assert not list(package(installed).rglob("node_modules"))
    beside = {path.name for path in package(installed).parent.iterdir()}
    assert not beside & {"static", "templates", "tests"}


def test_the_command_tells_its_version_and_its_use(installed: Path, tmp_path: Path) -> None:
    for argument, expected in (("--version", server.__version__), ("--help", "simulate")):
        done = subprocess.run([command(installed), argument], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert expected in done.stdout


def test_the_command_serves_the_gallery_with_files_of_the_wheel(installed: Path, tmp_path: Path) -> None:
    with Served(tmp_path / "instance", command=(command(installed),), cwd=tmp_path) as quorumscope:
        with urllib.request.urlopen(f"{quorumscope.url}/", timeout=ANSWER_SECONDS_MAX) as answer:
            gallery = answer.read().decode()
        loaded = re.findall(r"""(?:src|href)=["'](/[^"']+\.(?:js|css))["']""", gallery)
        assert loaded
        for address in loaded:
            with urllib.request.urlopen(quorumscope.url + address, timeout=ANSWER_SECONDS_MAX) as answer:
                assert answer.status == 200
                assert answer.read()
        health = {"storage": {"state": "opening"}}
        while health["storage"]["state"] == "opening":
            with urllib.request.urlopen(f"{quorumscope.url}/healthz", timeout=ANSWER_SECONDS_MAX) as answer:
                health = json.load(answer)
        assert health["version"] == server.__version__
        assert health["storage"]["state"] == "ok"  # the migrations are in the wheel
        assert quorumscope.stop() == 0
