"""Which transfers there were, and what came of each."""

from collections.abc import Sequence

from sqlalchemy import func, select

from ..access import reaches, require
from ..people.models import Member
from ..work import Work
from .choosing import MAY
from .models import BACK, GOES_BACK, KEPT, MOVED, MOVING, RETURNING, Transfer, TransferItem

MOST = 50


async def transfers(work: Work) -> Sequence[Transfer]:
    """Those of customers of whom I look over, the newest first."""
    require(work, MAY)
    mine = select(Member.id).where(
        Member.tenant_id == work.tenant_id, reaches(work, MAY, Member.id)
    )
    found = await work.session.scalars(
        select(Transfer)
        .where(Transfer.tenant_id == work.tenant_id, Transfer.from_id.in_(mine))
        .order_by(Transfer.id.desc())
        .limit(MOST)
    )
    return found.all()


async def outcome(work: Work, transfer_ids: Sequence[str]) -> dict[str, tuple[int, list[str]]]:
    """By transfer: how many customers moved, and who got some."""
    rows = await work.session.execute(
        select(TransferItem.transfer_id, TransferItem.to_id, TransferItem.state, func.count())
        .where(TransferItem.tenant_id == work.tenant_id, TransferItem.transfer_id.in_(transfer_ids))
        .group_by(TransferItem.transfer_id, TransferItem.to_id, TransferItem.state)
        .order_by(TransferItem.to_id)
    )
    found: dict[str, tuple[int, list[str]]] = {}
    for transfer_id, to_id, state, count in rows:
        moved, receivers = found.get(transfer_id, (0, []))
        moved += count if state in (MOVED, GOES_BACK, BACK, KEPT) else 0
        found[transfer_id] = moved, list(dict.fromkeys([*receivers, to_id]))
    return found


async def is_any_under_way(work: Work) -> bool:
    """Whether the worker has something to do; asked without keeping any writer waiting."""
    asked = select(Transfer.id).where(
        Transfer.tenant_id == work.tenant_id, Transfer.state.in_((MOVING, RETURNING))
    )
    return await work.session.scalar(asked.limit(1)) is not None


async def under_way(work: Work) -> Transfer | None:
    """The oldest that is not finished, for the worker."""
    found: Transfer | None = await work.session.scalar(
        select(Transfer)
        .where(Transfer.tenant_id == work.tenant_id, Transfer.state.in_((MOVING, RETURNING)))
        .order_by(Transfer.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return found
