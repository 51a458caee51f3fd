"""What a linter does not know: lengths, work left undone, foreign text that becomes markup, tests that test nothing."""

import ast
import json
import re
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Four hundred lines and fifty are a reason to stop and look; here is where looking is over. A style sheet is a list.
FILE_LINES_MAX = 550
SHEET_LINES_MAX = 1200
FUNCTION_LINES_MAX = 80
# ruff watches over Python; here, an element with its attributes or the path of an icon may stand on one line.
LINE_CHARACTERS_MAX = 280

CODE = {".py", ".ts", ".tsx", ".mjs", ".css", ".html", ".toml", ".sh"}
TEXT = CODE | {".md", ".trace", ".json", ".po", ""}
# Assembled, so that this file does not find itself.
UNDONE = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|dangerouslySetInnerHTML"
    r"|\beval\(|new Function\("
)
UNESCAPED = re.compile(r"\|\s*safe\b|autoescape\s+false|\bMarkup\(")
# Things a page would load; a link that a person follows may lead elsewhere.
ELSEWHERE = re.compile(
    r"""(?:\bsrc\s*=\s*|<link[^>]*\bhref\s*=\s*|url\(\s*|@import\s+|\bfrom\s+|\bfetch\(\s*|\bimport\(\s*)["']?(?:https?:)?//"""
)

COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(|\bcolor-mix\(|\btransparent\b")


@cache
def files() -> tuple[Path, ...]:
    """Every text file of the project that is, or would be, committed."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode == 0:
        found: Iterable[Path] = (ROOT / name for name in listed.stdout.split("\0") if name)
    else:  # unpacked from an archive
        found = (path for part in ("server", "static/src", "templates", "tests") for path in (ROOT / part).rglob("*"))
    wanted = (path for path in found if path.suffix in TEXT and "__pycache__" not in path.parts)
    return tuple(sorted(path for path in wanted if path.is_file()))


def code(*folders: str) -> Iterator[tuple[Path, str]]:
    """(path below the root, text) of the code files in these folders, or everywhere."""
    for path in files():
        inside = path.relative_to(ROOT)
        if path.suffix in CODE and (not folders or any(inside.is_relative_to(folder) for folder in folders)):
            yield inside, path.read_text(encoding="utf-8")


def lines_with(pattern: re.Pattern[str], *folders: str) -> list[str]:
    """`path:line: text` of every line of code that matches."""
    return [
        f"{path}:{number}: {line.strip()}"
        for path, text in code(*folders)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """All functions and methods of a module, nested ones too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_file_is_longer_than_one_can_look_over() -> None:
    lengths = {path: len(text.splitlines()) for path, text in code()}
    most = {path: SHEET_LINES_MAX if path.suffix == ".css" else FILE_LINES_MAX for path in lengths}
    long = [f"{path}: {length} lines" for path, length in lengths.items() if length > most[path]]
    assert not long, "\n".join(long)


def test_no_function_is_longer_than_a_screen_or_so() -> None:
    long = []
    for path, text in code():
        # A floor is one loop on purpose: calls would be what it measures against.
        if path.suffix != ".py" or path.name.startswith("floor_"):
            continue
        for function in functions(ast.parse(text)):
            length = (function.end_lineno or function.lineno) - function.lineno + 1
            if length > FUNCTION_LINES_MAX:
                long.append(f"{path}:{function.lineno}: {function.name} has {length} lines")
    assert not long, "\n".join(long)


def test_no_line_of_the_page_is_too_long_to_read() -> None:
    long = lines_with(re.compile(rf"^.{{{LINE_CHARACTERS_MAX + 1},}}$"), "static", "tests/js")
    assert not long, "\n".join(long)


def test_nothing_is_left_to_be_done() -> None:
    assert not lines_with(UNDONE)


def test_no_foreign_text_can_become_markup() -> None:
    assert not lines_with(MARKUP, "static/src")
    assert not lines_with(UNESCAPED, "server", "templates")


def test_the_page_loads_nothing_from_elsewhere() -> None:
    assert not lines_with(ELSEWHERE, "static/src", "templates")


def test_nothing_is_printed_to_the_console_of_the_browser() -> None:
    assert not lines_with(re.compile(r"\bconsole\.(?:log|debug|info)\("), "static/src")


def naps(tree: ast.AST) -> Iterator[int]:
    """Lines that sleep outside of a loop. Inside one it is a pause between two looks, or the pace of a load."""
    if isinstance(tree, ast.While | ast.For):
        return
    if isinstance(tree, ast.Call) and ast.unparse(tree.func).split(".")[-1] in {"sleep", "wait_for_timeout"}:
        yield tree.lineno
    for child in ast.iter_child_nodes(tree):
        yield from naps(child)


def test_no_test_sleeps_where_it_could_wait() -> None:
    found = [
        f"{path}:{line}"
        for path, text in code("tests")
        if path.suffix == ".py" and not path.is_relative_to("tests/bench")
        for line in naps(ast.parse(text))
    ]
    assert not found, "\n".join(found)


def test_a_sleep_is_noticed_outside_of_a_loop() -> None:
    assert list(naps(ast.parse("time.sleep(1)\nwhile not done():\n    time.sleep(0.01)\n"))) == [1]


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (UNDONE, "# TO" + "DO: later"),
        (MARKUP, "box.innerHTML = name"),
        (UNESCAPED, "{{ name | safe }}"),
        (ELSEWHERE, '<script src="https://example.org/x.js">'),
        (ELSEWHERE, "@import '//example.org/x.css'"),
        (ELSEWHERE, "background: url(https://example.org/x.png)"),
    ],
)
def test_a_breach_is_noticed(pattern: re.Pattern[str], line: str) -> None:
    assert pattern.search(line)


def test_a_link_that_a_person_follows_may_lead_elsewhere() -> None:
    assert not ELSEWHERE.search('<a href="https://example.org/paper.pdf">')
    assert not ELSEWHERE.search('const SVG = "http://www.w3.org/2000/svg";')


def does_nothing(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """A body of nothing but documentation, `pass` and `...`, or an assertion of a constant."""
    for statement in function.body:
        said = statement.value if isinstance(statement, ast.Expr) else None
        claimed = statement.test if isinstance(statement, ast.Assert) else None
        if not isinstance(statement, ast.Pass) and not isinstance(said or claimed, ast.Constant):
            return False
    return True


def test_every_test_does_something() -> None:
    empty = [
        f"{path}:{function.lineno}: {function.name}"
        for path, text in code("tests")
        if path.suffix == ".py"
        for function in functions(ast.parse(text))
        if function.name.startswith("test") and does_nothing(function)
    ]
    assert not empty, "\n".join(empty)


def test_a_test_that_does_nothing_is_noticed() -> None:
    written = ast.parse('def test_a():\n    """Says much."""\n    assert True\ndef test_b():\n    assert 1 + 1 == 2\n')
    assert [does_nothing(function) for function in functions(written)] == [True, False]


# ---- the top level and the lock files ------------------------------------------------------------------------------


def test_the_top_level_holds_what_it_should_and_nothing_else() -> None:
    visible = {path.relative_to(ROOT).parts[0] for path in files()}
    shown = {name for name in visible if not name.startswith(".")}
    assert shown <= set("pyproject.toml README.md LICENSE Makefile Procfile server static templates tests".split())


def test_lock_files_name_no_registry() -> None:
    for lock in sorted((ROOT / ".lock").glob("*.txt")):
        assert "://" not in lock.read_text(encoding="utf-8"), lock
        assert "--hash=sha256:" in lock.read_text(encoding="utf-8"), lock
    packages = json.loads((ROOT / "static" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert not [name for name, package in packages.items() if name and "integrity" not in package]


def test_packages_of_the_page_are_pinned_exactly() -> None:
    package = json.loads((ROOT / "static" / "package.json").read_text(encoding="utf-8"))
    versions = {**package["dependencies"], **package["devDependencies"]}
    assert not {name: version for name, version in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)}


def test_a_theme_changes_colours_and_nothing_else() -> None:
    """axe is asked in one theme about everything, and in the other about colours alone: here is why that is enough."""
    sheets = {path.name: path.read_text(encoding="utf-8") for path in files() if path.suffix == ".css"}
    naming = {name for name, sheet in sheets.items() if re.search(r"data-theme=|prefers-color-scheme", sheet)}
    assert naming == {"tokens.css"}
    dark = re.findall(r"(?:\[data-theme=\"dark\"\]|:not\(\[data-theme\]\))\s*\{([^}]*)\}", sheets["tokens.css"])
    assert len(dark) == 2, "chosen, and as the system has it"
    for block in dark:
        for name, value in re.findall(r"([\w-]+)\s*:\s*([^;]+);", block):
            assert name == "color-scheme" or (name.startswith("--") and COLOUR.search(value)), f"{name}: {value}"
