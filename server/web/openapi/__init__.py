"""The document that describes the calls: OpenAPI 3.1, at /api/openapi.json.

    operations.py   one table of all calls: what each takes, and what it may answer
    answers.py      the shapes of the answers
    document.py     the document, made of both and of the Structs that parse what is sent

A test holds the table to the routes of the application, and every shape to what is really answered.
"""

from __future__ import annotations

from typing import Any

import flask

from .document import document


def add_openapi(app: flask.Flask) -> None:
    """The route of the document."""

    @app.get("/api/openapi.json")
    def described() -> Any:
        return document()


__all__ = ["add_openapi", "document"]
