"""The OpenAPI document is complete: each operation says what it does, with examples that are right.
That real answers have these shapes is tried by `test_every_operation.py`."""

from typing import Any

import jsonschema_rs
import pytest
from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from field_ops.app import api_document, operations
from field_ops.http.docs_page import docs_page
from field_ops.http.openapi import TAGS

DOCUMENT = api_document()
OPERATIONS = [
    (f"{method.upper()} {path}", entry)
    for path, methods in DOCUMENT["paths"].items()
    for method, entry in methods.items()
]
WEBHOOKS = [(name, methods["post"]) for name, methods in DOCUMENT["webhooks"].items()]


def test_no_two_schemas_have_one_name() -> None:
    """The second would be told in the place of the first: name it after what it is."""
    listed: list[tuple[Any, JsonSchemaMode, TypeAdapter[Any]]] = []
    for number, op in enumerate(operations()):
        asked = [one for one in (op.body, op.query) if one is not None]
        listed += [((number, one), "validation", TypeAdapter(one)) for one in asked]
        listed.append(((number, op.name), "serialization", op.answer))
    _, told = TypeAdapter.json_schemas(listed)
    # pydantic tells models of one name apart by their modules, written with two underscores
    assert [name for name in told["$defs"] if "__" in name] == []


def bodies(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """The JSON that goes in and comes out, as far as it is no refusal."""
    both = [entry.get("requestBody", {}), *entry["responses"].values()]
    found = [one.get("content", {}).get("application/json") for one in both]
    return [one for one in found if one]


@pytest.mark.parametrize("entry", [e for _, e in OPERATIONS], ids=[n for n, _ in OPERATIONS])
def test_an_operation_explains_itself(entry: dict[str, Any]) -> None:
    assert entry["summary"].endswith((".", "?")) and entry["operationId"]
    assert all(tag in {one["name"] for one in DOCUMENT["tags"]} for tag in entry["tags"])
    assert {"401", "403", "429"} <= set(entry["responses"]) or entry["security"] == []


@pytest.mark.parametrize(
    "entry", [e for _, e in OPERATIONS + WEBHOOKS], ids=[n for n, _ in OPERATIONS + WEBHOOKS]
)
def test_its_examples_are_what_its_schemas_say(entry: dict[str, Any]) -> None:
    for body in bodies(entry):
        schema = {**body["schema"], "components": DOCUMENT["components"]}
        jsonschema_rs.validator_for(schema).validate(body["example"])


def test_every_refusal_that_is_named_has_an_example() -> None:
    examples = DOCUMENT["components"]["examples"]
    for name, entry in OPERATIONS:
        for answer in entry["responses"].values():
            named = answer.get("content", {}).get("application/problem+json", {})
            assert named.get("examples", {}).keys() <= examples.keys(), name
    for code, example in examples.items():
        assert example["value"]["code"] == code and "{" not in example["value"]["detail"]


def test_every_tag_is_explained() -> None:
    unexplained = {tag["name"] for tag in DOCUMENT["tags"] if not tag["description"]}
    assert unexplained == set(), "add a line to TAGS in field_ops/http/openapi.py"
    assert TAGS.keys() == {tag["name"] for tag in DOCUMENT["tags"]}


def test_what_a_program_needs_stands_beside_each_operation() -> None:
    for name, entry in OPERATIONS:
        scopes = [scope for one in entry["security"] for scope in one.get("token", [])]
        assert all(f"`{scope}`" in entry["description"] for scope in scopes), name


def test_the_page_shows_all_of_it() -> None:
    page = docs_page(DOCUMENT)
    assert all(path in page for path in DOCUMENT["paths"])
    assert "whsec_" in page and "webhook-signature" in page
    assert "<script" not in page
