"""What was kept of the hosts' own attendance records, and how far they were read."""

from datetime import datetime

from sqlalchemy import ColumnElement, Float, Index, Integer, PrimaryKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from ..access.scope import Scope
from ..db import ID, Base, UtcDateTime


class HostAttendanceEvent(Base):
    """A punch or sign-in that a member made with his host, beside one end of a visit of his.

    `says` is `for` (he was where he checked in) or `against` (the host suspects the position).
    `lat` and `lng` are WGS-84, as they were compared; `datum` is "" where the host does not say in
    which one it gave the original pair. `abnormal` are its marks, joined by commas.
    """

    __tablename__ = "host_attendance_event"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "connection_id", "key"),
        Index("ix_host_attendance_event_tenant_id_visit_id", "tenant_id", "visit_id", "at"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    connection_id: Mapped[str] = mapped_column(ID)
    key: Mapped[str] = mapped_column(String(200))
    host: Mapped[str] = mapped_column(String(32))
    member_id: Mapped[str] = mapped_column(ID)
    visit_id: Mapped[str] = mapped_column(ID)
    end: Mapped[str] = mapped_column(String(16))
    says: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(16))
    abnormal: Mapped[str] = mapped_column(String(64), default="")
    place: Mapped[str] = mapped_column(String(200), default="")
    lat: Mapped[float | None] = mapped_column(Float)
    lng: Mapped[float | None] = mapped_column(Float)
    original_lat: Mapped[float | None] = mapped_column(Float)
    original_lng: Mapped[float | None] = mapped_column(Float)
    datum: Mapped[str] = mapped_column(String(8), default="")
    distance_m: Mapped[float | None] = mapped_column(Float)
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def in_scope(cls, scope: Scope) -> ColumnElement[bool]:
        """Whose member is."""
        return scope.covers(cls.member_id)


class AttendanceReading(Base):
    """How far the records of one connection were read. `looked_back_at`: when also those that came
    late were looked for."""

    __tablename__ = "attendance_reading"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "connection_id"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    connection_id: Mapped[str] = mapped_column(ID)
    read_until: Mapped[datetime] = mapped_column(UtcDateTime)
    looked_back_at: Mapped[datetime] = mapped_column(UtcDateTime)
