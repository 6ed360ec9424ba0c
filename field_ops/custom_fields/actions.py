"""Defining fields: no code, no restart, nothing lost. All of it needs `customers.configure`."""

from typing import Any

from sqlalchemy import func, select

from ..access import require
from ..db import insert_into, new_id
from ..errors import NotFound
from ..history import audit
from ..history.numbers import take_numbers
from ..texts import Text
from ..work import Work
from .checks import refuse_lossy, refuse_wrong
from .columns import BETWEEN
from .errors import (
    FieldChangedMeanwhile,
    FieldInUse,
    FieldKeyReserved,
    FieldKeyTaken,
    FieldsChangedMeanwhile,
    FieldTypeFixed,
    TooManyFields,
)
from .fields import BUILT_IN, Fields, fields_for
from .functions import RESERVED
from .models import FieldDefinition, FieldSet
from .spec import FieldSpec

CONFIGURES = "customers.configure"
MOST_FIELDS = 200  # present ones of an object; and as many again that are archived
NUMBERED = "field"  # the kind of number that fields have
BEGIN = ""


async def define(work: Work, of: str, key: str, spec: FieldSpec) -> FieldDefinition:
    """Add a field behind the others. Raises FieldKeyTaken, FieldKeyReserved, FieldRuleWrong,
    FormulaWrong, FormulasInCircle or TooManyFields."""
    require(work, CONFIGURES)
    whole = await _held(work, of)
    fields = await fields_for(work, of)
    if key in RESERVED or key in BUILT_IN[of]:
        raise FieldKeyReserved(key=key)
    if taken := fields.by_key.get(key):
        raise FieldKeyTaken(key=key, field=taken.label)
    if len(fields.present) >= MOST_FIELDS or len(fields.by_key) >= 2 * MOST_FIELDS:
        raise TooManyFields(limit=MOST_FIELDS)
    await refuse_wrong(work, of, key, spec, _present(fields))
    last = await work.session.scalar(
        select(func.max(FieldDefinition.position)).where(
            FieldDefinition.tenant_id == work.tenant_id, FieldDefinition.object == of
        )
    )
    row = FieldDefinition(
        tenant_id=work.tenant_id,
        object=of,
        key=key,
        number=await take_numbers(work, NUMBERED, 1),
        position=(last or 0) + 1,
        spec=_kept(spec),
        revision=1,
        created_at=work.now,
        updated_at=work.now,
    )
    work.session.add(row)
    await _changed(work, whole, computes=spec.type == "formula")
    audit.record(work, "field.defined", "field", f"{of}.{key}", {"spec": (None, row.spec)})
    return row


async def redefine(
    work: Work, of: str, key: str, spec: FieldSpec, revision: int
) -> FieldDefinition:
    """Change a field. Its type, what its formula results in, and its options stay. Raises
    FieldChangedMeanwhile, FieldTypeFixed, OptionRemoved, or as `define`."""
    require(work, CONFIGURES)
    whole = await _held(work, of)
    row = await _field(work, of, key, revision)
    before = FieldSpec.model_validate(row.spec)
    refuse_lossy(before, spec)
    known = await fields_for(work, of)
    others = _present(known)
    others.pop(key, None)
    await refuse_wrong(work, of, key, spec, others)
    if _kept(spec) == row.spec:
        return row
    change = {"spec": (row.spec, _kept(spec))}
    row.spec, row.updated_at, row.revision = _kept(spec), work.now, row.revision + 1
    reckons_anew = (before.formula, before.decimals) != (spec.formula, spec.decimals)
    if (before.searchable, before.options) != (spec.searchable, spec.options):
        whole.said_to = BEGIN
    after = await _changed(work, whole, computes=spec.type == "formula" and reckons_anew)
    if after.by_key[key].type != known.by_key[key].type:
        raise FieldTypeFixed(field=before.label.text)
    audit.record(work, "field.changed", "field", f"{of}.{key}", change)
    return row


async def archive(
    work: Work, of: str, key: str, revision: int, *, archived: bool
) -> FieldDefinition:
    """Take a field out of use, or back into it: its values stay. Raises FieldInUse where a formula
    or a condition needs it, and FieldChangedMeanwhile."""
    require(work, CONFIGURES)
    whole = await _held(work, of)
    row = await _field(work, of, key, revision)
    if (row.archived_at is not None) == archived:
        return row
    fields = await fields_for(work, of)
    if archived:
        _refuse_used(fields, key)
    elif len(fields.present) >= MOST_FIELDS:
        raise TooManyFields(limit=MOST_FIELDS)
    if fields.by_key[key].spec.searchable:
        whole.said_to = BEGIN
    row.archived_at = work.now if archived else None
    row.updated_at, row.revision = work.now, row.revision + 1
    is_formula = fields.by_key[key].is_computed
    await _changed(work, whole, computes=is_formula and not archived)
    action = "field.archived" if archived else "field.restored"
    audit.record(work, action, "field", f"{of}.{key}", {"archived": (not archived, archived)})
    return row


async def put_in_order(work: Work, of: str, keys: list[str], version: str) -> None:
    """Order all fields that are present. Raises FieldsChangedMeanwhile when they are others."""
    require(work, CONFIGURES)
    whole = await _held(work, of)
    fields = await fields_for(work, of)
    present = [one.key for one in fields.present]
    if whole.version != version or sorted(keys) != sorted(present):
        raise FieldsChangedMeanwhile()
    if keys == present:
        return
    rows = await work.session.scalars(
        select(FieldDefinition).where(
            FieldDefinition.tenant_id == work.tenant_id, FieldDefinition.object == of
        )
    )
    place = {key: number for number, key in enumerate(keys, start=1)}
    for row in rows:
        row.position = place.get(row.key, len(keys) + row.number)
    await _changed(work, whole)
    audit.record(work, "fields.ordered", "field", of, {"order": (present, keys)})


def _present(fields: Fields) -> dict[str, FieldSpec]:
    return {one.key: one.spec for one in fields.present}


def _kept(spec: FieldSpec) -> dict[str, Any]:
    """What differs from the usual: a rule that is added later has its usual value here, too."""
    return {"type": spec.type, **spec.model_dump(mode="json", exclude_defaults=True)}


def _refuse_used(fields: Fields, key: str) -> None:
    users = [
        one.label
        for one in fields.present
        if (one.formula is not None and key in one.formula.fields)
        or any(condition.field == key for condition in one.spec.show_if)
    ]
    if users:
        others = {
            side: BETWEEN.say(side).join(one.say(side) for one in users) for side in ("zh", "en")
        }
        raise FieldInUse(field=fields.by_key[key].label, others=Text(**others))


async def _held(work: Work, of: str) -> FieldSet:
    """The set of an object, kept from other administrators until the commit."""
    await work.session.execute(
        insert_into(work.session, FieldSet)
        .values(tenant_id=work.tenant_id, object=of, version=new_id())
        .on_conflict_do_nothing()
    )
    return await work.session.get_one(
        FieldSet, (work.tenant_id, of), with_for_update=True, populate_existing=True
    )


async def _field(work: Work, of: str, key: str, revision: int) -> FieldDefinition:
    row = await work.session.get(FieldDefinition, (work.tenant_id, of, key), populate_existing=True)
    if row is None:
        raise NotFound()
    if row.revision != revision:
        raise FieldChangedMeanwhile(field=FieldSpec.model_validate(row.spec).label.text)
    return row


async def _changed(work: Work, whole: FieldSet, *, computes: bool = False) -> Fields:
    """Every process reads the set again; raises where its formulas do not fit together."""
    whole.version = new_id()
    if computes:
        whole.computed_to = BEGIN
    await work.session.flush()
    return await fields_for(work, whole.object)
