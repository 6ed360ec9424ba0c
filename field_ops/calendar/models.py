"""Days on which the company works, where they differ from Monday to Friday."""

from datetime import date

from sqlalchemy import Boolean, Date, Integer, PrimaryKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base


class CalendarDay(Base):
    """An organisation's own day: it wins over the statutory calendar (domain.md §12.4)."""

    __tablename__ = "calendar_day"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "day"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    day: Mapped[date] = mapped_column(Date)
    is_work_day: Mapped[bool] = mapped_column(Boolean)
    name: Mapped[str] = mapped_column(String(100), default="")
