"""Spreadsheets that somebody brought in: one row per batch, and what became of each of its rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    and_,
    or_,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..access.scope import Scope
from ..db import ID, Base, UtcDateTime

# What the worker has to do; everything else waits for a person or is over.
WORKED_ON = text("state IN ('checking', 'running', 'undoing')")


class ImportBatch(Base):
    """A file of customers on its way in. The file itself lies in the file store.

    `state`: draft, checking, running, done, cancelled, failed, undoing, undone. `member_id` None is
    the command line. `header` and `samples` are the first rows as texts, `header_row` is the row of
    the header in the file. `mapping` says which column is which field, `mode` and `key` how a row
    meets a customer that is there already; `system` is the one whose ids are in the file.

    `run` counts checks and runs: the rows of each are kept apart, so that a worker that takes over
    goes on behind `done`, and nothing has to be cleared before. `counts` is by outcome, of the
    present run; `checked` those of the last check, while mapping, mode and key are as they were.
    """

    __tablename__ = "import_batch"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index(
            "ix_import_batch_worked_on",
            "tenant_id",
            "id",
            sqlite_where=WORKED_ON,
            postgresql_where=WORKED_ON,
        ),
        Index("ix_import_batch_tenant_id_member_id_id", "tenant_id", "member_id", "id"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    member_id: Mapped[str | None] = mapped_column(ID)
    via: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(8))
    file_name: Mapped[str] = mapped_column(String(200))
    size_bytes: Mapped[int] = mapped_column(Integer)
    header: Mapped[list[str]] = mapped_column(JSON)
    header_row: Mapped[int] = mapped_column(Integer)
    samples: Mapped[list[list[str]]] = mapped_column(JSON)
    mapping: Mapped[dict[str, int]] = mapped_column(JSON)
    mapped_by: Mapped[str] = mapped_column(String(32), default="")
    mode: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(16))
    system: Mapped[str] = mapped_column(String(100), default="", server_default="")
    skip_errors: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(16))
    run: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer)
    done: Mapped[int] = mapped_column(Integer, default=0)
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    checked: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    taken_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[str | None] = mapped_column(ID)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    file_gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def in_scope(cls, scope: Scope) -> ColumnElement[bool]:
        """Who brought it, and whoever sees the whole company: an import concerns all of it."""
        if scope.sees_all:
            return true()
        return and_(cls.member_id.is_not(None), or_(cls.member_id == scope.member_id))


class ImportRow(Base):
    """What became of a row of the file in one run: created, updated, same, skipped or wrong.

    `reasons` are pairs of Chinese and English. `before` is what an undo needs: of each field
    what it was and what it became, and the contacts and places that came with the row. `undone`
    says what the undo did: removed, restored, kept (`kept` says why), or "" before.
    A check writes only the rows that somebody has to look at.
    """

    __tablename__ = "import_row"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "batch_id", "run", "number"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    batch_id: Mapped[str] = mapped_column(ID)
    run: Mapped[int] = mapped_column(Integer)
    number: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str] = mapped_column(String(16))
    customer_id: Mapped[str | None] = mapped_column(ID)
    reasons: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    undone: Mapped[str] = mapped_column(String(16), default="", server_default="")
    kept: Mapped[list[list[str]]] = mapped_column(JSON, default=list)


class ImportMapping(Base):
    """How a company read a header before: the next file with the same one is read alike."""

    __tablename__ = "import_mapping"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "header_key"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    header_key: Mapped[str] = mapped_column(String(64))
    mapping: Mapped[dict[str, int]] = mapped_column(JSON)
    mode: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(16))
    system: Mapped[str] = mapped_column(String(100), default="", server_default="")
    used_at: Mapped[datetime] = mapped_column(UtcDateTime)
