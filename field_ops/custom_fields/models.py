"""Fields that a company defines for its records, and what their values are found by."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, PrimaryKeyConstraint, String, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import ID, Base, UtcDateTime

CUSTOMER, CONTACT = "customer", "contact"
OBJECTS = (CUSTOMER, CONTACT)

# Compared by their bytes on both databases; a language's own order would differ between machines.
COMPARED = String(200).with_variant(String(200, collation="C"), "postgresql")
BY_TEXT, BY_NUMBER = text("text IS NOT NULL"), text("number IS NOT NULL")


class FieldSet(Base):
    """All fields of one object. `version` is another one after each change, so that every process
    sees it with its next question, and who changes the set keeps others waiting by this row.

    `computed_to`: formulas are being computed anew, and this is the last record that was; None when
    all are. `said_to`: the same of the texts by which records are looked up.
    """

    __tablename__ = "field_set"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "object"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    object: Mapped[str] = mapped_column(String(16))
    version: Mapped[str] = mapped_column(ID)
    computed_to: Mapped[str | None] = mapped_column(ID)
    said_to: Mapped[str | None] = mapped_column(ID)


class FieldDefinition(Base):
    """A field. `spec` is a `FieldSpec`; `number` stands for it beside its values; `position` is its
    place among the others; `revision` counts changes, so that two who edit at once are told.
    """

    __tablename__ = "field_definition"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "object", "key"),
        Index("uq_field_definition_number", "tenant_id", "number", unique=True),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    object: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(32))
    number: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer)
    spec: Mapped[dict[str, Any]] = mapped_column(JSON)
    revision: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class FieldValue(Base):
    """What a record is found and sorted by; the values themselves stand in the record's own row.

    `field` is the number of the definition; a choice of several has a row for each. `number` is in
    millionths. Of a value that cannot be compared only that it is there is known: `text` is "".
    """

    __tablename__ = "field_value"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "record_id", "field", "place"),
        Index(
            "ix_field_value_text",
            "tenant_id",
            "field",
            "text",
            "record_id",
            sqlite_where=BY_TEXT,
            postgresql_where=BY_TEXT,
        ),
        Index(
            "ix_field_value_number",
            "tenant_id",
            "field",
            "number",
            "record_id",
            sqlite_where=BY_NUMBER,
            postgresql_where=BY_NUMBER,
        ),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    record_id: Mapped[str] = mapped_column(ID)
    field: Mapped[int] = mapped_column(Integer)
    place: Mapped[int] = mapped_column(Integer)
    text: Mapped[str | None] = mapped_column(COMPARED)
    number: Mapped[int | None] = mapped_column(BigInteger)
