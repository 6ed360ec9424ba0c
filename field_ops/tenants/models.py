"""The customer organisations themselves. Everything else belongs to one of them."""

from datetime import datetime, time

from sqlalchemy import Integer, String, Text, Time, true
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, UtcDateTime

UNNAMED_COMPANY = "我的企业"  # until the first sync tells the name of the root department


class Tenant(Base):
    """One customer organisation, bound to one or more host workspaces. All data belongs to one.

    Pushes go out between `pushes_from` and `pushes_until` of a work day, at most `pushes_a_day` to
    one member; what is urgent or was asked for goes at once. `leaders_oversee`: who leads a
    department sees the records of everybody in it and below, whatever his roles say. `pool_fields`:
    what its pools show before a claim, as `access.fields` writes it; whoever acts brings it along.
    """

    __tablename__ = "tenant"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(200))
    zone: Mapped[str] = mapped_column(String(64), default="Asia/Shanghai")
    leaders_oversee: Mapped[bool] = mapped_column(default=True, server_default=true())
    pool_fields: Mapped[str] = mapped_column(Text, default="", server_default="")
    currency: Mapped[str] = mapped_column(String(3), default="CNY")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    pushes_from: Mapped[time] = mapped_column(Time, default=time(8), server_default="08:00:00")
    pushes_until: Mapped[time] = mapped_column(Time, default=time(21), server_default="21:00:00")
    pushes_a_day: Mapped[int] = mapped_column(Integer, default=8, server_default="8")
