"""Territories: named areas of a company, each with the member who looks after it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Integer, PrimaryKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import ID, Base, UtcDateTime


class Territory(Base):
    """`divisions`: cities and districts of theirs (`areas.Division`). `outline`: the corners of a
    polygon as they came, (latitude, longitude) in `datum`. Of several that a customer lies in, the
    first `position` counts.
    """

    __tablename__ = "territory"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "id"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    name: Mapped[str] = mapped_column(String(100))
    owner_id: Mapped[str] = mapped_column(ID)
    position: Mapped[int] = mapped_column(Integer, default=0)
    divisions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    outline: Mapped[list[list[float]]] = mapped_column(JSON, default=list)
    datum: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
