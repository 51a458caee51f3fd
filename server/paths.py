"""Where the files of the page are: in a checkout beside the package, in an installed wheel inside it.

    checkout  static/dist        templates        server/translations
    wheel     server/_page/static  server/_page/templates  server/translations

Only reads the disk's layout; imports nothing of the project.
"""

import functools
import json
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_BUNDLED = _PACKAGE / "_page"

IN_WHEEL = _BUNDLED.is_dir()
STATIC_DIR = _BUNDLED / "static" if IN_WHEEL else _PACKAGE.parent / "static" / "dist"
TEMPLATES_DIR = _BUNDLED / "templates" if IN_WHEEL else _PACKAGE.parent / "templates"
TRANSLATIONS_DIR = _PACKAGE / "translations"
MANIFEST = STATIC_DIR / "manifest.json"


class PageNotBuilt(RuntimeError):
    """The page was never bundled, or without a file that is asked for; the message says what to do."""


def manifest() -> dict[str, str]:
    """The files of the page: plain name -> name with the hash of the content, `room.js` -> `room-4XK2QJ7A.js`.

    Raises `PageNotBuilt` where there is no manifest.
    """
    try:
        changed_ns = MANIFEST.stat().st_mtime_ns
    except FileNotFoundError:
        raise PageNotBuilt("The page is not built yet. Run: make install") from None
    return _read(changed_ns)


def asset(name: str) -> str:
    """The file in `STATIC_DIR` that holds `name` ("room.js", "app.css"); a browser may keep it for ever.

    Raises `PageNotBuilt` where the page has no such file.
    """
    found = manifest().get(name)
    if found is None:
        raise PageNotBuilt(f"The page has no {name}. Run: make clean install")
    return found


def late_parts(name: str) -> list[str]:
    """The files that make up what a page fetches after its first picture (`room.soon`); none where it is not divided.

    Raises `PageNotBuilt` where there is no manifest.
    """
    return [hashed for plain, hashed in manifest().items() if plain.startswith(f"{name}.") and plain.endswith(".js")]


@functools.lru_cache(maxsize=2)
def _read(_changed_ns: int) -> dict[str, str]:
    """Keyed by the time of the last change: a build under a running server is seen, and nothing is read twice."""
    content = json.loads(MANIFEST.read_text(encoding="utf-8"))
    return {str(plain): str(hashed) for plain, hashed in content.items()}
