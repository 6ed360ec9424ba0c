"""Days on which the company works, where they differ from Monday to Friday."""

from datetime import date

from sqlalchemy import Boolean, Date, Integer, PrimaryKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import ID, Base


class CalendarDay(Base):
    """An organisation's own day: it wins over the statutory calendar (domain.md §12.4)."""

    __tablename__ = "calendar_day"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "day"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    day: Mapped[date] = mapped_column(Date)
    is_work_day: Mapped[bool] = mapped_column(Boolean)
    name: Mapped[str] = mapped_column(String(100), default="")


class Absence(Base):
    """A member is away from one day to another, both included: on leave, or on a trip."""

    __tablename__ = "absence"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "member_id", "first_day"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    member_id: Mapped[str] = mapped_column(ID)
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
