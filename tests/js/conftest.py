"""The tests of the page's TypeScript, as tests of pytest: `*.test.ts` files for `node --test`, bundled by esbuild.

Each `test("...")` and `it("...")` is one test here, found by its name in the source; `(all)` is the file itself, which
fails when the file does not run, when a test with a computed name fails, or when it has no test at all.
"""

import atexit
import functools
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.support import fixtures

HERE = Path(__file__).resolve().parent
STATIC = HERE.parent.parent / "static"
NAMED = re.compile(r"""^\s*(?:await\s+)?(?:test|it)\(\s*(["'`])((?:\\.|(?!\1).)+)\1\s*,""", re.MULTILINE)
SECONDS_MAX = 120


@functools.cache
def build() -> ModuleType:
    """`static/build.py`, which knows where Node is."""
    spec = importlib.util.spec_from_file_location("page_build", STATIC / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@functools.cache
def bundled() -> Path:
    """The folder with all tests bundled, made once in a session."""
    node, npm, environment = build().tools()
    build().install_packages(npm, environment)
    folder = Path(tempfile.mkdtemp(prefix="page-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    command = [*node, "build.mjs", "--tests", str(HERE), str(folder)]
    done = subprocess.run(command, cwd=STATIC, env=environment, capture_output=True, text=True, timeout=SECONDS_MAX)
    assert done.returncode == 0, f"the tests of the page do not build:\n{done.stderr}"
    return folder


@functools.cache
def simulated() -> Path:
    """The folder with events and worlds of the simulator, made once in a session; the tests find it in $FIXTURES."""
    folder = Path(tempfile.mkdtemp(prefix="page-fixtures-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    fixtures.write(folder)
    return folder


@functools.cache
def outcome(source: Path) -> tuple[int, list[dict[str, Any]], str]:
    """The exit code of one test file, what each of its tests did, and what else it said."""
    node, _, environment = build().tools()
    script = bundled() / source.relative_to(HERE).with_suffix(".mjs")
    reporter = (HERE / "reporter.mjs").as_uri()
    options = ["--enable-source-maps", f"--test-reporter={reporter}", "--test-reporter-destination=stdout"]
    done = subprocess.run(
        [*node, *options, str(script)],
        cwd=HERE.parent,
        env={**environment, "FIXTURES": str(simulated())},
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
    )
    results, rest = [], [done.stderr]
    for line in done.stdout.splitlines():
        if line.startswith('{"name":'):
            results.append(json.loads(line))
        else:
            rest.append(line)
    return done.returncode, results, "\n".join(rest)


class TestFailed(Exception):
    """A test of the page failed; the message is what Node said."""


class PageTest(pytest.Item):
    """One named test of a file."""

    def runtest(self) -> None:
        _, results, rest = outcome(self.path)
        mine = [result for result in results if result["name"] == self.name and not result["suite"]]
        if not mine:
            raise TestFailed(f"{self.path.name} did not get as far as this test.\n{rest}")
        failed = [result["error"] for result in mine if not result["passed"]]
        if failed:
            raise TestFailed("\n".join(failed))
        if any(result["skipped"] for result in mine):
            pytest.fail("a test of the page is skipped or marked as work to do", pytrace=False)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return str(excinfo.value) if isinstance(excinfo.value, TestFailed) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.name


class PageTestFile(PageTest):
    """The file as a whole."""

    def runtest(self) -> None:
        code, results, rest = outcome(self.path)
        failed = [f"{result['name']}: {result['error']}" for result in results if not result["passed"]]
        if code != 0 or failed:
            raise TestFailed("\n".join([*failed, rest]))
        if not any(not result["suite"] for result in results):
            raise TestFailed(f"{self.path.name} has no test.")


class PageTests(pytest.File):
    """A `*.test.ts` file."""

    def collect(self) -> Iterator[pytest.Item]:
        yield PageTestFile.from_parent(self, name="(all)")
        for name in self.names(NAMED.findall(self.path.read_text(encoding="utf-8"))):
            yield PageTest.from_parent(self, name=name)

    @staticmethod
    def names(found: Iterable[tuple[str, str]]) -> list[str]:
        """Each literal name once; names with a placeholder are left to `(all)`."""
        literal = [re.sub(r"\\(.)", r"\1", name) for quote, name in found if not (quote == "`" and "${" in name)]
        return list(dict.fromkeys(literal))


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if re.search(r"\.test\.tsx?$", file_path.name):
        return PageTests.from_parent(parent, path=file_path)
    return None
