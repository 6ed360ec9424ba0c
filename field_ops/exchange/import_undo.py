"""Taking an import back within a week: what it created goes, what it changed is as it was, and
what somebody worked with since stays and says why (`import_verdicts.py`)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, delete, or_, select, update

from ..access import require, visible
from ..custom_fields.models import FieldValue
from ..custom_fields.values import forget
from ..customers import contact_fields, index, own_fields, tagging
from ..customers.actions.contacts import whose
from ..customers.actions.holding import touch
from ..customers.levels import IMPORT_UNDONE, note_level
from ..customers.models import (
    Contact,
    Customer,
    CustomerKey,
    CustomerLocation,
    CustomerText,
    ExternalId,
)
from ..customers.owner_changes import UNDONE, OwnerChange
from ..db import insert_into, new_id
from ..errors import NotFound
from ..history import audit, changes
from ..merges.models import DuplicatePair
from ..tags.models import CustomerTag
from ..texts import Text
from ..work import Work
from .columns import TITLES
from .errors import ImportUnderWay, TooLateToUndoImport, UndoneBefore
from .import_models import ImportBatch, ImportRow
from .import_statements import CONTACT_FIELDS
from .import_steps import Change
from .import_store import forget_external
from .import_verdicts import Verdict, judge

UNDONE_WITHIN = timedelta(days=7)
UNDO_PART = 100
MOST_SHOWN = 200
# What a removed customer does not keep. Its number stays, and is not given out again.
WORDS = (
    "name", "full_name_key", "core_name", "phone", "phone_key", "credit_code", "email",
    "mail_domain", "city", "address", "note",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Forecast:
    """What an undo would do: how many of what, and the first that would stay."""

    counts: dict[str, int]
    kept: list[tuple[int, str, list[Text]]]  # row, customer, why


async def ask_undo(
    work: Work, batch_id: str, *, taken_until: datetime | None = None
) -> ImportBatch:
    """Ask the worker to take an import back. Once, and within seven days."""
    batch = await _undoable(work, batch_id, holding=True)
    batch.state, batch.done, batch.attempts = "undoing", 0, 0
    batch.taken_until = taken_until
    batch.undone_by, batch.undone_at = work.actor.member_id, work.now
    audit.record(work, "customers.import_undone", "import", batch.id, dict(_told(batch)))
    return batch


async def forecast(work: Work, batch_id: str) -> Forecast:
    """What an undo would do now. Raises what `ask_undo` would."""
    batch = await _undoable(work, batch_id, holding=False)
    counts = dict.fromkeys(("removed", "restored", "kept"), 0)
    kept: list[tuple[int, str, list[Text]]] = []
    below: int | None = None
    while rows := await _next(work, batch, below, UNDO_PART * 10):
        verdicts = await judge(work, batch, rows, holding=False)
        for verdict in verdicts:
            counts[verdict.outcome] += 1
            if verdict.kept and len(kept) < MOST_SHOWN:
                kept.append((verdict.row.number, verdict.row.customer_id or "", verdict.kept))
        below = rows[-1].number
        work.session.expunge_all()
    return Forecast(counts, kept)


async def undo_part(work: Work, batch: ImportBatch) -> list[str]:
    """Take back the next rows, the last one of the file first; what became of each."""
    rows = await _next(work, batch, None, UNDO_PART)
    verdicts = await judge(work, batch, rows, holding=True)
    await _remove(work, [one for one in verdicts if one.outcome == "removed"])
    await _restore(work, batch, [one for one in verdicts if one.outcome == "restored"])
    for verdict in verdicts:
        verdict.row.undone = verdict.outcome
        verdict.row.kept = [[reason.zh, reason.en] for reason in verdict.kept]
    await work.session.flush()
    touched = {one.row.customer_id for one in verdicts if one.outcome != "kept"}
    await contact_fields.say(work, filter(None, touched))
    await index.refresh(work, filter(None, touched))
    return [verdict.outcome for verdict in verdicts]


async def _undoable(work: Work, batch_id: str, *, holding: bool) -> ImportBatch:
    require(work, "customers.import")
    query = visible(work, ImportBatch).where(ImportBatch.id == batch_id)
    if holding:
        query = query.with_for_update(of=ImportBatch).execution_options(populate_existing=True)
    batch: ImportBatch | None = await work.session.scalar(query)
    if batch is None:
        raise NotFound()
    if batch.undone_at is not None:
        raise UndoneBefore()
    if batch.started_at is None or batch.state not in ("done", "cancelled", "failed"):
        raise ImportUnderWay()
    if work.now - batch.started_at > UNDONE_WITHIN:
        raise TooLateToUndoImport(days=UNDONE_WITHIN.days)
    return batch


def _told(batch: ImportBatch) -> Iterable[tuple[str, tuple[Any, Any]]]:
    yield "file", (batch.file_name, None)
    for outcome in ("created", "updated"):
        yield outcome, (batch.counts.get(outcome, 0), None)


async def _next(
    work: Work, batch: ImportBatch, below: int | None, most: int
) -> Sequence[ImportRow]:
    query = select(ImportRow).where(
        ImportRow.tenant_id == batch.tenant_id,
        ImportRow.batch_id == batch.id,
        ImportRow.run == batch.run,
        ImportRow.outcome.in_(("created", "updated")),
        ImportRow.undone == "",
    )
    if below is not None:
        query = query.where(ImportRow.number < below)
    found = await work.session.scalars(query.order_by(ImportRow.number.desc()).limit(most))
    return found.all()


async def _remove(work: Work, verdicts: Sequence[Verdict]) -> None:
    """Nothing of them stays but the record without its words, so that copies in other systems hear
    that it is gone: what was brought by mistake is not kept."""
    ids = [one.row.customer_id for one in verdicts if one.row.customer_id]
    if not ids:
        return
    await contact_fields.forget_of(work, ids)
    for table in (
        Contact,
        CustomerLocation,
        CustomerKey,
        CustomerText,
        CustomerTag,
        ExternalId,
        OwnerChange,
    ):
        await work.session.execute(_gone(work, table, table.customer_id.in_(ids)))
    await work.session.execute(_gone(work, FieldValue, FieldValue.record_id.in_(ids)))
    pairs = or_(DuplicatePair.one_id.in_(ids), DuplicatePair.other_id.in_(ids))
    await work.session.execute(_gone(work, DuplicatePair, pairs))
    await work.session.execute(
        update(Customer)
        .where(Customer.tenant_id == work.tenant_id, Customer.id.in_(ids))
        .values(
            **{**dict.fromkeys(WORDS, ""), "custom": {}},
            removed_at=work.now,
            revision=Customer.revision + 1,
        )
        .execution_options(synchronize_session=False)
    )
    changes.moved(work, Customer, ids)
    for one in ids:
        audit.record(work, "customer.import_undone", "customer", one)


async def _restore(work: Work, batch: ImportBatch, verdicts: Sequence[Verdict]) -> None:
    given_up = [key for one in verdicts for key in one.gives_up]
    claims = [(key, one.row.customer_id) for one in verdicts for key in one.claims]
    claimed = {key for key, _ in claims}
    await work.session.execute(_gone(work, CustomerKey, CustomerKey.key.in_(given_up)))
    await forget(work, [one for verdict in verdicts for one in verdict.contacts])
    for table, ids in (
        (Contact, [one for verdict in verdicts for one in verdict.contacts]),
        (CustomerLocation, [one for verdict in verdicts for one in verdict.places]),
    ):
        if ids:
            await work.session.execute(_gone(work, table, table.id.in_(ids)))
    await _name_as_before(work, batch, [one for one in verdicts if one.external])
    # Of a key that several rows handed on, the earliest row has it at last.
    last = dict(claims)
    if claimed:
        await work.session.execute(
            insert_into(work.session, CustomerKey),
            [
                {"tenant_id": work.tenant_id, "key": key, "customer_id": last[key]}
                for key in sorted(claimed)
            ],
        )
    for verdict in verdicts:
        if verdict.change is not None:
            await _put_back(work, verdict, verdict.change)


async def _name_as_before(work: Work, batch: ImportBatch, verdicts: Sequence[Verdict]) -> None:
    """Under the number of the other system that it had, unless another customer has that now."""
    if not verdicts:
        return
    ids = [one.row.customer_id for one in verdicts if one.row.customer_id]
    await work.session.execute(forget_external(work, batch.system, ids))
    rows = [
        {
            "tenant_id": work.tenant_id, "system": batch.system, "external_id": one.external[0],
            "customer_id": one.row.customer_id,
        }
        for one in verdicts if one.external and one.external[0]
    ]  # fmt: skip
    if rows:
        await work.session.execute(
            insert_into(work.session, ExternalId).on_conflict_do_nothing(), rows
        )


async def _put_back(work: Work, verdict: Verdict, change: Change) -> None:
    customer, fields = change.present.customer, change.fields
    owner = fields.get("owner_id")
    for name, (_, was) in fields.items():
        setattr(customer, name, was)
    for contact in change.present.contacts:
        for name, (_, was) in change.changed_contacts.get(contact.id, {}).items():
            if name in CONTACT_FIELDS:
                setattr(contact, name, was)
        if chosen := verdict.people.get(contact.id):
            back = own_fields.audited(await contact_fields.settle(work, contact, chosen))
            change_of = {**whose(contact), **back}
            audit.record(work, "contact.edited", "customer", customer.id, change_of)
    own = await own_fields.settle(work, customer, verdict.custom) if verdict.custom else {}
    if any(verdict.tags):
        await tagging.exchange(work, customer, *verdict.tags)
    touch(work, customer)
    told = {name: pair for name, pair in fields.items() if name in TITLES or name == "owner_id"}
    told |= own_fields.audited(own)
    audit.record(work, "customer.import_undone", "customer", customer.id, told)
    if "level" in fields:
        note_level(work, customer, *fields["level"], IMPORT_UNDONE)
    if owner is not None:
        work.session.add(
            OwnerChange(
                tenant_id=work.tenant_id, id=new_id(), customer_id=customer.id, at=work.now,
                how=UNDONE, from_id=owner[0], to_id=owner[1], by_id=work.actor.member_id,
                pool_id=customer.pool_id, reason="", due_on=None,
            )
        )  # fmt: skip


def _gone(work: Work, table: Any, which: ColumnElement[bool]) -> Any:
    held = cast(Table, table.__table__)
    return (
        delete(table)
        .where(and_(held.c.tenant_id == work.tenant_id, which))
        .execution_options(synchronize_session=False)
    )
