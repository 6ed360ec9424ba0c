"""Refusals on the wire: `application/problem+json` (RFC 9457), one handler for all of them."""

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from ..errors import FieldsInvalid, Refusal
from ..texts import Text, said

TITLES = {
    400: "Bad request",
    401: "Sign-in needed",
    403: "Not allowed",
    404: "Not found",
    409: "Conflict",
    413: "Too large",
    422: "Cannot be used",
    429: "Too many requests",
    503: "Busy",
    507: "No room",
}

# What pydantic calls it → what a person reads. `{…}` are pydantic's own figures.
FIELD_SENTENCES = {
    "missing": Text("必填", "is required"),
    "string_too_short": Text("至少 {min_length} 个字", "needs at least {min_length} characters"),
    "string_too_long": Text("最多 {max_length} 个字", "may have at most {max_length} characters"),
    "extra_forbidden": Text("多余的内容", "is not known"),
    "greater_than_equal": Text("不能小于 {ge}", "must be at least {ge}"),
    "less_than_equal": Text("不能大于 {le}", "must be at most {le}"),
    "literal_error": Text("只能是 {expected} 之一", "must be one of {expected}"),
}
OTHERWISE = Text("填写不正确", "is not right")


def language_of(request: Request) -> str:
    """`zh` or `en`, from the page's own choice or the browser's."""
    wanted = request.headers.get("accept-language", "zh").strip().lower()
    return "en" if wanted.startswith("en") else "zh"


def problem(refusal: Refusal, language: str) -> bytes:
    """The body of a refusal."""
    return orjson.dumps(
        {
            "type": f"urn:waiqin:problem:{refusal.code}",
            "title": TITLES.get(refusal.status, "Refused"),
            "status": refusal.status,
            "code": refusal.code,
            "detail": refusal.say(language),
            "facts": {name: said(fact, language) for name, fact in refusal.facts.items()},
        },
        default=str,
    )


def problem_response(refusal: Refusal, language: str) -> Response:
    headers = {"cache-control": "no-store"}
    if refusal.status in (429, 503) and "retry_after_s" in refusal.facts:
        headers["retry-after"] = str(refusal.facts["retry_after_s"])
    return Response(
        problem(refusal, language),
        status_code=refusal.status,
        media_type="application/problem+json",
        headers=headers,
    )


def from_validation(failure: ValidationError, language: str) -> FieldsInvalid:
    """Pydantic's list as one refusal. Input values are left out: they may hold a phone number."""
    fields = [
        {
            "field": ".".join(str(part) for part in error["loc"]),
            "code": error["type"],
            "message": _sentence(error["type"], error.get("ctx", {}), language),
        }
        for error in failure.errors(include_url=False, include_input=False)
    ]
    first = f"{fields[0]['field']} {fields[0]['message']}".strip() if fields else ""
    return FieldsInvalid(count=len(fields), first=first, fields=fields)


def _sentence(kind: str, figures: Mapping[str, Any], language: str) -> str:
    return FIELD_SENTENCES.get(kind, OTHERWISE).say(language, **figures)
