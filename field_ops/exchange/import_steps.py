"""What a row would do to a customer, computed from what is there: nothing is asked or stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..access.fields import FIELDS, Eyes
from ..access.roles import FieldLevel
from ..custom_fields.values import Changed
from ..customers.actions.contacts import MOST_CONTACTS
from ..customers.duplicates import CORE, keys_of
from ..customers.errors import FieldNotYours, TooManyContacts
from ..customers.models import Contact, Customer, CustomerLocation
from ..customers.names import full_name_key
from ..customers.phones import phone_key, read_phones
from ..customers.schemas import ContactIn, CustomerIn, LocationIn
from ..customers.suspects import Described, Traits
from ..tags.models import Tag
from ..texts import Text
from .columns import TITLES
from .customer_rows import UNNAMED, ChangeIn
from .import_terms import Key, Outcome
from .tables import Cell

NOT_YOURS = Text("「{title}」：{reason}", "“{title}”: {reason}")
NAMED_BY = ("name", "city", "customer_kind", "is_branch")

Pair = tuple[Any, Any]  # before, after


@dataclass(slots=True, eq=False)
class Step:
    """One row on its way: what becomes of it, and what has to be written for that."""

    number: int
    outcome: Outcome
    cells: tuple[Cell, ...] = ()
    reasons: list[Text] = field(default_factory=list)
    value: str = ""  # of the key that was chosen
    city: str = ""  # where that is a name
    customer_id: str | None = None
    new: CustomerIn | None = None
    owner_id: str | None = None
    traits: Traits | None = None  # of a new one that is compared with others
    change: "Change | None" = None
    claims: frozenset[str] = frozenset()
    gives_up: frozenset[str] = frozenset()
    external_id: str = ""
    custom: Changed = field(default_factory=dict)  # values of the company's own fields
    people: list[Changed] = field(default_factory=list)  # the same, of the contacts of `new`
    tags_go: list[Tag] = field(default_factory=list)
    tags_come: list[Tag] = field(default_factory=list)

    @property
    def changes(self) -> bool:
        """Whether a customer that is there becomes another by it."""
        beside = self.external_id or self.custom or self.tags_go or self.tags_come
        return bool(self.change or beside)


@dataclass(slots=True)
class Present:
    """A customer as it is, with what hangs on it."""

    customer: Customer
    contacts: list[Contact]
    places: list[CustomerLocation]
    keys: frozenset[str]
    external_id: str
    is_seen: bool
    is_editable: bool
    is_assignable: bool
    tags: list[Tag] = field(default_factory=list)


@dataclass(slots=True)
class Change:
    """What a row changes of a customer that is there: fields as (before, after). `met` are the
    contacts that the row names, as far as they are there; `added_own` and `changed_own` have what
    becomes of the company's own fields of those who are new and of the others, by their ids."""

    present: Present
    fields: dict[str, Pair] = field(default_factory=dict)
    added_contacts: list[ContactIn] = field(default_factory=list)
    changed_contacts: dict[str, dict[str, Pair]] = field(default_factory=dict)
    met: list[Contact | None] = field(default_factory=list)
    added_own: list[Changed] = field(default_factory=list)
    changed_own: dict[str, Changed] = field(default_factory=dict)
    place: LocationIn | None = None

    def __bool__(self) -> bool:
        people = self.added_contacts or self.changed_contacts or self.changed_own
        return bool(self.fields or people or self.place is not None)


def changed_by(wanted: ChangeIn, present: Present, key: Key) -> Change:
    """What is different. A field that only is written another way is not."""
    customer, change = present.customer, Change(present)
    given = wanted.model_dump(exclude={"revision", "contacts", "location"}, exclude_unset=True)
    for name, to in given.items():
        before = getattr(customer, name)
        if to is None or to == before or _is_the_key(name, key, customer):
            continue
        if name == "phone" and _same_phones(before, to):
            continue
        change.fields[name] = (before, to)
    for contact in wanted.contacts:
        change.met.append(_meet(contact, change))
    if wanted.location and not any(_is_there(wanted.location, one) for one in present.places):
        change.place = wanted.location
    return change


def refused_fields(change: Change, eyes: Eyes) -> list[Text]:
    """Of a change what the actor's roles do not let him change."""
    touched = {*change.fields}
    if change.added_contacts or any("phone" in one for one in change.changed_contacts.values()):
        touched.add("phone")
    reason = FieldNotYours.sentence
    refused = [
        NOT_YOURS.filled(title=TITLES[name], reason=reason)
        for name in FIELDS
        if name in touched and eyes.level(name, change.present.customer) is not FieldLevel.EDIT
    ]
    customer = change.present.customer
    if len(change.present.contacts) + len(change.added_contacts) > MOST_CONTACTS:
        facts = {"name": customer.name, "limit": MOST_CONTACTS}
        refused.append(TooManyContacts.sentence.filled(**facts))
    return refused


def keys_after(change: Change) -> frozenset[str]:
    """What this customer alone may have when the change is done."""
    customer, fields = change.present.customer, change.fields

    def after(name: str) -> Any:
        return fields[name][1] if name in fields else getattr(customer, name)

    wanted = keys_of(
        Described(
            name=after("name"),
            customer_kind=after("customer_kind"),
            type=after("type"),
            credit_code=after("credit_code"),
            phones=(after("phone"), *_contact_phones(change)),
            city=after("city"),
            is_branch=after("is_branch"),
        )
    )
    if fields.keys().isdisjoint(NAMED_BY):  # as `claim_keys` has it
        core = {key for key in change.present.keys if key.startswith(f"{CORE}:")}
        wanted = {key for key in wanted if not key.startswith(f"{CORE}:")} | core
    return frozenset(wanted)


def _contact_phones(change: Change) -> list[str]:
    present = [
        str(change.changed_contacts.get(one.id, {}).get("phone", (None, one.phone))[1])
        for one in change.present.contacts
        if not one.is_elsewhere_too
    ]
    return present + [one.phone for one in change.added_contacts]


def _is_the_key(name: str, key: Key, customer: Customer) -> bool:
    """By what it was found, it is not changed: 华联 超市 is how this sheet writes 华联超市."""
    if key != "name_city":
        return False
    return name == "name" or (name == "city" and customer.city != "")


def _same_phones(one: str, other: str) -> bool:
    first, second = read_phones(one), read_phones(other)
    return bool(first) and first == second


def _meet(given: ContactIn, change: Change) -> Contact | None:
    """A contact of the row is one that is there, by phone or by name; else he is new."""
    known = _known_contact(given, change.present.contacts)
    if known is None:
        is_main = not change.present.contacts and not change.added_contacts
        change.added_contacts.append(given.model_copy(update={"is_main": is_main}))
        return None
    wanted = {"title": given.title, "phone": given.phone}
    if given.name != UNNAMED:
        wanted["name"] = given.name
    different = {
        name: (getattr(known, name), to)
        for name, to in wanted.items()
        if to and to != getattr(known, name)
    }
    if "phone" in different and _same_phones(*different["phone"]):
        del different["phone"]
    if different:
        change.changed_contacts.setdefault(known.id, {}).update(different)
    return known


def _known_contact(given: ContactIn, contacts: Sequence[Contact]) -> Contact | None:
    phone = phone_key(given.phone)
    by_phone = [one for one in contacts if phone and one.phone_key == phone]
    name = full_name_key(given.name)
    by_name = [one for one in contacts if name and full_name_key(one.name) == name]
    return next(iter(by_phone + by_name), None)


def _is_there(wanted: LocationIn, place: CustomerLocation) -> bool:
    given = (round(wanted.lat, 6), round(wanted.lng, 6), wanted.datum)
    return given == (round(place.original_lat, 6), round(place.original_lng, 6), place.datum)


def plain(fields: Mapping[str, Pair]) -> dict[str, list[Any]]:
    """As JSON keeps it."""
    return {name: list(pair) for name, pair in fields.items()}
