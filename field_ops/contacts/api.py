"""The routes of contacts as persons, below the customer where they work."""

from collections.abc import Mapping, Sequence

from ..customers.errors import OnlyReading, SameCustomer, SamePhone, TooManyContacts
from ..errors import NotAllowed, NotFound
from ..http.routes import Routes
from ..work import Work
from . import actions, queries
from .birthdays import birthday_text, next_birthday
from .errors import ConsentMissing, MovedNowhere, NoSuchDay
from .messages import hints_of
from .models import ContactTraits
from .queries import Charted, KnownBy, Moves, Person
from .schemas import (
    BirthdayOut,
    ChartedOut,
    ContactPersonOut,
    FormerOut,
    KnownByOut,
    MoveIn,
    MoveOut,
    NotedOut,
    RelationshipMapOut,
    TraitsIn,
    TraitsOut,
)

routes = Routes("/api/v1", tag="contacts")

CANNOT = (NotFound, NotAllowed, OnlyReading)


@routes.get("/customers/{customer_id}/contacts/{contact_id}/person", refusals=(NotFound,))
async def show_person(work: Work, customer_id: str, contact_id: str) -> ContactPersonOut:
    """What he is like, who of us knows him, and where he was before."""
    found = await queries.person(work, customer_id, contact_id)
    return _shown(work, contact_id, found)


@routes.put(
    "/customers/{customer_id}/contacts/{contact_id}/person",
    refusals=(*CANNOT, ConsentMissing, NoSuchDay),
)
async def note_person(work: Work, customer_id: str, contact_id: str, body: TraitsIn) -> NotedOut:
    """Keep what he is like. Only with his consent; when he revokes it, it is erased."""
    await actions.note_traits(work, customer_id, contact_id, body)
    return NotedOut(contact_id=contact_id)


@routes.post(
    "/customers/{customer_id}/contacts/{contact_id}/move",
    status=201,
    refusals=(*CANNOT, MovedNowhere, TooManyContacts, SameCustomer, SamePhone),
)
async def move_contact(work: Work, customer_id: str, contact_id: str, body: MoveIn) -> FormerOut:
    """He works at another customer now. Answers who went away from this one."""
    await actions.move(work, customer_id, contact_id, body.to_customer_id, body.title)
    return FormerOut(moves=_moves(await queries.former(work, customer_id)))


@routes.get("/customers/{customer_id}/relationship-map", refusals=(NotFound,))
async def show_relationship_map(work: Work, customer_id: str) -> RelationshipMapOut:
    """Who works there, who reports to whom, and who of us knows whom how well."""
    found = await queries.relationship_map(work, customer_id)
    return RelationshipMapOut(
        people=[_charted(work, one, found.name_of) for one in found.people],
        gaps=list(found.gaps),
    )


@routes.get("/customers/{customer_id}/former-contacts", refusals=(NotFound,))
async def former_contacts(work: Work, customer_id: str) -> FormerOut:
    """Who worked here and went to another customer."""
    return FormerOut(moves=_moves(await queries.former(work, customer_id)))


def _shown(work: Work, contact_id: str, found: Person) -> ContactPersonOut:
    return ContactPersonOut(
        contact_id=contact_id,
        traits=_traits(work, found.traits, found) if found.traits else None,
        may_note=found.may_note,
        known_by=_known_by(work, found.known_by, found.name_of),
        moves=_moves(found.moves),
    )


def _charted(work: Work, one: Charted, name_of: Mapping[str, str]) -> ChartedOut:
    return ChartedOut.model_validate(
        {
            "contact_id": one.contact.id,
            **{
                name: getattr(one.contact, name)
                for name in ("name", "title", "role", "attitude", "reports_to")
            },
            "depth": one.depth,
            "known_by": _known_by(work, one.known_by, name_of),
        }
    )


def _known_by(
    work: Work, known_by: Sequence[KnownBy], name_of: Mapping[str, str]
) -> list[KnownByOut]:
    return [
        KnownByOut(
            member_name=name_of.get(one.member_id, ""),
            is_mine=one.member_id == work.actor.member_id,
            strength=one.strength,
            last_at=one.last_at,
        )
        for one in known_by
    ]


def _traits(work: Work, traits: ContactTraits, found: Person) -> TraitsOut:
    language = work.actor.language
    return TraitsOut.model_validate(
        {
            "birthday": _birthday(work, traits),
            **{
                name: getattr(traits, name)
                for name in ("gender", "age_band", "income_band", "style", "preferences")
            },
            "hints": hints_of(traits.style, language),
            "noted_at": traits.noted_at,
            "noted_by_name": found.name_of.get(traits.noted_by or "", ""),
        }
    )


def _birthday(work: Work, traits: ContactTraits) -> BirthdayOut | None:
    birthday = traits.birthday
    if birthday is None:
        return None
    return BirthdayOut(
        calendar=birthday.calendar,
        month=birthday.month,
        day=birthday.day,
        is_leap=birthday.is_leap,
        year=birthday.year,
        text=birthday_text(birthday, work.actor.language),
        next_on=next_birthday(birthday, work.today),
    )


def _moves(found: Moves) -> list[MoveOut]:
    return [
        MoveOut(
            contact_name=row.name,
            title=row.title,
            from_name=found.name(row.from_id),
            from_id=row.from_id if row.from_id in found.seen else "",
            to_name=found.name(row.to_id),
            to_id=row.to_id if row.to_id in found.seen else "",
            at=row.at,
            by_name=found.name_of.get(row.by_id or "", ""),
        )
        for row in found.rows
    ]
