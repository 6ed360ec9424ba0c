"""Customers, whom to talk to there, and where they are."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    Float,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    and_,
    false,
    or_,
    select,
    text,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, aliased, mapped_column

from ..access.scope import Scope
from ..db import ID, Base, UtcDateTime
from ..geo import Point

CONFIRMED = text("status = 'confirmed'")
MAIN_DOOR = "main"
OTHER_DOORS = text("status = 'confirmed' AND door <> 'main'")
MOVES = text("status = 'proposed' AND replaces_id IS NOT NULL")
UNOWNED = text("owner_id IS NULL")
REMOVED = text("removed_at IS NOT NULL")
MERGED = text("merged_into IS NOT NULL")


class Customer(Base):
    """An organisation or person that we sell to. `owner_id` None means: in the pool `pool_id`, or
    in the company's own where that is None. `owner_since` and `owner_how` (`owner_changes`) say
    when and how that came about; None where it is so since its creation.

    `full_name_key`, `core_name`, `phone_key` and `mail_domain` ("" for a public mailbox) are
    normalised for finding duplicates (domain.md §7.4). `credit_code` is the unified social credit
    code (GB 32100). `is_branch`: somebody said that it is a branch of a company of the same name;
    of which one, where that is known, a relation says (`relations.py`). `place_class`:
    street_store, mall, office, campus, site or other (§4.3).
    `custom`: the values of the company's own fields (`custom_fields`), without empty ones.
    `revision` counts changes, so that two people who edit at once are told. `merged_into` is the
    customer that this one turned out to be: its id and number lead there.
    """

    __tablename__ = "customer"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "number"),
        Index("ix_customer_tenant_id_owner_id", "tenant_id", "owner_id"),
        Index("ix_customer_tenant_id_full_name_key", "tenant_id", "full_name_key"),
        Index("ix_customer_tenant_id_phone_key", "tenant_id", "phone_key"),
        Index("ix_customer_tenant_id_core_name", "tenant_id", "core_name"),
        Index("ix_customer_tenant_id_updated_at", "tenant_id", "updated_at", "id"),
        Index("ix_customer_tenant_id_credit_code", "tenant_id", "credit_code"),
        Index("ix_customer_tenant_id_mail_domain", "tenant_id", "mail_domain"),
        # What somebody created and nobody owns is in his sight.
        Index(
            "ix_customer_tenant_id_created_by",
            "tenant_id",
            "created_by",
            "id",
            sqlite_where=UNOWNED,
            postgresql_where=UNOWNED,
        ),
        Index(
            "ix_customer_tenant_id_merged_into",
            "tenant_id",
            "merged_into",
            sqlite_where=MERGED,
            postgresql_where=MERGED,
        ),
        # Who keeps a copy asks what is gone, in the order of the changes.
        Index(
            "ix_customer_removed",
            "tenant_id",
            "updated_at",
            "id",
            sqlite_where=REMOVED,
            postgresql_where=REMOVED,
        ),
        Index(
            "ix_customer_pool",
            "tenant_id",
            "id",
            sqlite_where=UNOWNED,
            postgresql_where=UNOWNED,
        ),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    number: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    full_name_key: Mapped[str] = mapped_column(String(200))
    core_name: Mapped[str] = mapped_column(String(200))
    customer_kind: Mapped[str] = mapped_column(String(16), default="company")
    type: Mapped[str] = mapped_column(String(16), default="customer")
    level: Mapped[str] = mapped_column(String(1), default="C")
    lifecycle_stage: Mapped[str] = mapped_column(String(16), default="potential")
    place_class: Mapped[str] = mapped_column(String(16), default="other")
    radius_m: Mapped[int | None] = mapped_column(Integer)
    phone: Mapped[str] = mapped_column(String(64), default="")
    phone_key: Mapped[str] = mapped_column(String(32), default="")
    credit_code: Mapped[str] = mapped_column(String(18), default="", server_default="")
    email: Mapped[str] = mapped_column(String(200), default="", server_default="")
    mail_domain: Mapped[str] = mapped_column(String(200), default="", server_default="")
    is_branch: Mapped[bool] = mapped_column(default=False, server_default=false())
    city: Mapped[str] = mapped_column(String(64), default="")
    address: Mapped[str] = mapped_column(String(300), default="")
    source: Mapped[str] = mapped_column(String(32), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    custom: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    owner_id: Mapped[str | None] = mapped_column(ID)
    owner_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    owner_how: Mapped[str] = mapped_column(String(16), default="created", server_default="created")
    pool_id: Mapped[str | None] = mapped_column(ID)
    created_by: Mapped[str | None] = mapped_column(ID)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revision: Mapped[int] = mapped_column(Integer, default=1)
    last_visit_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    merged_into: Mapped[str | None] = mapped_column(ID)

    @classmethod
    def in_scope(cls, scope: Scope) -> ColumnElement[bool]:
        """Owned by somebody in scope; or shared with me; or created by me and still un-owned."""
        mine = select(Collaborator.customer_id).where(
            Collaborator.tenant_id == scope.tenant_id, Collaborator.member_id == scope.member_id
        )
        return and_(
            cls.removed_at.is_(None),
            or_(
                scope.covers(cls.owner_id),
                and_(cls.owner_id.is_(None), cls.created_by == scope.member_id),
                cls.id.in_(mine),
            ),
        )


_of_a_row = aliased(Customer)  # made once: an alias costs more to make than to ask


def is_customer_in_scope(
    customer_id: InstrumentedAttribute[str], scope: Scope
) -> ColumnElement[bool]:
    """Whether the customer that a row belongs to is in scope. It is asked for each row: a list of
    all customers in scope would be made first, and there may be a million."""
    is_it = (
        _of_a_row.tenant_id == scope.tenant_id,
        _of_a_row.id == customer_id,
        _of_a_row.in_scope(scope),
    )
    return select(_of_a_row.id).where(*is_it).correlate_except(_of_a_row).exists()


class CustomerKey(Base):
    """What only one customer of a tenant may have (domain.md §7.4): `code:…` the credit code,
    `name:…`, `phone:+86…`, or `core:武汉:…` who it is in its city.

    The primary key is the promise: of two people who create the same customer in the same second,
    one is told about the other, on both databases.
    """

    __tablename__ = "customer_key"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "key"),
        Index("ix_customer_key_tenant_id_customer_id", "tenant_id", "customer_id"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    key: Mapped[str] = mapped_column(String(220))
    customer_id: Mapped[str] = mapped_column(ID)


class MaskedSight(Base):
    """A customer out of his sight that a member was told about, masked, on a day of the company."""

    __tablename__ = "masked_sight"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "member_id", "day", "customer_id"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    member_id: Mapped[str] = mapped_column(ID)
    day: Mapped[date] = mapped_column(Date)
    customer_id: Mapped[str] = mapped_column(ID)


class CustomerSearch(Base):
    """What a lookup compares with, one narrow row per customer that was not removed.

    `name`, `contacts` (one per line) and `phones` (digits, spaces between) are in matching form;
    so is what stands in `asides`, a line each: a source, a colon and a text.
    `facets` are the values of what is filtered by, a line each (`documents.FACETS`).
    `lat` and `lng` (WGS-84) are the confirmed place, else the newest proposal. The owner and the
    place are here so that rows are told apart and sorted without another table.
    `document` is the number by which `customer_posting` knows the row. It numbers rows of the whole
    database, not of one tenant: the longest known customer has the smallest.
    """

    __tablename__ = "customer_search"
    __table_args__ = (
        UniqueConstraint("tenant_id", "customer_id"),
        Index("ix_customer_search_tenant_id_document", "tenant_id", "document"),
        Index("ix_customer_search_tenant_id_owner_id", "tenant_id", "owner_id", "lat", "lng"),
    )

    document: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    tenant_id: Mapped[int] = mapped_column(Integer)
    customer_id: Mapped[str] = mapped_column(ID)
    number: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(400))
    contacts: Mapped[str] = mapped_column(Text, default="")
    phones: Mapped[str] = mapped_column(Text, default="")
    owner_id: Mapped[str | None] = mapped_column(ID)
    asides: Mapped[str] = mapped_column(Text, default="", server_default="")
    facets: Mapped[str] = mapped_column(Text, default="", server_default="")
    lat: Mapped[float | None] = mapped_column(Float)
    lng: Mapped[float | None] = mapped_column(Float)


class CustomerPosting(Base):
    """The documents that have a term, in blocks (`postings.py`): a compressed bitmap each."""

    __tablename__ = "customer_posting"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "term", "block"),
        {"sqlite_with_rowid": False},  # the key alone finds a row, and half of the table is keys
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    term: Mapped[int] = mapped_column(BigInteger)
    block: Mapped[int] = mapped_column(Integer)
    documents: Mapped[bytes] = mapped_column(LargeBinary)


class CustomerPostingChange(Base):
    """A document gained a term (`is_there` 1) or lost it (0), which its block does not know yet."""

    __tablename__ = "customer_posting_change"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "term", "document"),
        {"sqlite_with_rowid": False},
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    term: Mapped[int] = mapped_column(BigInteger)
    document: Mapped[int] = mapped_column(BigInteger)
    is_there: Mapped[int] = mapped_column(SmallInteger)


class CustomerText(Base):
    """What a customer is found by beside what it says itself, such as its tags: a line each.

    Kept by `searchable.py` for the folders that know them. `source` is also the reason that a
    lookup gives for the row.
    """

    __tablename__ = "customer_text"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "customer_id", "source"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    customer_id: Mapped[str] = mapped_column(ID)
    source: Mapped[str] = mapped_column(String(16))
    texts: Mapped[str] = mapped_column(Text)


class CustomerVisitor(Base):
    """When a member was last at a customer: lookups put what I visited recently first."""

    __tablename__ = "customer_visitor"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "member_id", "customer_id"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    member_id: Mapped[str] = mapped_column(ID)
    customer_id: Mapped[str] = mapped_column(ID)
    last_visit_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Contact(Base):
    """A person at a customer. What he is like, and whether he agreed to our keeping it, is in
    `field_ops.contacts`.

    `role`: decision_maker, influencer, user, gatekeeper, finance, or "" when not known. `attitude`
    to us from -2 (against) to 2 (for), None when not known. `reports_to` is another contact of the
    same customer.
    `is_elsewhere_too`: the same person, with this phone, is known at another customer.
    `custom`: the values of the company's own fields of contacts, without empty ones.
    """

    __tablename__ = "contact"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index("ix_contact_tenant_id_customer_id", "tenant_id", "customer_id"),
        Index("ix_contact_tenant_id_phone_key", "tenant_id", "phone_key"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    customer_id: Mapped[str] = mapped_column(ID)
    name: Mapped[str] = mapped_column(String(100))
    title: Mapped[str] = mapped_column(String(100), default="")
    role: Mapped[str] = mapped_column(String(16), default="")
    phone: Mapped[str] = mapped_column(String(64), default="")
    phone_key: Mapped[str] = mapped_column(String(32), default="")
    is_elsewhere_too: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_main: Mapped[bool] = mapped_column(Boolean, default=False)
    attitude: Mapped[int | None] = mapped_column(SmallInteger)
    reports_to: Mapped[str | None] = mapped_column(ID)
    custom: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def in_scope(cls, scope: Scope) -> ColumnElement[bool]:
        """Where its customer is."""
        return is_customer_in_scope(cls.customer_id, scope)


_of_his = aliased(Contact)


def is_contact_in_scope(
    contact_id: InstrumentedAttribute[str], scope: Scope
) -> ColumnElement[bool]:
    """Whether the contact that a row belongs to is in scope; asked for each row, too."""
    is_it = (
        _of_his.tenant_id == scope.tenant_id,
        _of_his.id == contact_id,
        _of_his.in_scope(scope),
    )
    return select(_of_his.id).where(*is_it).correlate_except(_of_his).exists()


class CustomerLocation(Base):
    """A door of a customer, and where it is: WGS-84, and the original pair with its datum.

    `door`: main, warehouse, goods_in, office or other; `door_name` tells two of one kind apart.
    `status`: `proposed`, `confirmed` or `past`. At most one row of a door is `confirmed`; a door
    that was moved or closed keeps the old rows, because past verdicts were judged against them.
    `source`: map_pick, check_in, import, geocode.
    `confirmed_how`: lead; check_ins (they agreed with a proposal); moved (they moved it a little);
    or "" while nobody confirmed it. `replaces_id` is the place that it would replace, or replaced.
    `closed_at`: when somebody declined it, took it back or closed the door.
    """

    __tablename__ = "customer_location"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index("ix_customer_location_tenant_id_customer_id", "tenant_id", "customer_id", "status"),
        # At most one confirmed place is a promise of the database, not only of the code.
        Index(
            "uq_customer_location_confirmed",
            "tenant_id",
            "customer_id",
            "door",
            "door_name",
            unique=True,
            sqlite_where=CONFIRMED,
            postgresql_where=CONFIRMED,
        ),
        # What is around looks for doors besides the one that the lookup index knows; they are few.
        Index(
            "ix_customer_location_other_doors",
            "tenant_id",
            "lat",
            "lng",
            sqlite_where=OTHER_DOORS,
            postgresql_where=OTHER_DOORS,
        ),
        Index("ix_customer_location_tenant_id_lat_lng", "tenant_id", "lat", "lng"),
        # What waits for a lead: few among the many proposals that an import makes.
        Index(
            "ix_customer_location_moves",
            "tenant_id",
            "id",
            sqlite_where=MOVES,
            postgresql_where=MOVES,
        ),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    customer_id: Mapped[str] = mapped_column(ID)
    lat: Mapped[float] = mapped_column(Float)  # WGS-84 degrees
    lng: Mapped[float] = mapped_column(Float)
    original_lat: Mapped[float] = mapped_column(Float)
    original_lng: Mapped[float] = mapped_column(Float)
    datum: Mapped[str] = mapped_column(String(8))
    accuracy_m: Mapped[float | None] = mapped_column(Float)
    source: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    door: Mapped[str] = mapped_column(String(16), default=MAIN_DOOR, server_default=MAIN_DOOR)
    door_name: Mapped[str] = mapped_column(String(30), default="", server_default="")
    proposed_by: Mapped[str | None] = mapped_column(ID)
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(ID)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_how: Mapped[str] = mapped_column(String(16), default="", server_default="")
    replaces_id: Mapped[str | None] = mapped_column(ID)
    closed_by: Mapped[str | None] = mapped_column(ID)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def point(self) -> Point:
        """WGS-84."""
        return Point(self.lat, self.lng)

    @classmethod
    def in_scope(cls, scope: Scope) -> ColumnElement[bool]:
        """Where its customer is."""
        return is_customer_in_scope(cls.customer_id, scope)


class Collaborator(Base):
    """Somebody besides the owner with access: `read` or `edit`."""

    __tablename__ = "collaborator"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "customer_id", "member_id"),
        Index("ix_collaborator_tenant_id_member_id", "tenant_id", "member_id"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    customer_id: Mapped[str] = mapped_column(ID)
    member_id: Mapped[str] = mapped_column(ID)
    access: Mapped[str] = mapped_column(String(8), default="read")


class PhoneOpening(Base):
    """Somebody opened the phones of a customer that is not his own, in full."""

    __tablename__ = "phone_opening"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index("ix_phone_opening_tenant_id_customer_id", "tenant_id", "customer_id", "id"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    customer_id: Mapped[str] = mapped_column(ID)
    member_id: Mapped[str] = mapped_column(ID)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    via: Mapped[str] = mapped_column(String(16))


class ExternalId(Base):
    """Under which id another system knows a customer. `system` is the name of its program's token:
    a token that replaces another goes on with its name. One id is one customer, and back."""

    __tablename__ = "external_id"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "system", "external_id"),
        UniqueConstraint("tenant_id", "customer_id", "system"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    system: Mapped[str] = mapped_column(String(100))
    external_id: Mapped[str] = mapped_column(String(100))
    customer_id: Mapped[str] = mapped_column(ID)
