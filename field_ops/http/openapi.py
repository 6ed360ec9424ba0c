"""The OpenAPI 3.1 document, from the operations themselves."""

from collections.abc import Iterable
from string import Formatter
from typing import Any

from pydantic import BaseModel, TypeAdapter
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
from .examples import BY_NAME, example_of
from .idempotency import KeyTooLong, KeyUsedForAnother
from .problems import TITLES
from .routes import Operation
from .tokens import TokenInvalid, TokenNotForThis

REF = "#/components/schemas/{model}"
ALWAYS: tuple[type[Refusal], ...] = (SignInNeeded, NotAllowed, TooManyRequests)
ON_WRITE: tuple[type[Refusal], ...] = (
    PageOutdated,
    BodyUnreadable,
    FieldsInvalid,
    KeyUsedForAnother,
    KeyTooLong,
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


ABOUT = """Field-sales CRM inside DingTalk and WeCom.

Pages use the session of a member; programs of other systems send `Authorization: Bearer …` with a
token whose scopes stand beside each operation, at most 600 requests a minute. Every write accepts
`Idempotency-Key`: the same key gives the same answer, for thirty days. What is refused is
`application/problem+json` with a sentence (`detail`, in the language of `Accept-Language`) and a
`code` to compare. Moments are ISO 8601 with their zone; unknown fields are refused."""
TAGS = {
    "api-tokens": "Tokens of programs of other systems",
    "attachments": "Files of a customer",
    "contacts": "Contacts as persons: what they are like, with their consent, and where they were",
    "grading": "Score cards, levels that are proposed, and value tiers",
    "chat contacts": "Whom members have in their host's chats outside the company",
    "comments": "What colleagues say to each other about a customer",
    "connections": "Connected hosts, and what mends them",
    "customers": "Customers and contacts",
    "exports": "Customers as files",
    "fields": "Fields of customers that a company defines",
    "follow-ups": "Calls, chats, mails, meetings and notes with a customer",
    "imports": "Customers from spreadsheets: checked, taken in, taken back",
    "places": "Where customers are: proposed, confirmed, moved, undone",
    "pools": "Customers that nobody owns: claims, clocks, rules",
    "roles": "What members may do, and whose records they see",
    "sign-in": "Signing in and out",
    "sharing": "Who beside its owner sees or changes a customer",
    "tags": "Tags of customers, in groups",
    "territories": "Areas of the company, and who looks after each",
    "timeline": "Everything that happened with a customer",
    "transfers": "Customers that a lead gives from one of his people to others",
    "visits": "The day, check-in and check-out, logs and photos",
    "webhooks": "Addresses of other systems that are told what happens",
}


def document(
    operations: Iterable[Operation], version: str, told: type[BaseModel] | None = None
) -> dict[str, Any]:
    """The whole document. `components.schemas` have the plain names of the models; `told` is what
    webhooks are sent."""
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
    webhooks = _webhooks(told, schemas) if told is not None else {}
    _add_examples(paths, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Waiqin",
            "version": version,
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "This installation"}],
        "tags": [
            {"name": tag, "description": TAGS.get(tag, "")}
            for tag in sorted({op.tag for op in listed})
        ],
        "paths": dict(sorted(paths.items())),
        "webhooks": webhooks,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "examples": _problems(listed),
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
        **({"description": description} if (description := _description(op)) else {}),
        "tags": [op.tag],
        "security": _security(op, writes),
        "parameters": _parameters(op, query),
        "responses": {
            str(op.status): {
                "description": "Done",
                "content": {"application/json": {"schema": answer}},
            },
            **_refusals(op),
        },
    }
    if op.upload:
        file = {"schema": {"type": "string", "format": "binary"}}
        content = dict.fromkeys(op.upload, file)
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


def _description(op: Operation) -> str:
    """The rest of its docstring, and what a program needs."""
    needs = f"Programs need the scope `{op.scope}`." if op.scope else ""
    return "\n\n".join(filter(None, [op.description, needs]))


def _possible(op: Operation) -> set[type[Refusal]]:
    """What may be refused, each for its own reason."""
    possible = {*ALWAYS, *op.refusals, *(ON_WRITE if op.method != "GET" else ())}
    if op.path_names:
        possible |= {NotFound, BodyUnreadable}  # an address that hides a NUL
    if op.query is not None:
        possible |= {FieldsInvalid, BodyUnreadable}
    if op.scope:
        possible |= {TokenInvalid, TokenNotForThis}
    return possible


def _refusals(op: Operation) -> dict[str, Any]:
    by_status: dict[int, set[type[Refusal]]] = {}
    for refusal in _possible(op):
        by_status.setdefault(refusal.status, set()).add(refusal)
    return {
        str(status): {
            "description": ", ".join(sorted(refusal.__name__ for refusal in refusals)),
            "content": {
                "application/problem+json": {
                    "schema": {"$ref": REF.format(model="Problem")},
                    "examples": {
                        code: {"$ref": f"#/components/examples/{code}"}
                        for code in sorted(refusal().code for refusal in refusals)
                    },
                }
            },
        }
        for status, refusals in sorted(by_status.items())
    }


def _problems(operations: Iterable[Operation]) -> dict[str, Any]:
    """Every refusal of the API, once."""
    every = {refusal for op in operations for refusal in _possible(op)}
    return {one["value"]["code"]: one for one in sorted(map(_problem, every), key=str)}


def _problem(refusal: type[Refusal]) -> dict[str, Any]:
    said = refusal.sentence
    names = {name for side in (said.zh, said.en) for _, name, _, _ in Formatter().parse(side)}
    facts = {name: BY_NAME.get(name, 7) for name in sorted(filter(None, names))}
    made = refusal(**facts)
    value = {
        "type": f"urn:waiqin:problem:{made.code}",
        "title": TITLES.get(made.status, "Refused"),
        "status": made.status,
        "code": made.code,
        "detail": made.say("en"),
        "facts": facts,
    }
    return {"summary": made.say("zh"), "value": value}


def _add_examples(paths: dict[str, Any], schemas: dict[str, Any]) -> None:
    """To each JSON body and each JSON answer that is no refusal."""
    for methods in paths.values():
        for entry in methods.values():
            bodies = [entry.get("requestBody", {}), *entry["responses"].values()]
            for body in bodies:
                content = body.get("content", {}).get("application/json")
                if content is not None:
                    content["example"] = example_of(content["schema"], schemas)


def without_examples(document: Any) -> Any:
    """The same for a generator of types, which would write each example into its comments."""
    if isinstance(document, list):
        return [without_examples(part) for part in document]
    if not isinstance(document, dict):
        return document
    return {
        name: without_examples(part)
        for name, part in document.items()
        if not (name == "example" or (name == "examples" and isinstance(part, dict)))
    }


def _webhooks(told: type[BaseModel], schemas: dict[str, Any]) -> dict[str, Any]:
    """What addresses of other systems are sent: one entry for each event."""
    schema = TypeAdapter(told).json_schema(mode="serialization", ref_template=REF)
    schemas.update(schema.pop("$defs", {}))
    schemas[told.__name__] = schema
    names = [name for part in schema["properties"]["type"]["anyOf"] for name in _names(part)]
    example = example_of(schema, schemas)
    signed = [
        {
            "name": name,
            "in": "header",
            "required": True,
            "description": about,
            "schema": {"type": "string"},
        }
        for name, about in SIGNED.items()
    ]
    return {
        name: {
            "post": {
                "operationId": f"told_{name.replace('.', '_')}",
                "summary": f"`{name}` happened",
                "tags": ["webhooks"],
                "parameters": signed,
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {"$ref": REF.format(model=told.__name__)},
                            "example": {**example, "type": name},
                        }
                    },
                },
                "responses": {
                    "2XX": {"description": "Taken. Anything else is tried again, 410 pauses it."}
                },
            }
        }
        for name in names
    }


SIGNED = {
    "webhook-id": "The id of the event, the same at each try: take it once",
    "webhook-timestamp": "Seconds since 1970 when it was sent: refuse what is five minutes old",
    "webhook-signature": "`v1,` and the Base64 of HMAC-SHA256 over `id.timestamp.body`; after a "
    "rotation there are two, with a space between",
}


def _names(part: dict[str, Any]) -> list[str]:
    return [part["const"]] if "const" in part else list(part.get("enum", []))
