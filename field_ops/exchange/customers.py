"""Customers from a spreadsheet: read, checked as a whole, then stored in one transaction."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Table, insert, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ..access import require, visible
from ..customers import index
from ..customers.duplicates import keys_of
from ..customers.masked import masked_name
from ..customers.models import Contact, Customer, CustomerKey, CustomerLocation
from ..customers.new_rows import (
    contact_values,
    customer_values,
    description_of,
    proposal_values,
)
from ..customers.phones import phone_key
from ..db import is_sqlite
from ..history import audit, changes
from ..history.numbers import take_numbers
from ..people.models import Member
from ..texts import Text
from ..work import Work
from .columns import find_header
from .customer_rows import NewRow, RowError, read_row
from .errors import ImportOvertaken, TooManyRows
from .tables import MOST_ROWS, Cell, read_table

CHUNK = 1000

NAME = Text("名称", "name")
MOBILE = Text("手机号", "mobile phone")
CREDIT_CODE = Text("统一社会信用代码", "credit code")
NAME_AND_CITY = Text("简称和城市", "short name and city")
WHAT = {"name": NAME, "phone": MOBILE, "code": CREDIT_CODE, "core": NAME_AND_CITY}
SAME_AS_ROW = Text("与第 {row} 行重复（{what}相同）", "The same {what} as in row {row}")
SAME_AS_CUSTOMER = Text(
    "与已有客户{customer}重复（{what}相同）", "The customer {customer} has the same {what}"
)
SEEN = Text("「{name}」（{number}）", "“{name}” ({number})")
UNSEEN = Text("「{name}」", "“{name}”")
NO_SUCH_OWNER = Text("「负责人」{owner} 不是在职成员", "“Owner” {owner} is not an active member")
NAMESAKES = Text(
    "「负责人」{owner} 有 {count} 位同名成员，请改填手机号",
    "“Owner” {owner} is the name of {count} members: enter the mobile phone instead",
)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would do. `created` is 0 when nothing was stored."""

    total: int
    good: int
    created: int
    dry_run: bool
    header: tuple[Cell, ...] = ()
    errors: list[RowError] = field(default_factory=list)


async def import_customers(
    work: Work,
    path: Path,
    *,
    dry_run: bool = False,
    skip_errors: bool = False,
    progress: Progress = lambda done, total: None,
) -> ImportReport:
    """Import a CSV or XLSX file of at most 50 000 rows. Needs `customers.import`.

    Nothing is stored when a row has an error, unless `skip_errors`; then the good rows are. Call it
    before anything else in the transaction: on SQLite the other writers wait from the first query
    on, and reading the file needs none. `progress(done, total)` counts rows that were stored.
    """
    require(work, "customers.import")
    header, rows, errors = await asyncio.to_thread(_read, path)
    total = len(rows) + len(errors)
    good, refused = await _checked(work, rows)
    errors = sorted([*errors, *refused], key=lambda error: error.number)
    created = 0
    if not dry_run and good and (skip_errors or not errors):
        await _store(work, path.name, good, progress)
        created = len(good)
    return ImportReport(total, len(good), created, dry_run, header, errors)


def _read(path: Path) -> tuple[tuple[Cell, ...], list[NewRow], list[RowError]]:
    table = read_table(path)
    at, columns = find_header(table)
    if len(table) - at - 1 > MOST_ROWS:
        raise TooManyRows(limit=MOST_ROWS)
    read = [read_row(row, columns) for row in table[at + 1 :]]
    good = [row for row in read if isinstance(row, NewRow)]
    return table[at].cells, good, [row for row in read if isinstance(row, RowError)]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A row that nothing speaks against."""

    new: NewRow
    owner_id: str | None
    keys: frozenset[str]


async def _checked(work: Work, rows: Sequence[NewRow]) -> tuple[list[_Ready], list[RowError]]:
    owners = await _owners(work)
    keys = await asyncio.to_thread(lambda: [_keys(row) for row in rows])
    taken = await _taken(work, {key for row_keys in keys for key in row_keys})
    first_row: dict[str, int] = {}
    ready: list[_Ready] = []
    errors: list[RowError] = []
    for row, row_keys in zip(rows, keys, strict=True):
        reasons = [taken[key] for key in sorted(row_keys) if key in taken]
        reasons += [
            SAME_AS_ROW.filled(row=first_row[key], what=_what(key))
            for key in sorted(row_keys)
            if key in first_row
        ]
        candidates = owners.get(row.owner, owners.get(phone_key(row.owner), []))
        if row.owner and len(candidates) != 1:
            reasons.append(_owner_reason(row.owner, len(candidates)))
        for key in row_keys:
            first_row.setdefault(key, row.row.number)
        if reasons:
            errors.append(RowError(row.row.number, tuple(dict.fromkeys(reasons)), row.row.cells))
        else:
            owner_id = candidates[0] if row.owner else work.actor.member_id
            ready.append(_Ready(row, owner_id, row_keys))
    return ready, errors


def _keys(row: NewRow) -> frozenset[str]:
    return frozenset(keys_of(description_of(row.customer)))


def _what(key: str) -> Text:
    return WHAT[key.partition(":")[0]]


def _owner_reason(owner: str, found: int) -> Text:
    reason = NAMESAKES if found else NO_SUCH_OWNER
    return reason.filled(owner=owner[:30], count=found)


async def _owners(work: Work) -> dict[str, list[str]]:
    """Active members by name and by phone."""
    found: dict[str, list[str]] = {}
    members = await work.session.execute(
        select(Member.id, Member.name, Member.phone).where(
            Member.tenant_id == work.tenant_id, Member.state == "active"
        )
    )
    for member_id, name, phone in members:
        found.setdefault(name, []).append(member_id)
        if key := phone_key(phone or ""):
            found.setdefault(key, []).append(member_id)
    return found


async def _taken(work: Work, keys: set[str]) -> dict[str, Text]:
    """Keys that a customer has already, each with the reason for its row."""
    reasons: dict[str, Text] = {}
    for chunk in _chunks(sorted(keys)):
        found = await work.session.execute(
            select(CustomerKey.key, CustomerKey.customer_id)
            .where(CustomerKey.tenant_id == work.tenant_id)
            .where(CustomerKey.key.in_(chunk))
        )
        holders = {row.key: row.customer_id for row in found}
        if not holders:
            continue
        ids = set(holders.values())
        seen = set(
            await work.session.scalars(
                visible(work, Customer).with_only_columns(Customer.id).where(Customer.id.in_(ids))
            )
        )
        named = await work.session.execute(
            select(Customer.id, Customer.name, Customer.number).where(
                Customer.tenant_id == work.tenant_id, Customer.id.in_(ids)
            )
        )
        label = {
            customer_id: SEEN.filled(name=name, number=number)
            if customer_id in seen
            else UNSEEN.filled(name=masked_name(name))
            for customer_id, name, number in named
        }
        for key, customer_id in holders.items():
            facts = {"customer": label.get(customer_id, ""), "what": _what(key)}
            reasons[key] = SAME_AS_CUSTOMER.filled(**facts)
    return reasons


async def _store(work: Work, file_name: str, ready: Sequence[_Ready], progress: Progress) -> None:
    first = await take_numbers(work, "C", len(ready))
    done = 0
    for chunk in _chunks(ready):
        await _store_chunk(work, chunk, first + done)
        if done == 0:  # the next chunks are read back by key
            await index.take_stock(work)
        done += len(chunk)
        progress(done, len(ready))
    await index.take_stock(work)
    change = {"file": (None, file_name), "rows": (None, len(ready)), "first_number": (None, first)}
    audit.record(work, "customers.imported", "customer", f"C-{first:06d}", change)
    await work.session.flush()


async def _store_chunk(work: Work, ready: Sequence[_Ready], first: int) -> None:
    customers: list[dict[str, Any]] = []
    contacts: list[dict[str, Any]] = []
    places: list[dict[str, Any]] = []
    keys: list[dict[str, Any]] = []
    for number, one in enumerate(ready, start=first):
        new = one.new.customer
        values = customer_values(work, new, number=f"C-{number:06d}", owner_id=one.owner_id)
        customers.append({**values, "source": new.source or "import"})
        customer_id = values["id"]
        contacts += [contact_values(work, customer_id, contact) for contact in new.contacts]
        if new.location:
            places.append(proposal_values(work, customer_id, new.location))
        keys += [
            {"tenant_id": work.tenant_id, "key": key, "customer_id": customer_id}
            for key in one.keys
        ]
    await _claim(work, keys)
    for model, rows in ((Customer, customers), (Contact, contacts), (CustomerLocation, places)):
        if rows:  # into the table, not the class: half the time
            await work.session.execute(insert(cast(Table, model.__table__)), rows)
    ids = [values["id"] for values in customers]
    changes.moved(work, Customer, ids)
    changes.happened(work, "customer.created", "customer", ids)
    await index.refresh(work, ids)


async def _claim(work: Work, keys: Sequence[dict[str, Any]]) -> None:
    """Raises ImportOvertaken when somebody took a key since the rows were checked."""
    dialect_insert = sqlite_insert if is_sqlite(work.session) else postgres_insert
    ordered = sorted(keys, key=lambda row: str(row["key"]))
    claimed = await work.session.scalars(
        dialect_insert(cast(Table, CustomerKey.__table__))
        .on_conflict_do_nothing()
        .returning(CustomerKey.key),
        ordered,
    )
    if len(claimed.all()) < len(keys):
        raise ImportOvertaken()


def _chunks(rows: Iterable[Any]) -> Iterable[Any]:
    rows = list(rows)
    return (rows[at : at + CHUNK] for at in range(0, len(rows), CHUNK))
