"""The OpenAPI 3.1 document, from the operations themselves."""

from collections.abc import Iterable
from typing import Any

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from ..errors import (
    BodyUnreadable,
    FieldsInvalid,
    NotAllowed,
    NotFound,
    Refusal,
    SignInNeeded,
    StorageBusy,
    StorageFull,
    TooLarge,
    TooManyRequests,
)
from .edge import PageOutdated
from .idempotency import KeyUsedForAnother
from .routes import Operation

REF = "#/components/schemas/{model}"
ALWAYS: tuple[type[Refusal], ...] = (SignInNeeded, NotAllowed, TooManyRequests)
ON_WRITE: tuple[type[Refusal], ...] = (
    PageOutdated,
    BodyUnreadable,
    FieldsInvalid,
    KeyUsedForAnother,
    TooLarge,
    StorageBusy,
    StorageFull,
)

PROBLEM = {
    "type": "object",
    "description": "Why it was not done, as a sentence for a person and facts for a program.",
    "required": ["type", "title", "status", "code", "detail", "facts"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "facts": {"type": "object", "additionalProperties": True},
    },
}
KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Made by the client for one action; the same key gives the same answer.",
    "schema": {"type": "string", "maxLength": 64},
}


def document(operations: Iterable[Operation], version: str) -> dict[str, Any]:
    """The whole document. `components.schemas` have the plain names of the models."""
    listed = list(operations)
    models = {m for op in listed for m in (op.body, op.query) if m is not None}
    inputs: list[tuple[Any, JsonSchemaMode]] = [(model, "validation") for model in models]
    inputs.sort(key=lambda pair: str(pair[0].__name__))
    by_model, defined = models_json_schema(inputs, ref_template=REF)
    schemas: dict[str, Any] = dict(defined.get("$defs", {}))
    paths: dict[str, Any] = {}
    for op in listed:
        answer = op.answer.json_schema(mode="serialization", ref_template=REF)
        schemas.update(answer.pop("$defs", {}))
        title = answer.get("title")
        if title and answer.get("type") == "object":
            schemas[title] = answer
            answer = {"$ref": REF.format(model=title)}
        query = schemas.get(op.query.__name__) if op.query is not None else None
        paths.setdefault(op.path, {})[op.method.lower()] = _entry(op, answer, query, by_model)
    for op in listed:
        if op.query is not None:
            schemas.pop(op.query.__name__, None)
    schemas["Problem"] = PROBLEM
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Waiqin",
            "version": version,
            "description": "Field-sales CRM inside DingTalk and WeCom.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "waiqin_session"},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A program's token, made by `waiqin token add`; what it must be "
                    "allowed stands beside each operation.",
                },
            },
        },
    }


def _entry(
    op: Operation, answer: dict[str, Any], query: dict[str, Any] | None, by_model: Any
) -> dict[str, Any]:
    writes = op.method != "GET"
    entry: dict[str, Any] = {
        "operationId": op.name,
        "summary": op.summary,
        "tags": [op.tag],
        "security": _security(op, writes),
        "parameters": _parameters(op, query),
        "responses": {
            str(op.status): {
                "description": "Done",
                "content": {"application/json": {"schema": answer}},
            },
            **_refusals(op, writes),
        },
    }
    if op.upload:
        picture = {"schema": {"type": "string", "format": "binary"}}
        content = dict.fromkeys(("image/jpeg", "image/png", "image/webp"), picture)
        entry["requestBody"] = {"required": True, "content": content}
    if op.body is not None:
        schema = by_model[(op.body, "validation")]
        entry["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    return entry


def _security(op: Operation, writes: bool) -> list[dict[str, list[str]]]:
    if not op.session:
        return []
    members: list[dict[str, list[str]]] = [
        {"session": [], "csrf": []} if writes else {"session": []}
    ]
    return [*members, {"token": [op.scope]}] if op.scope else members


def _parameters(op: Operation, query: dict[str, Any] | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in op.path_names
    ]
    if query is not None:
        wanted = query.get("required", [])
        found += [
            {"name": name, "in": "query", "required": name in wanted, "schema": schema}
            for name, schema in query.get("properties", {}).items()
        ]
    return found + ([KEY_HEADER] if op.method != "GET" else [])


def _refusals(op: Operation, writes: bool) -> dict[str, Any]:
    possible = ALWAYS + op.refusals + (ON_WRITE if writes else ())
    if op.path_names:
        possible += (NotFound,)
    if op.query is not None:
        possible += (FieldsInvalid,)
    by_status: dict[int, set[str]] = {}
    for refusal in possible:
        by_status.setdefault(refusal.status, set()).add(refusal.__name__)
    return {
        str(status): {
            "description": ", ".join(sorted(names)),
            "content": {
                "application/problem+json": {"schema": {"$ref": REF.format(model="Problem")}}
            },
        }
        for status, names in sorted(by_status.items())
    }
