"""Where contacts came from and went to, when one of the two customers becomes another."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import update

from ..contacts.models import ContactMove
from ..work import Work

NAME = "contact_move"
ENDS = ("from_id", "to_id")


async def move(work: Work, from_id: str, to_id: str) -> dict[str, list[str]]:
    """Whoever came from or went to the loser came from or went to the master; which they were."""
    return {end: await _rename(work, end, from_id, to_id) for end in ENDS}


async def move_back(
    work: Work, moved: Mapping[str, Sequence[str]], master_id: str, loser_id: str
) -> None:
    for end in ENDS:
        await _rename(work, end, master_id, loser_id, ContactMove.id.in_(moved[end]))


async def _rename(work: Work, end: str, before: str, after: str, *which: Any) -> list[str]:
    column = getattr(ContactMove, end)
    ids = await work.session.scalars(
        update(ContactMove)
        .where(ContactMove.tenant_id == work.tenant_id, column == before, *which)
        .values({column: after})
        .returning(ContactMove.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(ids)
