"""Customers as rows of a sheet: the header that an import understands, and cells it can read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select

from ..access import visible_to_do
from ..access.fields import FIELDS as GUARDED
from ..access.fields import Eyes, eyes_of
from ..custom_fields.columns import BETWEEN, Column, cell_of, columns_of
from ..custom_fields.models import CONTACT, CUSTOMER
from ..custom_fields.sight import own_eyes
from ..custom_fields.types import Value
from ..customers.models import Contact, Customer, CustomerLocation
from ..customers.own_fields import names_in
from ..customers.phones import SEVERAL, masked
from ..customers.queries import names_of, place_by_customer
from ..tags.queries import tags_of_company, tags_on
from ..texts import Text
from ..work import Work
from .columns import CONTACTS, TITLES
from .contact_cells import contact_columns
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


@dataclass(frozen=True, slots=True)
class OwnColumns:
    """The columns of the company's own fields: of a customer, and of its main contact."""

    of_customer: Sequence[Column] = ()
    of_contact: Sequence[Column] = ()

    @property
    def all(self) -> list[Column]:
        return [*self.of_customer, *self.of_contact]


async def own_columns(work: Work) -> OwnColumns:
    """As far as the actor sees them."""
    of_customer = columns_of(await own_eyes(work, CUSTOMER))
    return OwnColumns(of_customer, await contact_columns(work, CONTACTS[0]))


def header(style: Style, own: OwnColumns) -> list[str]:
    titles = [
        NUMBER,
        *(TITLES[field] for field in FIELDS),
        STAGE,
        LAST_VISIT,
        CREATED,
        TITLES["tags"],
    ]
    return [title.say(style.language) for title in (*titles, *(one.title for one in own.all))]


async def rows_after(
    work: Work,
    last_id: str,
    wanted: Sequence[ColumnElement[bool]],
    style: Style,
    own: OwnColumns,
    most: int,
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
    more = await _own_cells(work, customers, contacts, style, own)
    rows = [
        _cells(work, one, contacts.get(one.id), places.get(one.id), names, style, eyes)
        + more[one.id]
        for one in customers
    ]
    return (ids[-1] if ids else last_id), rows


async def _own_cells(
    work: Work,
    customers: Sequence[Customer],
    contacts: Mapping[str, Contact],
    style: Style,
    own: OwnColumns,
) -> dict[str, list[Cell]]:
    """The tags of each customer in one cell, then its values of the company's own fields, then
    those of its main contact."""
    ids = [one.id for one in customers]
    tags = await tags_on(work, await tags_of_company(work), ids)
    eyes = await own_eyes(work, CUSTOMER)
    shown = {one.id: eyes.shown(one.owner_id, one.custom) for one in customers}
    names = await names_in(work, eyes.fields, shown.values())
    theirs = await _shown_of_contacts(work, customers, contacts)
    names |= await names_in(work, (await own_eyes(work, CONTACT)).fields, theirs.values())
    cells: dict[str, list[Cell]] = {}
    for customer_id, values in shown.items():
        told = [one.name for one in tags.get(customer_id, ())]
        cells[customer_id] = [BETWEEN.say(style.language).join(told)]
        for columns, its in (
            (own.of_customer, values), (own.of_contact, theirs.get(customer_id, {}))
        ):  # fmt: skip
            for column in columns:
                cell = cell_of(column.field, its.get(column.field.key), style.language, names)
                hidden = _without_phones(column, cell) if style.masks_phones else cell
                cells[customer_id].append(hidden)
    return cells


async def _shown_of_contacts(
    work: Work, customers: Sequence[Customer], contacts: Mapping[str, Contact]
) -> dict[str, dict[str, Value]]:
    """What is shown of the main contacts, by customer."""
    own, eyes = await own_eyes(work, CONTACT), eyes_of(work)
    return {
        one.id: own.shown(one.owner_id, contacts[one.id].custom)
        for one in customers
        if one.id in contacts and eyes.shows_contacts(one)
    }


def _without_phones(column: Column, cell: str) -> str:
    if column.field.type == "phone":
        return _masked(cell)
    return A_PHONE.sub(lambda found: masked(found[0]), cell) if column.is_written else cell


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
    hide = style.masks_phones
    given: dict[str, Any] = {field: getattr(customer, field, "") for field in FIELDS}
    given |= {field: eyes.text(field, customer, given[field]) for field in GUARDED}
    given["owner"] = names.get(customer.owner_id or "", "")
    if hide:
        given["phone"] = _masked(given["phone"])
        given["note"] = A_PHONE.sub(lambda found: masked(found[0]), given["note"])
    given["is_branch"] = _written("is_branch", BRANCH, str(customer.is_branch).lower(), style)
    if contact is not None and eyes.shows_contacts(customer):
        given["contact_name"], given["contact_title"] = contact.name, contact.title
        phone = eyes.text("phone", customer, contact.phone)
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
