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

from ..problems import TYPE
from ..rest import Slug
from ..shapes import RoomName
from . import answers
from .operations import TAGS, Operation, Raw

JSON = "application/json"
REF = "#/components/schemas/{name}"
_PART = re.compile(r"<(?:any\((?P<words>[^)]*)\):)?(?P<name>\w+)>")
_NAME = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]
ABOUT = f"""What Quorumscope does for programs. People watch and act over WebSockets; these calls open rooms, tell what is in
them, keep recordings, compare and search.

Who opens, orders or keeps something is known again by the cookie that the first answer sets. The name of a room, of a
recording or of a job can't be guessed, and whoever knows it may look.

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
        "components": {"schemas": components},
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
    parameters = [*_path_parameters(operation), *_query_parameters(operation)]
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


def _query_parameters(operation: Operation) -> Iterator[dict[str, Any]]:
    for param in operation.query:
        schema = msgspec.json.schema(param.type)
        yield {"name": param.name, "in": "query", "description": param.text, "schema": schema}


def _content(kind: Any) -> dict[str, Any]:
    if isinstance(kind, Raw):
        return {media: {"schema": dict(schema)} for media, schema in kind.media.items()}
    return {JSON: {"schema": {"$ref": REF.format(name=kind.__name__)}}}


def _good(status: int, kind: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if kind is not None:
        told["content"] = _content(kind)
    return told


def _bad(status: int, kind: type) -> dict[str, Any]:
    schema = {"$ref": REF.format(name=kind.__name__)}
    return {"description": HTTPStatus(status).phrase, "content": {TYPE: {"schema": schema}}}


def _portable(value: Any) -> Any:
    """The same with patterns as ECMA-262 writes them, which knows no end but $."""
    if isinstance(value, dict):
        return {
            key: item.replace(r"\Z", "$") if key == "pattern" and isinstance(item, str) else _portable(item)
            for key, item in value.items()
        }
    return [_portable(item) for item in value] if isinstance(value, list) else value


__all__ = ["document", "path_of"]
