"""Sentences for people: marked where they stand, translated where they are read."""

from __future__ import annotations

from typing import Any


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it
    """Marks `text` for the translators and returns it. The reader's language is chosen in the browser."""
    return text


class Refused(Exception):
    """Something asked for can't be done, and nothing was changed.

    `code` is for programs, `text` is a sentence with `{name}` parameters (a gettext message id), `parameters` fill them in.
    """

    def __init__(self, code: str, text: str, **args: Any) -> None:
        super().__init__(code, text, args)
        self.code = code
        self.text = text
        self.parameters = args

    def __str__(self) -> str:
        return self.text.format(**self.parameters)
