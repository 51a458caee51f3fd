"""The picture in `server/DESIGN.md`, read off the imports: who may import whom, and who may know what.

    web -> rooms -> exploration -> exports -> protocols -> lessons -> properties -> simulation -> (standard library)
    storage is used by web, and handed to rooms

and in the page: ui -> draw -> model. The rules are tested on small examples too, so that a rule which stopped to see
anything would be noticed.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SERVER = ROOT / "server"
PAGE = ROOT / "static" / "src"

LAYERS = ("simulation", "properties", "lessons", "protocols", "exports", "exploration", "rooms", "web")
PURE = LAYERS[:-1]
# Modules beside the layers, and which layers may import them. `""` is the package itself: the version.
BESIDE = {"": {"web"}, "paths": {"web"}, "storage": {"web"}}
# The command line may import everything, and nothing imports it.
COMMAND_LINE = {"__main__", "cli"}
# A run is a function of its inputs: no layer below web may look at a clock, at chance, or at other threads.
FORBIDDEN_IN_PURE = set(
    "asyncio concurrent datetime engineio eventlet flask flask_babel flask_socketio gevent greenlet multiprocessing os"
    " random secrets select signal socket socketio subprocess tempfile threading time uuid zoneinfo".split()
)


def sources(folder: Path) -> list[Path]:
    """All Python files below `folder`."""
    return sorted(folder.rglob("*.py"))


def module_name(path: Path) -> str:
    """`server/rooms/room.py` -> `server.rooms.room`; a package's `__init__` is the package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.Module, module: str, is_package: bool) -> Iterator[tuple[int, str]]:
    """(line, absolute name) of everything imported anywhere in the module; `from a import b` is `a.b`."""
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{start}.{alias.name}"
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in {"__import__", "import_module", "importlib.import_module"}:
                argument = node.args[0] if node.args else None
                known = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
                yield node.lineno, argument.value if known else "<computed>"


def complaint(module: str, imported: str) -> str | None:
    """Why `module` may not import `imported`, or None."""
    _, _, inside = module.partition("server.")
    layer = inside.split(".")[0]
    top = imported.split(".")[0]
    if imported == "<computed>" and layer in PURE:
        return "a pure layer imports by a computed name"
    if top != "server":
        if layer in PURE and top in FORBIDDEN_IN_PURE:
            return f"{layer} must not know {top}"
        if layer in PURE and top not in sys.stdlib_module_names:
            return f"{layer} uses the standard library alone, not {top}"
        return None
    target = imported.split(".")[1] if "." in imported else ""
    if not target or target.startswith("__version"):
        target = ""
    if layer in COMMAND_LINE or layer == target:
        return same_layer_complaint(module, imported)
    if layer == "storage":
        return f"storage imports no layer, not {target}"
    if layer in BESIDE or module == "server":
        return f"{module} imports nothing of the project, not {imported}"
    if target in BESIDE:
        return None if layer in BESIDE[target] else f"{layer} must not import {target or 'the package'}"
    if target not in LAYERS:
        return f"{imported} is no layer"
    if LAYERS.index(target) > LAYERS.index(layer):
        return f"{layer} must not import {target}: it stands to its left"
    return None


def same_layer_complaint(module: str, imported: str) -> str | None:
    """A protocol imports no other; what protocols share knows none of them (the register in `__init__` does)."""
    if not imported.startswith("server.protocols.") or not module.startswith("server.protocols."):
        return None
    own, other = module.split(".")[2], imported.split(".")[2]
    if own != other and (SERVER / "protocols" / other).is_dir():
        return f"{own} must not import the protocol {other}"
    return None


def test_every_import_of_the_server_follows_the_arrows() -> None:
    wrong = []
    for path in sources(SERVER):
        module = module_name(path)
        for line, imported in imports(ast.parse(path.read_text(encoding="utf-8")), module, path.name == "__init__.py"):
            if reason := complaint(module, imported):
                wrong.append(f"{path.relative_to(ROOT)}:{line}: {reason}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("server.simulation.network", "server.protocols.raft"),
        ("server.simulation.network", "server.properties"),
        ("server.simulation.network", "random"),
        ("server.simulation.network", "msgspec"),
        ("server.rooms.room", "server.web.wire"),
        ("server.rooms.room", "server.storage"),
        ("server.rooms.room", "server.paths.asset"),
        ("server.rooms.room", "flask.Flask"),
        ("server.rooms.pace", "time.monotonic"),
        ("server.lessons.beat", "server.protocols"),
        ("server.storage.sqlite", "server.rooms.room"),
        ("server.paths", "server.web"),
        ("server.web.app", "server.__main__"),
        ("server.web.app", "server.cli.simulate"),
        ("server.exploration.fuzz", "<computed>"),
    ],
)
def test_a_wrong_arrow_is_noticed(module: str, imported: str) -> None:
    assert complaint(module, imported)


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("server.web.app", "flask.Flask"),
        ("server.web.app", "server.__version__"),
        ("server.web.app", "server.storage.rooms"),
        ("server.rooms.room", "server.simulation.world"),
        ("server.protocols.raft.lesson", "server.lessons.lesson"),
        ("server.protocols.raft.node", "server.protocols.quorum"),
        ("server.simulation.cluster", "server.simulation.network"),
        ("server.simulation.cluster", "heapq"),
        ("server.__main__", "server.web.app"),
        ("server.__main__", "server.cli.simulate"),
        ("server.cli.simulate", "server.simulation.run"),
    ],
)
def test_a_right_arrow_is_let_through(module: str, imported: str) -> None:
    assert complaint(module, imported) is None


def test_relative_and_computed_imports_are_read() -> None:
    tree = ast.parse("from ..web import wire\nfrom . import x\nimport_module('random')\nimport_module(name)\n")
    assert [name for _, name in imports(tree, "server.rooms.room", False)] == [
        "server.web.wire", "server.rooms.x", "random", "<computed>",
    ]  # fmt: skip


# ---- what may be named where -----------------------------------------------------------------------------------------


def documentation(tree: ast.Module) -> set[int]:
    """The ids of the constants that are docstrings."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found.add(id(first.value))
    return found


def names_in_code(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every name, attribute, imported module and string, with its line; comments and docstrings are not code."""
    prose = documentation(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield node.lineno, f"{getattr(node, 'module', '') or ''} {alias.name}"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.lineno, node.value


def test_eventlet_is_named_in_main_alone() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources(SERVER)
        if path != SERVER / "__main__.py"
        for line, name in names_in_code(ast.parse(path.read_text(encoding="utf-8")))
        if "eventlet" in name.lower()
    ]
    assert not found, "\n".join(found)


def test_naming_eventlet_is_noticed_in_code_and_not_in_prose() -> None:
    tree = ast.parse('"""About eventlet."""\nmode = "eventlet"  # eventlet\n')
    assert [line for line, name in names_in_code(tree) if "eventlet" in name] == [2]


def set_iterations(tree: ast.Module) -> Iterator[int]:
    """Lines that walk over `{...}`, a set comprehension or a call of set or frozenset: their order is not a run's."""
    walked = [node.iter for node in ast.walk(tree) if isinstance(node, ast.For | ast.comprehension)]
    for node in walked:
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"set", "frozenset"}
        if isinstance(node, ast.Set | ast.SetComp) or called:
            yield node.lineno


def test_no_pure_layer_walks_over_a_set() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for layer in PURE
        for path in sources(SERVER / layer)
        for line in set_iterations(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not found, "\n".join(found)


def test_walking_over_a_set_is_noticed() -> None:
    tree = ast.parse("for x in {1, 2}: pass\n[y for y in set(z)]\nfor x in sorted(set(z)): pass\n")
    assert list(set_iterations(tree)) == [1, 2]


# ---- the page --------------------------------------------------------------------------------------------------------

PAGE_LAYERS = ("model", "draw", "ui")
FROM = re.compile(
    r"""(?:^\s*(?:import|export)\b[^;"']*?from\s*|^\s*import\s*|\bimport\(\s*)["']([^"']+)["']""", re.MULTILINE
)
COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", re.DOTALL)
# The quick half: tsc, with static/tsconfig.model.json, takes the browser's types away altogether.
DOM = re.compile(
    r"(?<![.\w])(?:document\.|window\.(?:add|inner|match)|localStorage|requestAnimationFrame|Date\.now|performance\.)"
)


def page_complaints(path: Path, text: str) -> Iterator[str]:
    """What is wrong with the imports of one file of the page; `path` is relative to static/src."""
    layer = path.parts[0] if len(path.parts) > 1 else ""
    for imported in FROM.findall(text):
        if imported.startswith("socket.io") and path.name != "socket.ts":
            yield f"{path}: only socket.ts knows Socket.IO"
        if imported.startswith("."):
            target = re.sub(r"^(\.\./)+|^\./", "", imported).split("/")[0] if imported.startswith("..") else layer
            if layer in PAGE_LAYERS and target in PAGE_LAYERS and PAGE_LAYERS.index(target) > PAGE_LAYERS.index(layer):
                yield f"{path}: {layer} must not import {target}"
            if layer == "model" and imported.startswith("..") and target not in PAGE_LAYERS:
                yield f"{path}: model imports nothing but model, not {imported}"
        elif layer == "model":
            yield f"{path}: model uses no package, not {imported}"
    if layer == "model" and (found := DOM.search(COMMENT.sub("", text))):
        yield f"{path}: model does not touch the browser, not even {found[0]}"


def test_the_page_imports_ui_to_draw_to_model() -> None:
    wrong = []
    for path in sorted([*PAGE.rglob("*.ts"), *PAGE.rglob("*.tsx")]):
        wrong += page_complaints(path.relative_to(PAGE), path.read_text(encoding="utf-8"))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("model/world.ts", 'import { draw } from "../draw/ring";'),
        ("draw/ring.ts", 'import type { A } from "../ui/app.tsx";'),
        ("draw/ring.ts", 'import { io } from "socket.io-client";'),
        ("model/world.ts", 'import { signal } from "@preact/signals";'),
        ("model/world.ts", "const e = document.body;"),
        ("model/world.ts", 'export * from "../socket";'),
    ],
)
def test_a_wrong_import_of_the_page_is_noticed(path: str, text: str) -> None:
    assert list(page_complaints(Path(path), text))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("ui/app.tsx", 'import { ring } from "../draw/ring";\nimport { Connection } from "../socket";'),
        ("draw/ring.ts", 'import {\n  place,\n} from "../model/flight";'),
        ("model/world.ts", 'import { place } from "./flight"; // no document here'),
        ("socket.ts", 'import { io } from "socket.io-client";'),
    ],
)
def test_a_right_import_of_the_page_is_let_through(path: str, text: str) -> None:
    assert not list(page_complaints(Path(path), text))
