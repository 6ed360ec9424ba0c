"""The tree of departments and the people in it, mirrored from the hosts."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..db import ID, Base, UtcDateTime

DEPARTED = text("departed_at IS NOT NULL")


class Department(Base):
    """A node of the tree. `path` is `/id/id/` from the root down to and including itself, so that a
    subtree is a range: everything whose path begins with it."""

    __tablename__ = "department"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "connection_id", "host_department_id"),
        Index("ix_department_tenant_id_path", "tenant_id", "path"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    connection_id: Mapped[str] = mapped_column(ID)
    host_department_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    parent_id: Mapped[str | None] = mapped_column(ID)
    path: Mapped[str] = mapped_column(String(1024))
    position: Mapped[int] = mapped_column(BigInteger, default=0)  # the host's own order
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Member(Base):
    """A person in the tenant. `state` is `active`, `suspended` or `departed`; `language` is the one
    (`zh` or `en`) that he chose last, on his page or in the chat.

    `merged_into_id`: two hosts had him and we did not know that it was one person; this is the
    record that goes on.
    """

    __tablename__ = "member"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index(
            "ix_member_departed",
            "tenant_id",
            "departed_at",
            sqlite_where=DEPARTED,
            postgresql_where=DEPARTED,
        ),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    name: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(32))
    email: Mapped[str | None] = mapped_column(String(200))
    title: Mapped[str | None] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(16), default="active")
    main_department_id: Mapped[str | None] = mapped_column(ID)
    direct_leader_id: Mapped[str | None] = mapped_column(ID)
    language: Mapped[str] = mapped_column(String(8), default="zh")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    departed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    merged_into_id: Mapped[str | None] = mapped_column(ID)


class MemberIdentity(Base):
    """Who a member is on one host. One member may have identities on several hosts.

    `phone` is the mobile number that this host's directory gives, in one form (+86…), or "".
    `told_leader` is the userid of the direct leader whom this host names, "" when it names none,
    and None for as long as that was not read. `left_at`: this host does not have him any more.
    Without a host that has him he is departed.
    """

    __tablename__ = "member_identity"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "connection_id", "host_user_id"),
        Index("ix_member_identity_tenant_id_member_id", "tenant_id", "member_id"),
        Index("ix_member_identity_tenant_id_phone", "tenant_id", "phone"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    connection_id: Mapped[str] = mapped_column(ID)
    host_user_id: Mapped[str] = mapped_column(String(128))
    member_id: Mapped[str] = mapped_column(ID)
    union_id: Mapped[str] = mapped_column(String(128), default="")
    phone: Mapped[str] = mapped_column(String(32), default="", server_default="")
    told_leader: Mapped[str | None] = mapped_column(String(128))
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Membership(Base):
    """One member in one department; he may lead it."""

    __tablename__ = "membership"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "member_id", "department_id"),
        Index("ix_membership_tenant_id_department_id", "tenant_id", "department_id"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    member_id: Mapped[str] = mapped_column(ID)
    department_id: Mapped[str] = mapped_column(ID)
    is_leader: Mapped[bool] = mapped_column(Boolean, default=False)


class MemberRole(Base):
    """A role that was given to a member: a built-in one of `field_ops.access.roles`, or one that
    the company made."""

    __tablename__ = "member_role"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "member_id", "role"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    member_id: Mapped[str] = mapped_column(ID)
    role: Mapped[str] = mapped_column(String(32))


class MadeRole(Base):
    """A role that a company made. `definition` is JSON, which `field_ops.access.roles` reads: its
    title, its permissions, and how far it sees in each module."""

    __tablename__ = "made_role"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "code"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(String(32))
    definition: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SyncRun(Base):
    """One reading of a host's organisation, with what it changed. `state`: done, halted, failed."""

    __tablename__ = "sync_run"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index("ix_sync_run_tenant_id_connection_id", "tenant_id", "connection_id", "started_at"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    connection_id: Mapped[str] = mapped_column(ID)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(16))
    report: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)


class SyncState(Base):
    """How often the organisation of a tenant was written. Whoever writes it locks this row; whoever
    compared an older revision compares again."""

    __tablename__ = "sync_state"
    __table_args__ = (PrimaryKeyConstraint("tenant_id"),)

    tenant_id: Mapped[int] = mapped_column(Integer, autoincrement=False)
    revision: Mapped[int] = mapped_column(Integer)


class SyncReading(Base):
    """A full reading of a host's organisation that is not applied yet: under way, or interrupted.

    `touched_at`: when the reader last kept an answer. None says that he gave up.
    """

    __tablename__ = "sync_reading"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index("ix_sync_reading_tenant_id_connection_id", "tenant_id", "connection_id"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    connection_id: Mapped[str] = mapped_column(ID)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    touched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SyncAnswer(Base):
    """One answer of the host within a reading, so that it is not asked twice. Gone when applied.

    `kind` is `departments` (asked at `host_id`), `members` (of that department), `member`, or
    `department` (read by itself meanwhile).
    """

    __tablename__ = "sync_answer"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "reading_id", "kind", "host_id"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    reading_id: Mapped[str] = mapped_column(ID)
    kind: Mapped[str] = mapped_column(String(16))
    host_id: Mapped[str] = mapped_column(String(128))
    answer: Mapped[bytes] = mapped_column(LargeBinary)


class SyncHint(Base):
    """The host said that something changed here: read it again. Several hints are one reading."""

    __tablename__ = "sync_hint"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "connection_id", "kind", "host_id"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    connection_id: Mapped[str] = mapped_column(ID)
    kind: Mapped[str] = mapped_column(String(16))  # member, department or confirmed
    host_id: Mapped[str] = mapped_column(String(128))
    noticed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Session(Base):
    """A signed-in page. The cookie holds its id, signed; ending it here ends it everywhere."""

    __tablename__ = "session"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index("ix_session_tenant_id_member_id", "tenant_id", "member_id"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    member_id: Mapped[str] = mapped_column(ID)
    connection_id: Mapped[str] = mapped_column(ID)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    device_id: Mapped[str] = mapped_column(String(128), default="")


class UsedSignInCode(Base):
    """A host's sign-in code (its hash) that was spent here: a second use is refused unasked."""

    __tablename__ = "used_sign_in_code"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "connection_id", "code_hash"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    connection_id: Mapped[str] = mapped_column(ID)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime] = mapped_column(UtcDateTime)
