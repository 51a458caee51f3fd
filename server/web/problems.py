"""What went wrong with a call, as RFC 9457 says it: `application/problem+json`.

    {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "There is no recording of this name.",
     "code": "unknown_recording", "text": "There is no recording of this name.", "args": {}}

`detail` is the sentence in the language of the request; `code`, `text` and `args` are what pages of ours make theirs of.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import flask

from server.simulation.texts import Refused

from . import texts

TYPE = "application/problem+json"
UNKNOWN_TOKEN = 401
UNPROCESSABLE = 422
"""Of most refusals: it was understood, and can't be done."""
STATUS = {
    "too_large": 413, "too_many": 413, "too_many_events": 422, "too_many_commands": 422, "too_many_branches": 422,
    "not_yours": 403, "foreign_page": 403, "not_saved": 503, "busy": 503, "gone": 410, "no_story": 409,
    "link_too_large": 413, "room_broken": 503, "too_fast": 429, "room_full": 429, "bad_token": 401, "no_controls": 403,
    "not_presenter": 403, "unknown_frame": 422,
}  # fmt: skip
"""By the code of what is refused, where the status does not follow from how the code begins."""
CODES = {
    400: "bad_request", 403: "foreign_page", 404: "not_found", 405: "no_such_method", 413: "too_large",
    429: "too_many_requests", 500: "broken", 503: "not_ready",
}  # fmt: skip
"""The code of what goes wrong before anybody looks at what was asked for, by its status."""


RETRY_AFTER_S = {"too_fast": 1, "too_many_rooms": 60, "too_many_callers": 30, "too_many_waiting": 5}
"""In how many seconds it is worth trying again, by the code of what was refused."""
RETRY_STATUS = (429, 503)
RETRY_USUAL_S = 5


def problem(reason: Refused, status: int | None = None, **more: Any) -> flask.Response:
    """The answer to a call that was refused; `more` are further members of it."""
    status = status or status_of(reason.code)
    answer = flask.jsonify(
        {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, **told_of(reason), **more}
    )
    answer.status_code, answer.content_type = status, TYPE
    if status in RETRY_STATUS:
        answer.headers["Retry-After"] = str(RETRY_AFTER_S.get(reason.code, RETRY_USUAL_S))
    if status == UNKNOWN_TOKEN:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def told_of(reason: Refused) -> dict[str, Any]:
    """What was refused, in words: in the language of the request, and as a page of ours translates it."""
    detail = texts.translate(reason.text, **reason.parameters)
    return {"detail": detail, "code": reason.code, "text": reason.text, "args": reason.parameters}


def status_of(code: str) -> int:
    """The status of HTTP for the code of a refusal."""
    if code in STATUS:
        return STATUS[code]
    if code.startswith(("unknown_", "no_such_")):
        return 404
    if code.startswith(("too_many", "full")):
        return 429
    return UNPROCESSABLE
