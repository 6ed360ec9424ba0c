"""A customer as the lookup index knows it, and as a row of `customer_search`."""

from collections.abc import Iterable, Sequence
from typing import Any

from ..geo import Point
from .names import matching_form
from .phones import read_phones
from .terms import ADDRESS, Document

LONGEST_NAME = 400  # NFKC makes some names longer than they were typed
FACETS = ("level", "lifecycle_stage", "type", "customer_kind", "city")  # in this order in the row


def document_of(
    customer: Any,
    contacts: Sequence[tuple[str, str]],
    said: Iterable[tuple[str, str]],
    place: Point | None,
) -> Document:
    """`contacts` are pairs of name and phone, `said` of source and text (`searchable.py`)."""
    address = matching_form(customer.address)
    return Document(
        name=matching_form(customer.name)[:LONGEST_NAME],
        contacts=tuple(matching_form(name) for name, _ in contacts),
        phones=_digits([customer.phone, *(phone for _, phone in contacts)]),
        owner_id=customer.owner_id,
        asides=(*(((ADDRESS, address),) if address else ()), *said),
        facets=tuple((name, getattr(customer, name)) for name in FACETS),
        place=place,
    )


def as_columns(document: Document) -> dict[str, Any]:
    """The columns of the row that change with the customer."""
    place = document.place
    return {
        "name": document.name,
        "contacts": "\n".join(document.contacts),
        "phones": " ".join(document.phones),
        "asides": "\n".join(f"{source}:{said}" for source, said in document.asides),
        "facets": "\n".join(value for _, value in document.facets),
        "owner_id": document.owner_id,
        "lat": place.lat if place else None,
        "lng": place.lng if place else None,
    }


def read_row(row: Any) -> Document:
    """The document that was made a row."""
    return Document(
        name=row.name,
        contacts=tuple(row.contacts.split("\n")) if row.contacts else (),
        phones=tuple(row.phones.split()),
        owner_id=row.owner_id,
        asides=tuple(_aside(line) for line in row.asides.split("\n") if line),
        facets=tuple(zip(FACETS, row.facets.split("\n"), strict=False)) if row.facets else (),
        place=None if row.lat is None else Point(row.lat, row.lng),
    )


def _aside(line: str) -> tuple[str, str]:
    source, _, said = line.partition(":")
    return source, said


def _digits(phones: Iterable[str]) -> tuple[str, ...]:
    """The digits that people type; an unreadable number is found by the digits it has."""
    found: dict[str, None] = {}
    for written in filter(None, phones):
        read = read_phones(written)
        digits = (
            [phone.digits for phone in read] if read else ["".join(filter(str.isdecimal, written))]
        )
        found |= dict.fromkeys(filter(None, digits))
    return tuple(found)
