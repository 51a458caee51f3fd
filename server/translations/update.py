"""Collects every sentence that a person reads into the catalogues: `make translations`.

    server/**/*.py            _("..."), N_("...")
    templates/*.html          _("..."), ngettext, {% trans %}
    static/src/**/*.ts, tsx   text("..."), through esbuild, so that JSX and types are out of the way

Each language is a folder here with LC_MESSAGES/messages.po. A sentence keeps its translation as long as it keeps its
words; a new or changed one is left empty, and the tests name it until somebody has translated it. English is the
sentences themselves. The compiled `messages.mo` are made by `static/build.py`.
"""

import io
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

TRANSLATIONS = Path(__file__).resolve().parent
ROOT = TRANSLATIONS.parent.parent
STATIC = ROOT / "static"

LANGUAGES = ("zh",)
PROJECT = "Quorumscope"
PAGE_KEYWORDS: dict[str, None] = {"text": None}
# Also of what stands within a string with places, as in `${text("term")} 3`.
PAGE_OPTIONS = {"**.js": {"parse_template_string": True}}
LINE_CHARACTERS_MAX = 120
HEADERS_LEFT_OUT = tuple(
    f'"{name}:'.encode()
    for name in (
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Last-Translator",
        "Language-Team",
        "Report-Msgid-Bugs-To",
        "Project-Id-Version",
        "Generated-By",
    )
)


def in_python() -> Iterator[tuple[str, Any, list[str]]]:
    """(file, sentence, comments for the translators) of the server."""
    found = extract_from_dir(ROOT / "server", [("**.py", "python")], {}, DEFAULT_KEYWORDS, ["Translators:"])
    for name, _, sentence, comments, _ in found:
        yield f"server/{name}", sentence, comments


def in_templates() -> Iterator[tuple[str, Any, list[str]]]:
    """(file, sentence, comments) of the pages."""
    found = extract_from_dir(ROOT / "templates", [("**.html", "jinja2")], {}, DEFAULT_KEYWORDS, ["Translators:"])
    for name, _, sentence, comments, _ in found:
        yield f"templates/{name}", sentence, comments


def in_page() -> Iterator[tuple[str, Any, list[str]]]:
    """(file, sentence, comments) of the TypeScript. Raises `CalledProcessError` where it can't be read."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, str(STATIC / "build.py"), "plain", folder], check=True)  # noqa: S603
        found = extract_from_dir(folder, [("**.js", "javascript")], PAGE_OPTIONS, PAGE_KEYWORDS, ["Translators:"])
        for name, _, sentence, comments, _ in found:
            source = (STATIC / "src" / name).with_suffix(".ts")
            suffix = ".ts" if source.exists() else ".tsx"
            yield f"static/src/{Path(name).with_suffix(suffix).as_posix()}", sentence, comments


def template() -> Catalog:
    """All sentences of the sources, with the files where they stand."""
    catalog = Catalog(project=PROJECT, charset="utf-8")
    for source in (in_python, in_templates, in_page):
        for name, sentence, comments in source():
            # Without the number of the line, a change elsewhere in a file leaves the catalogues as they are.
            catalog.add(sentence, None, [(name, 0)], auto_comments=comments)
    return catalog


def path_of(language: str) -> Path:
    """The catalogue of a language."""
    return TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"


def updated(language: str, sentences: Catalog) -> bytes:
    """The catalogue as it should be: today's sentences, yesterday's translations."""
    path = path_of(language)
    catalog = Catalog(locale=language)
    if path.exists():
        with path.open("rb") as file:
            catalog = read_po(file, locale=language)
    catalog.update(sentences, no_fuzzy_matching=True, update_creation_date=False)
    name = catalog.locale.english_name if catalog.locale else language
    catalog.header_comment = f"# {PROJECT}, {name}. Words: the table in README.md."
    catalog.fuzzy = False
    output = io.BytesIO()
    write_po(
        output,
        catalog,
        width=LINE_CHARACTERS_MAX,
        sort_by_file=True,
        ignore_obsolete=True,
        include_lineno=False,
    )
    # The date would make two branches that both collect sentences disagree about nothing.
    lines = output.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(HEADERS_LEFT_OUT))


def main() -> int:
    """Writes the catalogues and tells how many sentences each still lacks."""
    sentences = template()
    for language in LANGUAGES:
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(updated(language, sentences))
        with path.open("rb") as file:
            messages = [message for message in read_po(file, locale=language) if message.id]
        lacking = sum(1 for message in messages if not message.string or message.fuzzy)
        print(f"{path.relative_to(ROOT)}: {len(messages)} sentences, {lacking} not translated yet")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
