"""Asking for an export: who may, how many rows, and that it stands in the audit log."""

from collections.abc import Sequence

from sqlalchemy import func, select

from ..access import require, visible, visible_to_do
from ..customers.filters import conditions_of
from ..customers.models import Customer
from ..db import new_id
from ..history import audit
from ..work import Work
from .errors import TooManyExports, TooManyRowsForXlsx
from .models import OPEN, Export
from .schemas import ExportIn

MOST_WAITING = 5  # per member
LISTED = 20
MOST_XLSX_ROWS = 1_000_000  # Excel itself: 1 048 576, of which some are ours


async def ask(work: Work, wanted: ExportIn) -> Export:
    """Ask for a file with the customers that the asker may see. Needs `customers.export`.

    Phones are masked unless he has `customers.export_sensitive` and wants them. The rows are read
    when the file is written.
    """
    for permission in needed(not wanted.with_phones):
        require(work, permission)
    waiting = await work.session.scalar(
        select(func.count())
        .select_from(Export)
        .where(Export.tenant_id == work.tenant_id, Export.member_id == work.actor.me, OPEN)
    )
    if (waiting or 0) >= MOST_WAITING:
        raise TooManyExports(limit=MOST_WAITING)
    counted = await _count(work, wanted)
    if wanted.format == "xlsx" and counted > MOST_XLSX_ROWS:
        raise TooManyRowsForXlsx(limit=MOST_XLSX_ROWS)
    export = Export(
        tenant_id=work.tenant_id,
        id=new_id(),
        member_id=work.actor.me,
        what="customers",
        format=wanted.format,
        language=work.actor.language,
        filters=wanted.filters.model_dump(mode="json", exclude_none=True),
        masks_phones=not wanted.with_phones,
        state="waiting",
        counted=counted,
        rows=0,
        attempts=0,
        asked_at=work.now,
    )
    work.session.add(export)
    note(work, "export.asked", export.id, export.filters, counted, masked=export.masks_phones)
    return export


async def recent(work: Work) -> Sequence[Export]:
    """The last exports of the asker, the newest first. Needs `customers.export`."""
    require(work, "customers.export")
    found = await work.session.scalars(
        visible(work, Export)
        .where(Export.member_id == work.actor.me)
        .order_by(Export.id.desc())
        .limit(LISTED)
    )
    return found.all()


def needed(masks_phones: bool) -> tuple[str, ...]:
    """The permissions that an export needs; it reaches as far as all of them do."""
    both = ("customers.export", "customers.export_sensitive")
    return both[:1] if masks_phones else both


async def _count(work: Work, wanted: ExportIn) -> int:
    rows = visible_to_do(work, Customer, *needed(not wanted.with_phones))
    ids = rows.where(*await conditions_of(work, wanted.filters)).with_only_columns(Customer.id)
    return await work.session.scalar(select(func.count()).select_from(ids.subquery())) or 0


def note(
    work: Work, action: str, export_id: str, filters: dict[str, object], rows: int, *, masked: bool
) -> None:
    """Who took how many customers out, which ones, and whether with their phones."""
    change = {
        "filters": (None, filters),
        "rows": (None, rows),
        "phones_masked": (None, masked),
    }
    audit.record(work, action, "export", export_id, change)
