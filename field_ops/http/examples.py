"""Examples for the OpenAPI document, made from its schemas: complete, and never out of date.

A field's own example comes first, then what fields of that name usually hold, then whatever its
type allows. A test holds each of them against its model.
"""

from collections.abc import Mapping
from typing import Any

AN_ID = "01ky7w3f5t9c0b4x8s2n6m1d0q"
A_MOMENT = "2026-03-10T01:30:00Z"
BY_NAME = {
    "name": "华联超市（中山路店）",
    "title": "采购经理",
    "phone": "13800138000",
    "city": "武汉",
    "address": "江岸区中山路 128 号",
    "email": "zhang@hualian.example",
    "credit_code": "91350100M000100Y43",
    "note": "周三上午收货",
    "summary": "陈列已调整，下周补货 20 箱",
    "purpose": "例行拜访",
    "reason": "门店搬迁，定位未更新",
    "owner_name": "李雷",
    "member_name": "李雷",
    "department": "华东一组",
    "number": "C-000123",
    "url": "https://erp.example.com/waiqin",
    "lat": 30.590441,
    "lng": 114.310985,
    "gcj_lat": 30.588037,
    "gcj_lng": 114.316343,
    "revision": 3,
    "language": "zh",
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw3fTqRHtBMTc=",
    "token": "wq_1_01ky7w3f5t9c0b4x8s2n6m1d0q_5f2b…",
}
BY_FORMAT = {
    "date-time": A_MOMENT,
    "date": "2026-03-10",
    "time": "09:30:00",
    "duration": "PT30M",
    "uuid": "3f0b5a52-6d0d-4a55-9a35-0c2f0f1f3a11",
}
DEEP = 6


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str = "") -> Any:
    """A value that this schema describes. `schemas` are those that it refers to."""
    return _value(schema, schemas, name, 0)


def _value(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str, depth: int) -> Any:
    if "$ref" in schema:
        return _value(schemas[schema["$ref"].rpartition("/")[2]], schemas, name, depth)
    for known in ("examples", "enum"):
        if schema.get(known):
            return schema[known][0]
    if "const" in schema:
        return schema["const"]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return _value(_telling(schema[several], name), schemas, name, depth)
    kind = schema.get("type")
    if kind == "object":
        return _object(schema, schemas, depth)
    if kind == "array" and "prefixItems" in schema:  # a tuple
        return [_value(one, schemas, name, depth + 1) for one in schema["prefixItems"]]
    if kind == "array":
        enough = depth >= DEEP and not schema.get("minItems")
        return [] if enough else [_value(schema.get("items", {}), schemas, name, depth + 1)]
    return _plain(schema, kind, name)


def _telling(choices: list[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    """The choice that tells most: a value, not its absence."""
    if name in ("cursor", "merged_into", "paused_at", "revoked_at"):
        choices = sorted(choices, key=lambda one: one.get("type") != "null")
        return choices[0]
    return next((one for one in choices if one.get("type") != "null"), choices[0])


def _object(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int) -> dict[str, Any]:
    said = {
        name: _value(part, schemas, name, depth + 1)
        for name, part in schema.get("properties", {}).items()
        if depth < DEEP or name in schema.get("required", ())
    }
    more = schema.get("additionalProperties")
    if not said and isinstance(more, Mapping):
        names = schema.get("propertyNames", {}).get("enum", ["phone"])
        said[names[0]] = _value(more, schemas, "", depth + 1)
    return said


def _plain(schema: Mapping[str, Any], kind: str | None, name: str) -> Any:
    if kind == "string":
        return _text(schema, name)
    usual = BY_NAME.get(name)
    if kind in ("integer", "number"):
        lowest = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        highest = schema.get("maximum", lowest + 12)
        wanted = usual if isinstance(usual, int | float) else min(max(12, lowest), highest)
        return int(wanted) if kind == "integer" else float(wanted)
    if kind == "boolean":
        return bool(schema.get("default", False))
    return None if kind == "null" else (usual if isinstance(usual, str) else {})


def _text(schema: Mapping[str, Any], name: str) -> str:
    if schema.get("format") in BY_FORMAT:
        return BY_FORMAT[schema["format"]]
    usual = BY_NAME.get(name)
    if name == "id" or name.endswith(("_id", "_ids", "_by")) or name == "departments":
        usual = AN_ID
    said = usual if isinstance(usual, str) else str(schema.get("default") or name or "…")
    least, most = schema.get("minLength", 0), schema.get("maxLength", 400)
    return said.ljust(least, "x")[:most]
