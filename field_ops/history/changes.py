"""What changed, in the order of the commits: for copies in other systems, and for their webhooks.

Two transactions may commit in another order than they began. Whoever asks by the clock what was
changed since then misses the one that began first and ended last. So a change gets its moment and
its number as the very last thing before the commit, under a lock of the tenant that the commit
releases: who sees a change sees all with smaller moments and numbers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import case, insert, inspect, select, update

from ..db import do_last, insert_into
from ..work import Work
from .models import AuditEntry, Change, ChangeClock

FOLLOWED = frozenset({"customer", "visit", "plan"})  # subjects of which other systems are told
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ROWS_AT_ONCE = 500
PENDING = "changes"  # in the info of a session


class Moved(Protocol):
    """A table whose `updated_at` is in the order of the commits."""

    tenant_id: Any
    id: Any
    updated_at: Any


@dataclass(frozen=True, slots=True)
class Told:
    """A change that has no audit entry of its own."""

    action: str
    subject: str
    subject_id: str


@dataclass(slots=True)
class _Pending:
    """What one transaction changed for one tenant."""

    work: Work
    told: list[AuditEntry | Told] = field(default_factory=list)
    moved: dict[type[Moved], set[str]] = field(default_factory=dict)


def audited(work: Work, entry: AuditEntry) -> None:
    """Tell other systems what the audit trail tells, where its subject is followed."""
    if entry.subject in FOLLOWED:
        _pending(work).told.append(entry)


def happened(work: Work, action: str, subject: str, subject_ids: Iterable[str]) -> None:
    """Tell other systems what has no audit entry of its own."""
    _pending(work).told += [Told(action, subject, one) for one in subject_ids]


def moved(work: Work, table: type[Moved], ids: Iterable[str]) -> None:
    """These rows, which this transaction wrote, get the moment of the commit as `updated_at`."""
    # Written, and thereby locked, before: else two who settle could wait for each other.
    _pending(work).moved.setdefault(table, set()).update(ids)


async def settled_up_to(work: Work) -> datetime:
    """No change gets this moment or an earlier one any more. Ask before reading the rows."""
    last = await work.session.scalar(
        select(ChangeClock.last_us).where(ChangeClock.tenant_id == work.tenant_id)
    )
    return moment(last or 0)


def moment(us: int) -> datetime:
    return EPOCH + timedelta(microseconds=us)


def _pending(work: Work) -> _Pending:
    by_tenant: dict[int, _Pending] = work.session.info.setdefault(PENDING, {})
    if work.tenant_id not in by_tenant:
        mine = by_tenant[work.tenant_id] = _Pending(work)
        do_last(work.session, f"changes-{work.tenant_id}", lambda: _settle(mine))
    return by_tenant[work.tenant_id]


async def _settle(pending: _Pending) -> None:
    work = pending.work
    work.session.info[PENDING].pop(work.tenant_id)
    await work.session.flush()
    told = [one for one in pending.told if _stands(one)]
    if not told and not pending.moved:
        return
    at_us, last = await _advance(work, len(told))
    for table, ids in pending.moved.items():
        await _stamp(work, table, sorted(ids), moment(at_us))
    rows = [
        {
            "tenant_id": work.tenant_id,
            "number": last - len(told) + place,
            "at": moment(at_us),
            "action": one.action,
            "subject": one.subject,
            "subject_id": one.subject_id,
            "entry_id": one.id if isinstance(one, AuditEntry) else None,
        }
        for place, one in enumerate(told, start=1)
    ]
    if rows:
        await work.session.execute(insert(Change), rows)


def _stands(one: AuditEntry | Told) -> bool:
    """A savepoint may have taken the entry back."""
    return isinstance(one, Told) or bool(inspect(one).persistent)


async def _advance(work: Work, count: int) -> tuple[int, int]:
    """The moment of this transaction, and the last of its `count` numbers."""
    now_us = (work.now - EPOCH) // timedelta(microseconds=1)
    first = insert_into(work.session, ChangeClock).values(
        tenant_id=work.tenant_id, last_us=now_us, number=count
    )
    later = case((ChangeClock.last_us >= now_us, ChangeClock.last_us + 1), else_=now_us)
    found = await work.session.execute(
        first.on_conflict_do_update(
            index_elements=["tenant_id"],
            set_={"last_us": later, "number": ChangeClock.number + count},
        )
        .returning(ChangeClock.last_us, ChangeClock.number)
        .execution_options(synchronize_session=False)
    )
    at_us, last = found.one()
    return int(at_us), int(last)


async def _stamp(work: Work, table: type[Moved], ids: Sequence[str], at: datetime) -> None:
    for start in range(0, len(ids), ROWS_AT_ONCE):
        await work.session.execute(
            update(table)
            .where(
                table.tenant_id == work.tenant_id, table.id.in_(ids[start : start + ROWS_AT_ONCE])
            )
            .values(updated_at=at)
            .execution_options(synchronize_session=False)
        )
