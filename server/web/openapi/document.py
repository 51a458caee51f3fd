"""Makes the document of the table of calls and the Structs that it names."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from msgspec import Meta

import server

from ..problems import RETRY_STATUS, TYPE
from ..rest import Slug
from ..security import COOKIE
from ..shapes import RoomName
from . import answers
from .operations import TAGS, Operation, Param, Raw

JSON = "application/json"
SCHEMES: Mapping[str, Any] = {
    "token": {"type": "http", "scheme": "bearer"}, "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE},
}  # fmt: skip
RETRY_AFTER = {
    "Retry-After": {
        "description": "In how many seconds to try again.", "required": True,
        "schema": {"type": "integer", "minimum": 1},
    }
}  # fmt: skip
REF = "#/components/schemas/{name}"
_PART = re.compile(r"<(?:any\((?P<words>[^)]*)\):)?(?P<name>\w+)>")
_NAME = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]
ABOUT = f"""What Quorumscope does for programs. People watch and act over WebSockets; these calls open rooms, act in them,
tell what is in them, keep recordings, compare and search.

Who opens, orders or keeps something is known again by the cookie that the first answer sets, or by the header
`Authorization: Bearer` with what `/api/token` tells. Without either the address is who calls. The name of a room, of a
recording or of a job can't be guessed, and whoever knows it may look. Who may act in a room is for its presenter to say, who
is its maker.

Calls about a room have the measures of its WebSocket; over them they are answered with 429 and `Retry-After`.

What goes wrong is told as `{TYPE}` (RFC 9457); `?lang=zh` has its `detail` in Chinese."""


@functools.cache
def document() -> Mapping[str, Any]:
    """The document, as plain data."""
    types = [kind for operation in _operations() for kind in _types(operation)]
    _, components = msgspec.json.schema_components([*types, answers.Problem], ref_template=REF)
    paths: dict[str, dict[str, Any]] = {}
    for tag, operations in TAGS.items():
        for operation in operations:
            paths.setdefault(path_of(operation.rule), {})[operation.method.lower()] = _told(operation, tag)
    whole = {
        "openapi": "3.1.0",
        "info": {"title": "Quorumscope", "version": server.__version__, "description": ABOUT},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in TAGS],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": SCHEMES},
        "security": [{}, *({name: []} for name in SCHEMES)],
    }
    found: Mapping[str, Any] = _portable(whole)
    return found


def path_of(rule: str) -> str:
    """A rule of Flask as OpenAPI writes it."""
    return _PART.sub(lambda match: f"{{{match['name']}}}", rule)


def _operations() -> Iterator[Operation]:
    for operations in TAGS.values():
        yield from operations


def _types(operation: Operation) -> Iterator[Any]:
    for kind in (operation.body, *operation.good.values(), *operation.special.values()):
        if kind is not None and not isinstance(kind, Raw):
            yield kind


def _told(operation: Operation, tag: str) -> dict[str, Any]:
    told: dict[str, Any] = {"operationId": operation.id, "summary": operation.text, "tags": [tag]}
    parameters = [*_path_parameters(operation), *_said("query", operation.query), *_said("header", operation.headers)]
    if parameters:
        told["parameters"] = parameters
    if operation.body is not None:
        told["requestBody"] = {"required": operation.needs_body, "content": _content(operation.body)}
    told["responses"] = {
        **{str(status): _good(status, kind) for status, kind in operation.good.items()},
        **{str(status): _bad(status, answers.Problem) for status in operation.problems},
        **{str(status): _bad(status, kind) for status, kind in operation.special.items()},
    }
    return told


def _path_parameters(operation: Operation) -> Iterator[dict[str, Any]]:
    for match in _PART.finditer(operation.rule):
        words = re.findall(r"'([^']*)'", match["words"] or "")
        kind = {"room": RoomName}.get(match["name"], Slug if operation.id == "getProtocol" else _NAME)
        schema = {"type": "string", "enum": words} if words else msgspec.json.schema(kind)
        yield {"name": match["name"], "in": "path", "required": True, "schema": schema}


def _said(where: str, params: tuple[Param, ...]) -> Iterator[dict[str, Any]]:
    for param in params:
        schema = msgspec.json.schema(param.type)
        yield {"name": param.name, "in": where, "description": param.text, "schema": schema}


def _content(kind: Any) -> dict[str, Any]:
    if isinstance(kind, Raw):
        return {media: {"schema": dict(schema)} for media, schema in kind.media.items()}
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=REF)
    return {JSON: {"schema": schema}}


def _good(status: int, kind: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if kind is not None:
        told["content"] = _content(kind)
    return told


def _bad(status: int, kind: type) -> dict[str, Any]:
    schema = {"$ref": REF.format(name=kind.__name__)}
    told = {"description": HTTPStatus(status).phrase, "content": {TYPE: {"schema": schema}}}
    return {**told, "headers": RETRY_AFTER} if status in RETRY_STATUS else told


def _portable(value: Any) -> Any:
    """The same with patterns as ECMA-262 writes them, which knows no end but $."""
    if isinstance(value, dict):
        return {
            key: item.replace(r"\Z", "$") if key == "pattern" and isinstance(item, str) else _portable(item)
            for key, item in value.items()
        }
    return [_portable(item) for item in value] if isinstance(value, list) else value


__all__ = ["document", "path_of"]
