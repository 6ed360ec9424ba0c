"""A connected host workspace: which company, which host, with which credentials."""

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    Date,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..db import ID, Base, UtcDateTime


class HostConnection(Base):
    """`name` is the part of the callback address (`default`, `demo`), unique for one host.

    `credentials` are encrypted with the secret key. `base_urls` is JSON, empty for the real hosts.
    A connection whose credentials the host rejected is paused until somebody fixes them.
    `services` are the names of the host services that somebody switched on.
    """

    __tablename__ = "host_connection"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        # Global on purpose: the callback address names host and connection, not the tenant.
        UniqueConstraint("host", "name"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    host: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(64))
    corp_id: Mapped[str] = mapped_column(String(128))
    credentials: Mapped[bytes] = mapped_column(LargeBinary)
    base_urls: Mapped[str] = mapped_column(String(2000), default="{}")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_reason: Mapped[str] = mapped_column(String(500), default="")
    services: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ServicePause(Base):
    """A service that the host refuses to a connection: the permission is missing, say.

    The connection itself goes on. The service is tried again at `retry_at`; what succeeds then, or
    a person who switches the service, takes the row away.
    """

    __tablename__ = "service_pause"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "connection_id", "service"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    connection_id: Mapped[str] = mapped_column(ID)
    service: Mapped[str] = mapped_column(String(32))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(500))
    code: Mapped[str] = mapped_column(String(128), default="")
    retry_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ServiceUse(Base):
    """What a service cost a connection on one day: all calls, or what was made for one member.

    `host_user_id` is "" in the row of the whole app.
    """

    __tablename__ = "service_use"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "connection_id", "service", "day", "host_user_id"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    connection_id: Mapped[str] = mapped_column(ID)
    service: Mapped[str] = mapped_column(String(32))
    day: Mapped[date] = mapped_column(Date)
    host_user_id: Mapped[str] = mapped_column(String(128))
    calls: Mapped[int] = mapped_column(Integer)
    made: Mapped[int] = mapped_column(Integer)


class Lease(Base):
    """Leadership over something that only one process may do. Global: it names its own subject.

    `says` is what the holder tells about it, `since` since when he holds it and says so.
    """

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(128), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    says: Mapped[str] = mapped_column(String(16), default="", server_default="")
    since: Mapped[datetime | None] = mapped_column(UtcDateTime)
