"""Reading DingTalk's JSON: numbers, booleans and lists sometimes come as strings or not at all."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

MILLISECONDS_FROM = 10**11  # smaller values are seconds: both occur, even in the official samples


def text(values: Mapping[str, Any], *names: str) -> str:
    """The first of `names` that is there, as a string; "" when none is."""
    for name in names:
        value = values.get(name)
        if value is not None and value != "" and not isinstance(value, dict | list):
            return _string(value)
    return ""


def texts(values: Mapping[str, Any], *names: str) -> tuple[str, ...]:
    """The first of `names` that is there, as strings; a single value counts as a list of one."""
    for name in names:
        value = values.get(name)
        if isinstance(value, list):
            return tuple(_string(item) for item in value)
        if value is not None and value != "":
            return (_string(value),)
    return ()


def mapping(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = values.get(name)
    return value if isinstance(value, Mapping) else {}


def mappings(values: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = values.get(name)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def flag(values: Mapping[str, Any], name: str, default: bool = False) -> bool:
    value = values.get(name, default)
    return value.lower() == "true" if isinstance(value, str) else bool(value)


def whole(values: Mapping[str, Any], name: str, default: int = 0) -> int:
    try:
        return int(values.get(name, default))
    except (TypeError, ValueError):
        return default


def moment(value: object) -> datetime | None:
    """A moment given in seconds or milliseconds, as number or string; None when it is neither."""
    try:
        number = int(str(value))
        return datetime.fromtimestamp(
            number / 1000 if number >= MILLISECONDS_FROM else number, tz=UTC
        )
    except (ValueError, OverflowError, OSError):
        return None


def _string(value: object) -> str:
    # PostgreSQL cannot store a NUL, and nobody can type one.
    return str(value).replace("\x00", "")
