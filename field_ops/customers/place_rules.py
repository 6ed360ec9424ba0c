"""When check-ins confirm a place, and how far it moves without being asked (domain.md §4.5)."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import JSON, Integer, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..access import require
from ..db import ID, Base, UtcDateTime
from ..history import audit
from ..work import Work

CONFIGURE = "customers.configure"


class PlaceRules(BaseModel):
    """The figures of a company; what is left out is as usual."""

    model_config = ConfigDict(extra="forbid")

    check_ins: int = Field(3, ge=2, le=10, description="So many that agree confirm a place")
    days: int = Field(2, ge=1, le=10, description="On at least so many different days")
    within_m: int = Field(
        100, ge=20, le=500, description="Metres between any two of them, and to what was proposed"
    )
    free_move_m: int = Field(
        200, ge=0, le=2_000, description="Metres; who moves a confirmed place further asks a lead"
    )


class PlaceRuleSet(Base):
    """The rules of a company, where they are not the usual ones."""

    __tablename__ = "place_rules"
    __table_args__ = (PrimaryKeyConstraint("tenant_id"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    rules: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    changed_by: Mapped[str | None] = mapped_column(ID)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


async def rules_of(work: Work) -> PlaceRules:
    """The company's, or the usual ones."""
    row = await work.session.get(PlaceRuleSet, work.tenant_id)
    return PlaceRules.model_validate(row.rules) if row else PlaceRules()


async def set_rules(work: Work, rules: PlaceRules) -> None:
    """Needs `customers.configure`. Counts from the next check-in on."""
    require(work, CONFIGURE)
    row = await work.session.get(PlaceRuleSet, work.tenant_id)
    if row is None:
        row = PlaceRuleSet(tenant_id=work.tenant_id)
        work.session.add(row)
    before = row.rules
    row.rules = rules.model_dump(mode="json")
    row.changed_by, row.changed_at = work.actor.member_id, work.now
    audit.record(work, "places.configured", "tenant", "", {"rules": (before, row.rules)})
    await work.session.flush()
