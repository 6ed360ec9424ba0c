"""Who a customer that is described may be already: every check of domain.md §7.4.

The index proposes, `judge` decides. Everybody's records are looked at, in the pool and out of
sight too; what of them is shown is decided in `masked.py`.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, islice, product

from pyroaring import BitMap
from sqlalchemy import ColumnElement, select

from ..geo import Point
from ..work import Work
from . import pinyin
from .mail import mail_domain
from .models import Contact, Customer, CustomerLocation, CustomerSearch
from .names import city_key, core_name, full_name_key
from .phones import MOBILE, read_phones
from .postings import postings
from .queries import place_by_customer
from .similarity import similarity
from .terms import initials_term, pair_term, syllable_term

SIMILAR = 0.85
SIMILAR_AND_NEAR = 0.6
NEAR_M = 50
MOST_OF_A_KIND = 200
MOST_ALIKE = 500
SHORT = 6
BEGINNING = 4
SHORTEST_SOUND = 3
MOST_SOUNDS = 8
LONGEST_COMPARED = 8  # pairs of neighbours of a name by which others like it are looked for


class Check(StrEnum):
    """What speaks for its being the same, the strongest first."""

    CREDIT_CODE = "credit_code"
    NAME = "name"
    MOBILE = "mobile"
    CORE_HERE = "core_here"
    CORE_ELSEWHERE = "core_elsewhere"
    SIMILAR = "similar"
    NEAR = "near"
    LAND_LINE = "land_line"
    MAIL_DOMAIN = "mail_domain"


class Action(StrEnum):
    """`block`: it is not stored. `warn`: it is when somebody says that it is another one."""

    BLOCK = "block"
    WARN = "warn"
    SHOW = "show"


ACTIONS = {
    Check.CREDIT_CODE: Action.BLOCK,
    Check.NAME: Action.BLOCK,
    Check.MOBILE: Action.BLOCK,
    Check.CORE_HERE: Action.BLOCK,
    Check.CORE_ELSEWHERE: Action.WARN,
    Check.SIMILAR: Action.WARN,
    Check.NEAR: Action.WARN,
    Check.LAND_LINE: Action.SHOW,
    Check.MAIL_DOMAIN: Action.SHOW,
}
ORDER = list(Check)


@dataclass(frozen=True, slots=True)
class Described:
    """A customer as somebody describes it. `place` in WGS-84; `phones` as they were written.

    `is_branch`: he says that it is a branch of one of the same name.
    """

    name: str
    customer_kind: str = "company"
    type: str = "customer"
    credit_code: str = ""
    phones: tuple[str, ...] = ()
    email: str = ""
    city: str = ""
    place: Point | None = None
    is_branch: bool = False


@dataclass(frozen=True, slots=True)
class Traits:
    """What of a customer is compared, in matching form."""

    customer_kind: str
    type: str
    credit_code: str
    name_key: str
    core: str
    city: str
    phones: frozenset[str]
    mail_domain: str
    place: Point | None
    is_branch: bool = False


@dataclass(frozen=True, slots=True)
class Suspect:
    """A customer that may be the same. `similarity` of the cores of the names, 0 to 1."""

    customer: Customer
    check: Check
    action: Action
    similarity: float


def traits_of(described: Described) -> Traits:
    """The matching form of a description."""
    return Traits(
        customer_kind=described.customer_kind,
        type=described.type,
        credit_code=described.credit_code,
        name_key=full_name_key(described.name),
        core=core_name(described.name),
        city=city_key(described.city, described.name),
        phones=_phone_keys(described.phones),
        mail_domain=mail_domain(described.email),
        place=described.place,
        is_branch=described.is_branch,
    )


def judge(new: Traits, known: Traits) -> tuple[Check, Action, float] | None:
    """The strongest check that finds both the same, what follows, and how alike the names are."""
    alike = similarity(new.core, known.core)
    check = next((one for one in ORDER if _holds(one, new, known, alike)), None)
    if check is None:
        return None
    action = ACTIONS[check]
    are_companies = new.customer_kind == known.customer_kind == "company"
    if check is Check.NAME and not are_companies:
        action = Action.WARN  # two persons may share a name
    if check is Check.CORE_HERE and (new.is_branch or known.is_branch):
        action = Action.SHOW
    if check in (Check.CORE_ELSEWHERE, Check.SIMILAR) and new.is_branch:
        action = Action.SHOW
    return check, action, alike


def _holds(check: Check, new: Traits, known: Traits, alike: float) -> bool:
    are_companies = new.customer_kind == known.customer_kind == "company"
    has_core = bool(new.core) and new.core == known.core and are_companies
    same_city = bool(new.city) and new.city == known.city
    match check:
        case Check.CREDIT_CODE:
            return bool(new.credit_code) and new.credit_code == known.credit_code
        case Check.NAME:
            return bool(new.name_key) and new.name_key == known.name_key
        case Check.MOBILE:
            return any(map(MOBILE.fullmatch, new.phones & known.phones))
        case Check.CORE_HERE:
            return has_core and same_city
        case Check.CORE_ELSEWHERE:
            return has_core
        case Check.SIMILAR:
            return are_companies and same_city and alike >= SIMILAR
        case Check.NEAR:
            stores = "store" in (new.type, known.type)
            return stores and _are_near(new, known) and alike >= SIMILAR_AND_NEAR
        case Check.LAND_LINE:
            return not new.phones.isdisjoint(known.phones)
        case Check.MAIL_DOMAIN:
            return bool(new.mail_domain) and new.mail_domain == known.mail_domain


def _are_near(new: Traits, known: Traits) -> bool:
    if new.place is None or known.place is None:
        return False
    return new.place.distance_m(known.place) <= NEAR_M


async def suspects(
    work: Work, described: Described, *, besides: str = "", also: Collection[str] = ()
) -> list[Suspect]:
    """Every customer of the company that may be the one described, the surest first.

    `besides` is the id of the one that is described itself, when it is stored already; `also` are
    ids that are compared whatever the index says.
    """
    await pinyin.ready()
    new = traits_of(described)
    ids = {*also, *await _proposed(work, new)}
    ids.discard(besides)
    found = []
    for customer, traits in await known(work, ids):
        verdict = judge(new, traits)
        if verdict is not None:
            found.append(Suspect(customer, *verdict))
    return sorted(found, key=lambda one: (ORDER.index(one.check), -one.similarity, one.customer.id))


async def _proposed(work: Work, new: Traits) -> set[str]:
    """Ids of customers that are equal in something, sound alike, or are near."""
    found = set(await _equal(work, new))
    found.update(await _alike(work, new.core))
    if new.place is not None:
        found.update(await _around(work, new.place))
    return found


async def _equal(work: Work, new: Traits) -> Iterable[str]:
    """One question for each index: all of them in one condition would use none."""
    asked: list[ColumnElement[bool]] = [Customer.full_name_key == new.name_key]
    if new.core:
        asked.append(Customer.core_name == new.core)
    if new.credit_code:
        asked.append(Customer.credit_code == new.credit_code)
    if new.mail_domain:
        asked.append(Customer.mail_domain == new.mail_domain)
    if new.phones:
        asked.append(Customer.phone_key.in_(new.phones))
    found: list[str] = []
    for condition in asked:
        found += await work.session.scalars(
            select(Customer.id)
            .where(Customer.tenant_id == work.tenant_id, condition)
            .limit(MOST_OF_A_KIND)
        )
    if new.phones:
        found += await work.session.scalars(
            select(Contact.customer_id)
            .where(Contact.tenant_id == work.tenant_id, Contact.phone_key.in_(new.phones))
            .limit(MOST_OF_A_KIND)
        )
    return found


async def _alike(work: Work, core: str) -> Iterable[str]:
    """Names that have two pairs of neighbours of this one, or the same sound.

    Two longer names that are alike by 0.85 have at least two pairs in common, short ones all
    characters but one; of random slips 99 in 100 are found so.
    """
    groups = _groups(core)
    if not groups:
        return ()
    found = await postings(work, {term for group in groups for term in group})
    having = (
        BitMap.intersection(*(found[term] for term in group))
        for group in groups
        if all(term in found for term in group)
    )
    rows = BitMap().union(*having)[:MOST_ALIKE]
    if not rows:
        return ()
    return await work.session.scalars(
        select(CustomerSearch.customer_id).where(
            CustomerSearch.tenant_id == work.tenant_id, CustomerSearch.document.in_(list(rows))
        )
    )


def _groups(core: str) -> list[tuple[int, ...]]:
    """Terms of the index that a name like this one has together, any of the groups."""
    pairs = [core[at : at + 2] for at in range(min(len(core) - 1, LONGEST_COMPARED))]
    terms = list(dict.fromkeys(map(pair_term, pairs)))
    groups: list[tuple[int, ...]] = list(combinations(terms, 2)) if len(terms) > 1 else []
    if len(core) <= SHORT:  # one slip may leave no pair: all characters but one are enough
        characters = [pair_term(char) for char in dict.fromkeys(core)]
        groups += combinations(characters, max(2, len(characters) - 1))
        if len(core) <= BEGINNING:  # another may be its beginning alone
            groups += [(term,) for term in terms[:1]]
    return [*groups, *_sounds(core)]


def _sounds(core: str) -> list[tuple[int, ...]]:
    """Terms of names that are read the same; of polyphones in a short name each reading."""
    readings = [pinyin.readings(char) for char in core[:LONGEST_COMPARED]]
    if len(core) <= SHORTEST_SOUND:
        spoken = islice(product(*filter(None, readings)), MOST_SOUNDS)
        groups = [tuple(map(syllable_term, one)) for one in spoken]
    else:
        first = "".join(pinyin.initials(char)[0] for char in core[:3])
        clear = tuple(syllable_term(one[0]) for one in readings if len(one) == 1)
        groups = [(*clear, initials_term(first))]
    return [group for group in groups if len(group) > 1]


async def _around(work: Work, place: Point) -> Iterable[str]:
    south, north, west, east = place.box(NEAR_M)
    return await work.session.scalars(
        select(CustomerLocation.customer_id)
        .where(
            CustomerLocation.tenant_id == work.tenant_id,
            CustomerLocation.lat.between(south, north),
            CustomerLocation.lng.between(west, east),
            CustomerLocation.status != "past",
        )
        .limit(MOST_OF_A_KIND)
    )


async def known(work: Work, ids: Collection[str]) -> list[tuple[Customer, Traits]]:
    """Of these the customers that are there, with what is compared of each."""
    if not ids:
        return []
    customers = (
        await work.session.scalars(
            select(Customer).where(
                Customer.tenant_id == work.tenant_id,
                Customer.id.in_(ids),
                Customer.removed_at.is_(None),
            )
        )
    ).all()
    phones: dict[str, set[str]] = {}
    rows = await work.session.execute(
        select(Contact.customer_id, Contact.phone).where(
            Contact.tenant_id == work.tenant_id,
            Contact.customer_id.in_(ids),
            Contact.phone != "",
        )
    )
    for customer_id, phone in rows:
        phones.setdefault(customer_id, set()).add(phone)
    places = await place_by_customer(work, ids)
    return [
        (
            customer,
            Traits(
                customer_kind=customer.customer_kind,
                type=customer.type,
                credit_code=customer.credit_code,
                name_key=customer.full_name_key,
                core=customer.core_name,
                city=city_key(customer.city, customer.name),
                phones=_phone_keys([customer.phone, *phones.get(customer.id, ())]),
                mail_domain=customer.mail_domain,
                place=_point(places.get(customer.id)),
                is_branch=customer.is_branch,
            ),
        )
        for customer in customers
    ]


def _point(place: CustomerLocation | None) -> Point | None:
    return Point(place.lat, place.lng) if place else None


def _phone_keys(written: Iterable[str]) -> frozenset[str]:
    """Numbers that say who somebody is; 400 and 800 do not."""
    return frozenset(
        phone.key for text_ in written for phone in read_phones(text_) or () if phone.key
    )
