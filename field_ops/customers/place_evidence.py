"""Which check-ins a place rests on, or would rest on."""

from collections.abc import Collection, Iterable

from sqlalchemy import PrimaryKeyConstraint, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Integer

from ..db import ID, Base, insert_into
from ..work import Work


class PlaceEvidence(Base):
    """The check-in of this visit speaks for this place. Of a place that was confirmed they stay as
    they were then, whatever is found out about a visit later."""

    __tablename__ = "place_evidence"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "location_id", "visit_id"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    location_id: Mapped[str] = mapped_column(ID)
    visit_id: Mapped[str] = mapped_column(ID)


async def rest_on(work: Work, location_id: str, visit_ids: Iterable[str]) -> None:
    """From now on it rests on these and no others."""
    await work.session.execute(
        delete(PlaceEvidence).where(
            PlaceEvidence.tenant_id == work.tenant_id, PlaceEvidence.location_id == location_id
        )
    )
    rows = [
        {"tenant_id": work.tenant_id, "location_id": location_id, "visit_id": one}
        for one in visit_ids
    ]
    if rows:
        await work.session.execute(insert_into(work.session, PlaceEvidence).values(rows))


async def counts_of(work: Work, location_ids: Collection[str]) -> dict[str, int]:
    """How many check-ins each of these places rests on, where it is any."""
    if not location_ids:
        return {}
    found = await work.session.execute(
        select(PlaceEvidence.location_id, func.count().label("check_ins"))
        .where(
            PlaceEvidence.tenant_id == work.tenant_id,
            PlaceEvidence.location_id.in_(location_ids),
        )
        .group_by(PlaceEvidence.location_id)
    )
    return {row.location_id: row.check_ins for row in found}
