"""Languages: which one a request is in, and the catalogue that the browser is given.

The sentences stand in the code in English and are their own keys. Templates are translated here; everything else is
sent as key and parameters and translated in the browser, so that two viewers of one room can read two languages.
"""

from __future__ import annotations

import functools
import io
import re
from pathlib import Path
from typing import Any

import flask
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Babel, Domain, get_locale  # type: ignore[import-untyped]

from server import paths

from .security import FRAMED

LOCALES = ("en", "zh")
COOKIE = "lang"
COOKIE_AGE_S = 365 * 24 * 3600
_PARAMETER = re.compile(r"\{(\w+)\}")


def fill(text: str, args: dict[str, Any]) -> str:
    """`text` with `{name}` parameters filled in; a name that is not given stays as it stands."""
    return _PARAMETER.sub(lambda match: str(args.get(match[1], match[0])), text)


def chosen() -> str:
    """The language of this request: asked for in the address, kept in a cookie, or wished for by the browser."""
    for wish in (flask.request.args.get("lang"), flask.request.cookies.get(COOKIE)):
        if wish in LOCALES:
            return str(wish)
    return flask.request.accept_languages.best_match(LOCALES, default=LOCALES[0]) or LOCALES[0]


def _folder(locale: str) -> Path | None:
    """Where the catalogue of a language is: `zh` may be kept as `zh`, `zh_CN` or `zh_Hans_CN`."""
    names = sorted(path for path in paths.TRANSLATIONS_DIR.glob(f"{locale}*/LC_MESSAGES") if path.is_dir())
    return names[0] if names else None


def translations(locale: str) -> NullTranslations:
    """The catalogue of a language, from what translators write or from what was compiled of it; the newer one."""
    folder = _folder(locale)
    if folder is None:
        return NullTranslations()
    files = (folder / "messages.po", folder / "messages.mo")
    stamps = [(path.stat().st_mtime_ns, path) for path in files if path.is_file()]
    if not stamps:
        return NullTranslations()
    changed, path = max(stamps)
    return _read(path, changed)


@functools.lru_cache(maxsize=8)
def _read(path: Path, _changed_ns: int) -> Translations:
    if path.suffix == ".mo":
        with path.open("rb") as compiled:
            return Translations(compiled)
    with path.open("rb") as written:
        catalog = read_po(written)
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    buffer.seek(0)
    return Translations(buffer)


def catalog(locale: str, without: frozenset[str] = frozenset()) -> dict[str, str]:
    """`{msgid: msgstr}` of everything translated but `without`; empty for English, whose sentences are the keys."""
    known: dict[Any, str] = getattr(translations(locale), "_catalog", {})
    entries: dict[str, str] = {}
    for key, text in known.items():
        # A plural is kept as (msgid, form): the form for many is what a language without plurals has.
        name = key if isinstance(key, str) else key[0]
        if name and text and name not in without and (isinstance(key, str) or name not in entries):
            entries[name] = text
    return entries


class _Domain(Domain):
    def get_translations(self) -> NullTranslations:
        """Of the language of this request."""
        locale = get_locale()
        return translations(locale.language if locale else LOCALES[0])


def translate(text: str, **args: Any) -> str:
    """The sentence in the language of the request, with its parameters."""
    return fill(_DOMAIN.get_translations().gettext(text), args)


_DOMAIN = _Domain()


def speak(app: flask.Flask) -> None:
    """Translated templates, and a cookie for a language that was asked for."""
    babel = Babel(app, locale_selector=chosen)
    babel.domain_instance = _DOMAIN
    # Old style: with the new one a translation is trusted as markup and every % in it is a format.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        translate, lambda s, p, n: _DOMAIN.get_translations().ngettext(s, p, n), newstyle=False
    )
    app.after_request(_keep)


def _keep(response: Any) -> Any:
    wish = flask.request.args.get("lang")
    if flask.request.endpoint == FRAMED:
        return response  # what another site's page asks for is not its reader's choice
    if wish in LOCALES and wish != flask.request.cookies.get(COOKIE):
        response.set_cookie(COOKIE, wish, max_age=COOKIE_AGE_S, samesite="Lax", path="/")
    return response
