"""Customers as rows of a sheet: the header that an import understands, and cells it can read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select

from ..access import visible_to_do
from ..access.fields import FIELDS as GUARDED
from ..access.fields import Eyes, eyes_of
from ..customers.models import Contact, Customer, CustomerLocation
from ..customers.phones import SEVERAL, masked
from ..customers.queries import names_of, place_by_customer
from ..texts import Text
from ..work import Work
from .columns import TITLES
from .customer_rows import BRANCH, KINDS, PLACE_CLASSES, TYPES
from .export_actions import needed
from .tables import Cell

NUMBER = Text("客户编号", "Number")
STAGE = Text("客户阶段", "Stage")
LAST_VISIT = Text("最近拜访", "Last visit")
CREATED = Text("创建时间", "Created")
STAGES = {
    "potential": Text("潜在", "potential"),
    "contacted": Text("已联系", "contacted"),
    "intent": Text("有意向", "intent"),
    "won": Text("成交", "won"),
    "repeat": Text("复购", "repeat"),
    "dormant": Text("沉睡", "dormant"),
    "lost": Text("流失", "lost"),
    "blacklisted": Text("黑名单", "blacklisted"),
}
FIELDS = (
    "name", "customer_kind", "type", "level", "phone", "contact_name", "contact_title",
    "contact_phone", "city", "address", "place_class", "lat", "lng", "datum", "owner",
    "credit_code", "email", "is_branch", "source", "note",
)  # fmt: skip
WRITTEN = {"type": TYPES, "place_class": PLACE_CLASSES, "customer_kind": KINDS}
A_PHONE = re.compile(r"\+?\d(?:[ \-()]?\d){6,}")  # in a note, say


@dataclass(frozen=True, slots=True)
class Style:
    """How cells are to be written. `language` is `zh` or `en`."""

    language: str
    masks_phones: bool


def header(style: Style) -> list[str]:
    titles = [NUMBER, *(TITLES[field] for field in FIELDS), STAGE, LAST_VISIT, CREATED]
    return [title.say(style.language) for title in titles]


async def rows_after(
    work: Work, last_id: str, wanted: Sequence[ColumnElement[bool]], style: Style, most: int
) -> tuple[str, list[list[Cell]]]:
    """The next rows that the actor may see, by id, and the id to go on from."""
    mine = visible_to_do(work, Customer, *needed(style.masks_phones))
    query = mine.where(*wanted, Customer.id > last_id)
    found = await work.session.scalars(query.order_by(Customer.id).limit(most))
    customers = found.all()
    ids = [customer.id for customer in customers]
    contacts = await _main_contacts(work, ids)
    places = await place_by_customer(work, ids)
    names = await names_of(work, {customer.owner_id for customer in customers})
    eyes = eyes_of(work)
    rows = [
        _cells(work, one, contacts.get(one.id), places.get(one.id), names, style, eyes)
        for one in customers
    ]
    return (ids[-1] if ids else last_id), rows


async def _main_contacts(work: Work, customer_ids: Sequence[str]) -> dict[str, Contact]:
    found = await work.session.scalars(
        select(Contact)
        .where(Contact.tenant_id == work.tenant_id, Contact.customer_id.in_(customer_ids))
        .order_by(Contact.is_main, Contact.id.desc())
    )
    return {contact.customer_id: contact for contact in found}  # the last one is the main one


def _cells(
    work: Work,
    customer: Customer,
    contact: Contact | None,
    place: CustomerLocation | None,
    names: Mapping[str, str],
    style: Style,
    eyes: Eyes,
) -> list[Cell]:
    hide, owner_id = style.masks_phones, customer.owner_id
    given: dict[str, Any] = {field: getattr(customer, field, "") for field in FIELDS}
    given |= {field: eyes.text(field, owner_id, given[field]) for field in GUARDED}
    given["owner"] = names.get(customer.owner_id or "", "")
    if hide:
        given["phone"] = _masked(given["phone"])
        given["note"] = A_PHONE.sub(lambda found: masked(found[0]), given["note"])
    given["is_branch"] = _written("is_branch", BRANCH, str(customer.is_branch).lower(), style)
    if contact is not None:
        given["contact_name"], given["contact_title"] = contact.name, contact.title
        phone = eyes.text("phone", owner_id, contact.phone)
        given["contact_phone"] = _masked(phone) if hide else phone
    if place is not None:
        given |= {"lat": place.original_lat, "lng": place.original_lng, "datum": place.datum}
    for field, choices in WRITTEN.items():
        given[field] = _written(field, choices, given[field], style)
    visited = customer.last_visit_at
    return [
        customer.number,
        *(given[field] for field in FIELDS),
        STAGES[customer.lifecycle_stage].say(style.language),
        f"{visited.astimezone(work.zone):%Y-%m-%d %H:%M}" if visited else "",
        f"{customer.created_at.astimezone(work.zone):%Y-%m-%d %H:%M}",
    ]


def _masked(phones: str) -> str:
    """Each of several numbers by itself: 138****8000/139****9000."""
    return "/".join(
        masked(one.strip().removeprefix("+86")) for one in SEVERAL.split(phones) if one.strip()
    )


def _written(field: str, choices: Mapping[str, str], code: str, style: Style) -> str:
    """The first way to write a choice; in English its code, and yes or no."""
    ways = [way for way, meant in choices.items() if meant == code]
    if style.language == "zh":
        return next((way for way in ways if not way.isascii()), code)
    return next((way for way in ways if way.isascii()), code)
