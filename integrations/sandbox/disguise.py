"""Answers that say the same less well: without what may be absent, or with numbers as texts."""

from collections.abc import Collection
from typing import Any


def disguised(answer: Any, fault: str, optional: Collection[str]) -> Any:
    """`answer` as the fault `sparse` or `texts_for_numbers` has it; as it is for any other."""
    if fault == "sparse":
        return _without(answer, optional)
    return _in_texts(answer) if fault == "texts_for_numbers" else answer


def _without(value: Any, names: Collection[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(v, names) for name, v in value.items() if name not in names}
    return [_without(each, names) for each in value] if isinstance(value, list) else value


def _in_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _in_texts(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_in_texts(each) for each in value]
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return str(value) if is_number else value
