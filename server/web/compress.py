"""Compresses pages, scripts and styles once, for all who take it.

A file whose name carries the hash of its content is compressed once and kept; a page is small enough to do each time.
Nothing secret stands in a page beside something that a stranger chose, so its compressed size tells nobody anything.
"""

from __future__ import annotations

import functools
import gzip
from pathlib import Path
from typing import Any

import flask

_TYPES = ("text/", "application/json", "application/javascript", "image/svg+xml", "application/manifest+json")
_BYTES_MIN = 1024


def compress(app: flask.Flask) -> None:
    """Compresses what `app` answers, where the client takes it and it is worth it."""
    app.after_request(_squeeze)


def _squeeze(response: Any) -> Any:
    if not response.content_type or not response.content_type.startswith(_TYPES):
        return response
    response.vary.add("Accept-Encoding")
    if (
        response.status_code != 200
        or "Content-Encoding" in response.headers
        or flask.request.accept_encodings["gzip"] <= 0
        or "Range" in flask.request.headers
    ):
        return response
    folder = flask.current_app.static_folder
    if flask.request.endpoint == "static" and folder is not None and flask.request.view_args:
        path = Path(folder) / flask.request.view_args["filename"]
        body = _file(path, path.stat().st_mtime_ns)
    elif response.is_streamed:
        return response  # it is made bit by bit, and may be long
    else:
        plain = response.get_data()
        if len(plain) < _BYTES_MIN:
            return response
        body = gzip.compress(plain, 5, mtime=0)
    response.direct_passthrough = False
    response.set_data(body)
    response.headers["Content-Encoding"] = "gzip"
    if etag := response.get_etag()[0]:
        response.set_etag(f"{etag}-gzip")
    return response


@functools.lru_cache(maxsize=64)
def _file(path: Path, _changed_ns: int) -> bytes:
    return gzip.compress(path.read_bytes(), 9, mtime=0)
