"""Everything that happened with one customer, a page at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Any

from sqlalchemy import and_, exists, select

from ..access.fields import Eyes, eyes_of
from ..attachments.models import Attachment
from ..comments.models import CustomerComment
from ..comments.queries import Shown, shown_with
from ..custom_fields.models import CONTACT
from ..customers.models import Collaborator, Contact, Customer
from ..customers.queries import find_customer, may_edit, names_of
from ..follow_ups.models import FollowUp
from ..history.models import AuditEntry
from ..http.models import ApiToken
from ..merges.models import CustomerMerge
from ..work import Work
from . import cursor
from .kinds import KINDS, Kind, kind_of
from .own import OwnWords, own_words
from .sources import SOURCES, Asked, Found

NO_COMMENTS = Shown({}, {}, {})


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page, newest first; `next` is where the one after it begins, "" when there is none.

    `eyes` and `is_close` say how the reader sees the customer's fields, `own` those
    that his company made, `of_contacts` those of contacts; `may_edit` whether he may change it.
    `name_of` knows members and programs, `contact_name_of` contacts, `merged_of` the record that a
    merge took, by the id of its audit entry, `comments` what hangs on comments.
    """

    customer: Customer
    found: Sequence[Found]
    next: str
    eyes: Eyes
    is_close: bool
    may_edit: bool
    own: OwnWords
    of_contacts: OwnWords
    name_of: dict[str, str] = field(default_factory=dict)
    contact_name_of: dict[str, str] = field(default_factory=dict)
    merged_of: dict[str, Customer] = field(default_factory=dict)
    comments: Shown = NO_COMMENTS


async def timeline(
    work: Work, customer_id: str, kinds: Iterable[Kind], after: str, limit: int
) -> Timeline:
    """The page below `after`. Raises NotFound for a customer out of sight.

    Each source gives at most one more than a page; the newest of all of them are the page.
    """
    customer = await find_customer(work, customer_id)
    asked = Asked(
        work=work,
        present=customer,
        merged=await merged_into(work, customer.id),
        kinds=frozenset(kinds) or frozenset(KINDS),
        below=cursor.read(after),
        limit=limit + 1,
    )
    found: list[Found] = []
    for rank, source in enumerate(SOURCES):
        if source.kinds & asked.kinds:
            found += await source.read(asked, rank)
    eyes = eyes_of(work)
    newest = nlargest(limit + 1, found, key=lambda one: one.place.order)
    page = newest[:limit]
    entries = [one.row for one in page if isinstance(one.row, AuditEntry)]
    about_contacts = [one for one in entries if kind_of(one.action) == "contact"]
    return Timeline(
        customer=customer,
        found=page,
        next=page[-1].place.written() if len(newest) > limit else "",
        eyes=eyes,
        is_close=await is_close(work, customer),
        may_edit=await may_edit(work, customer),
        own=await own_words(work, entries),
        of_contacts=await own_words(work, about_contacts, CONTACT),
        name_of=await _names(work, page),
        contact_name_of=await _contact_names(work, page) if eyes.shows_contacts(customer) else {},
        merged_of=await _merged(work, page),
        comments=await _comments(work, page),
    )


async def merged_into(work: Work, customer_id: str) -> list[str]:
    """The records that became part of this one, and still are."""
    found = await work.session.scalars(
        select(Customer.id).where(
            Customer.tenant_id == work.tenant_id, Customer.merged_into == customer_id
        )
    )
    return sorted(found)


async def is_close(work: Work, customer: Customer) -> bool:
    """Whether it is mine or was shared with me: then its phones are not masked in lists."""
    if customer.owner_id is not None and customer.owner_id == work.actor.member_id:
        return True
    shared = exists().where(
        Collaborator.tenant_id == work.tenant_id,
        Collaborator.customer_id == customer.id,
        Collaborator.member_id == work.actor.member_id,
    )
    return bool(await work.session.scalar(select(shared)))


async def names_of_actors(work: Work, ids: Iterable[str | None]) -> dict[str, str]:
    """Names of members, and of programs that acted by themselves."""
    wanted = {one for one in ids if one}
    names = await names_of(work, wanted)
    if unknown := wanted - names.keys():
        programs = await work.session.execute(
            select(ApiToken.id, ApiToken.name).where(
                ApiToken.tenant_id == work.tenant_id, ApiToken.id.in_(unknown)
            )
        )
        names |= {row.id: row.name for row in programs}
    return names


async def _names(work: Work, page: Sequence[Found]) -> dict[str, str]:
    mentioned: set[str | None] = set()
    for one in page:
        match one.row:
            case AuditEntry(member_id=who, change=change):
                mentioned |= {who, *_members_in(change)}
            case Attachment(member_id=who, removed_by=remover):
                mentioned |= {who, remover}
            case (
                FollowUp(member_id=who) | Customer(created_by=who) | CustomerComment(member_id=who)
            ):
                mentioned.add(who)
            case row:
                mentioned.add(row.owner_id)
    return await names_of_actors(work, mentioned)


def _members_in(change: dict[str, Any]) -> set[str | None]:
    return {
        one for name in ("owner_id", "member_id") for one in change.get(name, ())
        if one is None or isinstance(one, str)
    }  # fmt: skip


async def _contact_names(work: Work, page: Sequence[Found]) -> dict[str, str]:
    ids = {one.row.contact_id for one in page if isinstance(one.row, FollowUp)} - {None}
    if not ids:
        return {}
    found = await work.session.execute(
        select(Contact.id, Contact.name).where(
            Contact.tenant_id == work.tenant_id, Contact.id.in_(ids)
        )
    )
    return {row.id: row.name for row in found}


async def _comments(work: Work, page: Sequence[Found]) -> Shown:
    made = [one.row for one in page if isinstance(one.row, CustomerComment)]
    return await shown_with(work, made) if made else NO_COMMENTS


async def _merged(work: Work, page: Sequence[Found]) -> dict[str, Customer]:
    """By the id of an audit entry that tells of a merge: the record that was taken in."""
    merges = {
        (one.row.subject_id, one.row.at): one.row.id
        for one in page
        if isinstance(one.row, AuditEntry) and one.row.action == "customer.merged"
    }
    if not merges:
        return {}
    masters = {master for master, _ in merges}
    found = await work.session.execute(
        select(CustomerMerge, Customer)
        .join(
            Customer,
            and_(
                Customer.tenant_id == CustomerMerge.tenant_id, Customer.id == CustomerMerge.loser_id
            ),
        )
        .where(
            CustomerMerge.tenant_id == work.tenant_id,
            CustomerMerge.master_id.in_(masters),
            CustomerMerge.merged_at.in_({at for _, at in merges}),
        )
    )
    return {
        merges[merge.master_id, merge.merged_at]: loser
        for merge, loser in found
        if (merge.master_id, merge.merged_at) in merges
    }
