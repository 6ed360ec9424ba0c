"""Whom the rows of a file may be already: the checks of domain.md §7.4 that no key can tell.

A few rows ask the lookup index one by one, as a page does. Many are held in memory, and the books
are read once: what that costs grows with the books and the file, not with both.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from ..customers import pinyin
from ..customers.likeness import Likeness
from ..customers.models import Contact, Customer, CustomerLocation
from ..customers.suspects import Action, Check, known, suspects, traits_of
from ..geo import Point
from ..work import Work
from .customer_rows import GivenRow, described

FEW = 50  # rows: asked one by one in less time than it takes to read the books
CHUNK = 5000
PHONES_AT_ONCE = 500

Reading = Callable[[], AbstractAsyncContextManager[Work]]


@dataclass(frozen=True, slots=True)
class Doubt:
    """That a row may be this customer, and what says so."""

    customer_id: str
    check: Check


async def doubts_of(reading: Reading, rows: Sequence[GivenRow]) -> dict[int, Doubt]:
    """By the number of the row, against the books as they are now: what comes in while the file is
    taken in is told by its keys, and by the nightly scan."""
    asked = [row for row in rows if not row.unreadable and row.texts.get("is_another") != "true"]
    if len(asked) <= FEW:
        return await _one_by_one(reading, asked)
    await pinyin.ready()
    held = Likeness()
    for row in asked:
        held.add(row.row.number, traits_of(described(row)))
    found: dict[int, Doubt] = {}
    await _by_name(reading, held, found)
    if held.has_places:
        await _by_place(reading, held, found)
    await _by_shared_phone(reading, held, found)
    return found


async def _one_by_one(reading: Reading, rows: Iterable[GivenRow]) -> dict[int, Doubt]:
    found: dict[int, Doubt] = {}
    for row in rows:
        async with reading() as work:
            for one in await suspects(work, described(row)):
                if one.action is not Action.SHOW:
                    found[row.row.number] = Doubt(one.customer.id, one.check)
                    break
    return found


async def _by_name(reading: Reading, held: Likeness, found: dict[int, Doubt]) -> None:
    last = ""
    while True:
        async with reading() as work:
            names = await work.session.execute(
                select(
                    Customer.id, Customer.full_name_key, Customer.core_name, Customer.customer_kind
                )
                .where(
                    Customer.tenant_id == work.tenant_id,
                    Customer.id > last,
                    Customer.removed_at.is_(None),
                )
                .order_by(Customer.id)
                .limit(CHUNK)
            )
            rows = names.all()
            close = [one for one, *name in rows if held.named_like(*name)]
            await _judge(work, held, close, found)
        if len(rows) < CHUNK:
            return
        last = rows[-1].id


async def _by_place(reading: Reading, held: Likeness, found: dict[int, Doubt]) -> None:
    last = ""
    while True:
        async with reading() as work:
            places = await work.session.execute(
                select(
                    CustomerLocation.id,
                    CustomerLocation.customer_id,
                    CustomerLocation.lat,
                    CustomerLocation.lng,
                )
                .where(
                    CustomerLocation.tenant_id == work.tenant_id,
                    CustomerLocation.id > last,
                    CustomerLocation.status != "past",
                )
                .order_by(CustomerLocation.id)
                .limit(CHUNK)
            )
            rows = places.all()
            close = [row.customer_id for row in rows if held.near(Point(row.lat, row.lng))]
            await _judge(work, held, close, found)
        if len(rows) < CHUNK:
            return
        last = rows[-1].id


async def _by_shared_phone(reading: Reading, held: Likeness, found: dict[int, Doubt]) -> None:
    """Mobiles of people who are known at two customers are no keys, and are compared."""
    mobiles = held.mobiles
    for at in range(0, len(mobiles), PHONES_AT_ONCE):
        async with reading() as work:
            shared = await work.session.scalars(
                select(Contact.customer_id).where(
                    Contact.tenant_id == work.tenant_id,
                    Contact.phone_key.in_(mobiles[at : at + PHONES_AT_ONCE]),
                    Contact.is_elsewhere_too,
                )
            )
            await _judge(work, held, shared.all(), found)


async def _judge(
    work: Work, held: Likeness, customer_ids: Sequence[Any], found: dict[int, Doubt]
) -> None:
    for customer, traits in await known(work, sorted(set(customer_ids))):
        for number, check in held.like(traits):
            found[number] = Doubt(customer.id, check)
            held.drop(number)
