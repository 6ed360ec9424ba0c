"""Values of a record: read, checked, computed, kept findable. Who owns the record calls this."""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Protocol

from sqlalchemy import delete, insert, select

from ..access.roles import FieldLevel
from ..people.models import Department, Member
from ..work import Work
from .errors import (
    FieldIsComputed,
    FieldValueMissing,
    FieldValueWrong,
    NoSuchField,
    OwnFieldNotYours,
)
from .fields import FORMULA_TYPES, Field, Fields, datum
from .functions import Datum
from .models import FieldValue
from .sight import OwnEyes
from .types import LARGEST, MOST_TEXT, NOT_ID, RETIRED, Value, Wrong, plain

Changed = dict[str, tuple[Value, Value]]
Find = Callable[[Work, str, set[str]], Awaitable[set[str]]]

USUAL_DECIMALS = 2


class Record(Protocol):
    """What has values of the company's own fields. The row of a new one may have none yet."""

    id: Any
    custom: Any


async def read(
    work: Work,
    eyes: OwnEyes,
    owner_id: str | None,
    before: Mapping[str, Value],
    wanted: Mapping[str, Value],
    find: Find,
) -> dict[str, Value]:
    """What becomes of the values that are wanted; what would not change is left out.

    What comes back as it was shown is no change: pages send whole forms. `find` knows which ids of
    a type the actor may name, beside members and departments. Raises NoSuchField, FieldIsComputed,
    OwnFieldNotYours or FieldValueWrong.
    """
    changed: dict[str, Value] = {}
    for key, given in wanted.items():
        was = before.get(key)
        value = becomes(eyes, key, owner_id, was, given)
        if value != was:
            changed[key] = value
    await _refuse_unknown(work, eyes.fields, changed, find)
    return changed


def becomes(eyes: OwnEyes, key: str, owner_id: str | None, was: Value, given: Value) -> Value:
    """What the value of a field is after somebody sent this; `was` where that is no change. Raises
    as `read`."""
    field = eyes.fields.by_key.get(key)
    if field is None or field.is_archived:
        raise NoSuchField(key=key[:40])
    if given in (was, eyes.shown_value(field, owner_id, was)):
        return was
    if field.is_computed:
        raise FieldIsComputed(field=field.label, key=key)
    if eyes.level(key, owner_id) is not FieldLevel.EDIT:
        raise OwnFieldNotYours(field=field.label, key=key)
    return read_one(field, given, was)


def read_one(field: Field, given: Value, was: Value = None) -> Value:
    """The kept value of what was sent; None is empty. Raises FieldValueWrong."""
    if given is None or given in ("", []) or (isinstance(given, str) and not given.strip()):
        return None
    try:
        value = field.kind.read(field.spec, given)
        _refuse_retired(field, value, was)
    except Wrong as failure:
        raise FieldValueWrong(field=field.label, key=field.key, why=failure.why) from failure
    return value


def usual(fields: Fields, wanted: Mapping[str, Value]) -> dict[str, Value]:
    """What a new record is given where nobody said otherwise, as it is kept."""
    return {
        one.key: one.kind.read(one.spec, one.spec.default)
        for one in fields.present
        if one.spec.default is not None and one.key not in wanted
    }


def refuse_missing(
    eyes: OwnEyes, owner_id: str | None, values: Mapping[str, Value], among: Sequence[str] | None
) -> None:
    """Raise FieldValueMissing for the first that is `missing`; `among`: only of these fields."""
    for field in missing(eyes, owner_id, values):
        if among is None or field.key in among:
            raise FieldValueMissing(field=field.label, key=field.key)


def missing(eyes: OwnEyes, owner_id: str | None, values: Mapping[str, Value]) -> Iterator[Field]:
    """What is required and empty, and the actor is shown and could fill in; `values` with the
    built-in ones."""
    for field in eyes.fields.present:
        if not field.spec.required or values.get(field.key) is not None:
            continue
        if eyes.level(field.key, owner_id) is FieldLevel.EDIT and field.is_shown(values):
            yield field


def computed(work: Work, fields: Fields, values: Mapping[str, Value]) -> dict[str, Value]:
    """What every formula comes to with these values."""
    if not fields.computed:
        return {}
    known = {
        one.key: datum(work, one, values.get(one.key))
        for one in fields.present
        if one.type in FORMULA_TYPES
    }
    results: dict[str, Value] = {}
    for field in fields.computed:
        assert field.formula is not None
        results[field.key] = _kept(field, field.formula.compute(known))
        known[field.key] = datum(work, field, results[field.key])
    return results


def changes(
    work: Work, fields: Fields, before: Mapping[str, Value], changed: Mapping[str, Value]
) -> Changed:
    """(before, after) of each field that changes, with what formulas make of it."""
    after = {**before, **changed}
    after |= computed(work, fields, after)
    return {
        key: (before.get(key), after.get(key)) for key in after if before.get(key) != after.get(key)
    }


def applied(before: Mapping[str, Value], changed: Changed) -> dict[str, Value]:
    """All values after a change; empty ones are not kept."""
    after = {**before, **{key: to for key, (_, to) in changed.items()}}
    return {key: value for key, value in after.items() if value is not None}


async def keep(work: Work, fields: Fields, record: Record, changed: Mapping[str, Value]) -> Changed:
    """Write values that were read, with what formulas make of them; what that changed."""
    pairs = changes(work, fields, record.custom or {}, changed)
    if pairs:
        record.custom = applied(record.custom or {}, pairs)
        await remember(work, fields, record.id, pairs)
    return pairs


async def forget(work: Work, record_ids: Collection[str]) -> None:
    """Let nothing be found by the values of records that are deleted."""
    await work.session.execute(
        delete(FieldValue)
        .where(FieldValue.tenant_id == work.tenant_id, FieldValue.record_id.in_(record_ids))
        .execution_options(synchronize_session=False)
    )


async def remember(work: Work, fields: Fields, record_id: str, changed: Changed) -> None:
    """Make a record findable by its values as they are now."""
    numbers = [fields.by_key[key].number for key in changed]
    await work.session.execute(
        delete(FieldValue).where(
            FieldValue.tenant_id == work.tenant_id,
            FieldValue.record_id == record_id,
            FieldValue.field.in_(numbers),
        )
    )
    values = {key: to for key, (_, to) in changed.items()}
    if rows := list(rows_of(work, fields, record_id, values)):
        await work.session.execute(insert(FieldValue), rows)


def rows_of(
    work: Work, fields: Fields, record_id: str, values: Mapping[str, Value]
) -> Iterator[dict[str, Any]]:
    """What a record with these values is found by: for one record, or for thousands at once."""
    for key, value in values.items():
        field = fields.by_key.get(key)
        if field is None or value is None:
            continue
        for place, (text, number) in enumerate(field.kind.rows(value)):
            yield {
                "tenant_id": work.tenant_id,
                "record_id": record_id,
                "field": field.number,
                "place": place,
                "text": text,
                "number": number,
            }


def _kept(field: Field, result: Datum) -> Value:
    """What a formula comes to, as it is kept."""
    if isinstance(result, Decimal):
        decimals = USUAL_DECIMALS if field.spec.decimals is None else field.spec.decimals
        rounded = result.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        return plain(rounded + 0) if abs(rounded) < LARGEST else None
    if isinstance(result, bool) or result is None:
        return result
    if isinstance(result, str):
        return result.strip()[:MOST_TEXT] or None
    return result.isoformat() if not isinstance(result, tuple) else None


def _refuse_retired(field: Field, value: Value, was: Value) -> None:
    """What was chosen before may stay chosen."""
    if field.type not in ("choice", "choices"):
        return
    chosen, kept = ([one] if isinstance(one, str) else (one or []) for one in (value, was))
    for key in chosen:
        option = field.spec.option(key)
        if option is not None and option.is_retired and key not in kept:
            raise Wrong(RETIRED, option=option.label.text)


async def _refuse_unknown(
    work: Work, fields: Fields, changed: Mapping[str, Value], find: Find
) -> None:
    wanted: dict[str, set[str]] = {}
    for key, value in changed.items():
        field = fields.by_key[key]
        if value is not None and field.kind.is_reference:
            wanted.setdefault(field.type, set()).add(value)
    for type_, ids in wanted.items():
        known = await _known(work, type_, ids, find)
        for key, value in changed.items():
            field = fields.by_key[key]
            if field.type == type_ and value is not None and value not in known:
                raise FieldValueWrong(field=field.label, key=key, why=NOT_ID)


async def _known(work: Work, type_: str, ids: set[str], find: Find) -> set[str]:
    if type_ == "member":
        found = await work.session.scalars(
            select(Member.id).where(
                Member.tenant_id == work.tenant_id, Member.id.in_(ids), Member.state == "active"
            )
        )
        return set(found)
    if type_ == "department":
        found = await work.session.scalars(
            select(Department.id).where(
                Department.tenant_id == work.tenant_id,
                Department.id.in_(ids),
                Department.removed_at.is_(None),
            )
        )
        return set(found)
    return await find(work, type_, ids)
