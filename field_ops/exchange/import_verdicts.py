"""What an undo would do with each row, judged from what is there now; nothing is changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select

from ..attachments.models import Attachment
from ..chat_contacts.models import ChatLink
from ..comments.models import CustomerComment
from ..custom_fields.fields import Fields, fields_for
from ..custom_fields.models import CONTACT, CUSTOMER
from ..custom_fields.types import Value
from ..customers.models import (
    Collaborator,
    Contact,
    Customer,
    CustomerKey,
    CustomerLocation,
    CustomerVisitor,
    ExternalId,
)
from ..customers.relations import CustomerRelation
from ..follow_ups.models import FollowUp
from ..plans.models import VisitPlan
from ..pool.models import Extension, Protection
from ..tags.models import CustomerTag, Tag
from ..tags.queries import Tags, tags_of_company, tags_on
from ..texts import Text
from ..visits.models import Visit
from ..work import Work
from .columns import TITLES
from .import_models import ImportBatch, ImportRow
from .import_plan import WHAT
from .import_steps import Change, Present, keys_after

OWNER_FIELDS = ("owner_id", "owner_since", "owner_how", "pool_id")
FOLLOW = {"full_name_key": "name", "core_name": "name", "phone_key": "phone"}
FOLLOW |= {"mail_domain": "email"} | dict.fromkeys(OWNER_FIELDS[1:], "owner_id")

GONE = Text("已被删除或合并", "It was removed or merged")
CHANGED = Text("之后被修改过", "It was changed since")
PLACED = Text("位置之后被确认或重新标注过", "Its place was confirmed or marked anew since")
CHATTED = Text("联系人已关联聊天好友", "A contact is linked with somebody's chat")
TAGGED = Text("已打了标签", "It was tagged")
RELATED = Text("已与其他客户建立关系", "It is related to another customer")
CONTACT_CHANGED = Text(
    "联系人{name}之后被修改过，保留", "The contact {name} was changed since and stays"
)
FIELD_CHANGED = Text(
    "「{title}」之后又被修改过，保留现在的值", "“{title}” was changed again since and stays"
)
TAKEN = Text(
    "原来的{what}现在是另一个客户的，没有恢复", "Its former {what} belongs to another customer now"
)
WORKED_WITH: tuple[tuple[Any, Text], ...] = (
    (Visit, Text("之后有拜访", "It was visited since")),
    (VisitPlan, Text("之后有拜访计划", "A visit is planned")),
    (FollowUp, Text("之后有跟进记录", "It was followed up since")),
    (Collaborator, Text("已共享给同事", "It is shared with a colleague")),
    (CustomerVisitor, Text("之后有拜访", "It was visited since")),
    (Extension, Text("已申请延长保护期", "More time was asked for it")),
    (Protection, Text("已设为不回收", "It is protected from recycling")),
    (CustomerComment, Text("已有评论", "Somebody commented on it")),
    (Attachment, Text("已有附件", "It has a file")),
)


@dataclass(slots=True)
class Verdict:
    """What an undo does with one row. `kept` says what stays, and why."""

    row: ImportRow
    outcome: str  # removed, restored, kept
    kept: list[Text] = field(default_factory=list)
    change: Change | None = None
    contacts: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    external: tuple[str, str] | None = None  # what it was, what it became
    custom: dict[str, Value] = field(default_factory=dict)
    people: dict[str, dict[str, Value]] = field(default_factory=dict)  # the same, by contact
    tags: tuple[list[Tag], list[Tag]] = ([], [])  # that go, that come back
    claims: frozenset[str] = frozenset()
    gives_up: frozenset[str] = frozenset()


async def judge(
    work: Work, batch: ImportBatch, rows: Sequence[ImportRow], *, holding: bool
) -> list[Verdict]:
    ids = sorted({row.customer_id for row in rows if row.customer_id})
    query = select(Customer).where(
        Customer.tenant_id == work.tenant_id, Customer.id.in_(ids), Customer.removed_at.is_(None)
    )
    if holding:
        query = query.with_for_update(of=Customer).execution_options(populate_existing=True)
    found = await work.session.scalars(query.order_by(Customer.id))
    customers = {customer.id: customer for customer in found}
    worked_with = await _worked_with(work, [row for row in rows if row.outcome == "created"])
    hanging = await _hanging(work, batch, [row for row in rows if row.outcome == "updated"])
    verdicts, free = [], set[str]()
    for row in rows:
        customer = customers.get(row.customer_id or "")
        if customer is None:
            verdicts.append(Verdict(row, "kept", [GONE]))
        elif row.outcome == "created":
            kept = worked_with.get(customer.id, [])
            if customer.revision != 1:
                kept = [*kept, CHANGED]
            verdicts.append(Verdict(row, "kept" if kept else "removed", kept))
        else:
            verdict = _judge_change(row, customer, hanging)
            verdicts.append(verdict)
    removed = [one.row.customer_id for one in verdicts if one.outcome == "removed"]
    holders = await _holders(work, {key for one in verdicts for key in one.claims}, removed)
    for verdict in verdicts:  # the last row first: what it gives up, an earlier one gets back
        taken = [
            key for key in sorted(verdict.claims)
            if key not in free and holders.get(key, verdict.row.customer_id)
            != verdict.row.customer_id
        ]  # fmt: skip
        if taken:
            verdict.outcome, verdict.change = "kept", None
            verdict.kept = [TAKEN.filled(what=WHAT[taken[0].partition(":")[0]])]
        else:
            free |= verdict.gives_up
    return verdicts


@dataclass(slots=True)
class _Hanging:
    """What hangs on customers that are to be restored."""

    contacts: dict[str, list[Contact]]
    places: dict[str, list[CustomerLocation]]
    keys: dict[str, set[str]]
    linked: set[str]
    external: dict[str, str]
    fields: Fields
    of_contacts: Fields
    known_tags: Tags
    tags: dict[str, list[Tag]]


def _judge_change(row: ImportRow, customer: Customer, hanging: _Hanging) -> Verdict:
    """Back to what it was, field by field, where nobody changed it since."""
    before: dict[str, Any] = row.before
    verdict = Verdict(row, "restored")
    contacts = hanging.contacts.get(customer.id, [])
    fields: dict[str, tuple[Any, Any]] = {}
    stays = {
        name
        for name, (_, after) in before.get("fields", {}).items()
        if _plain(getattr(customer, name)) != after
    }
    for name, (was, _) in before.get("fields", {}).items():
        if name in stays or FOLLOW.get(name) in stays:
            if name in TITLES or name == "owner_id":
                title = TITLES["owner" if name == "owner_id" else name]
                verdict.kept.append(FIELD_CHANGED.filled(title=title))
        else:
            fields[name] = (getattr(customer, name), _moment(name, was))
    changed: dict[str, dict[str, tuple[Any, Any]]] = {}
    by_id = {contact.id: contact for contact in contacts}
    for contact_id, name, title, phone in before.get("contacts", ()):
        contact = by_id.get(contact_id)
        if contact is None:
            continue
        same = (contact.name, contact.title, contact.phone) == (name, title, phone)
        own = before.get("contact_custom", {}).get(contact_id, {})
        same = same and _entered(contact, hanging.of_contacts) == {
            key: after for key, (_, after) in own.items() if after is not None
        }
        if same and contact_id not in hanging.linked:
            verdict.contacts.append(contact_id)
        else:
            verdict.kept.append(CONTACT_CHANGED.filled(name=contact.name))
    for contact_id, pairs in before.get("changed_contacts", {}).items():
        contact = by_id.get(contact_id)
        back = {
            name: (after, was)
            for name, (was, after) in pairs.items()
            if contact is not None and getattr(contact, name) == after
        }
        if back:
            changed[contact_id] = back
        if contact is not None and len(back) < len(pairs):
            verdict.kept.append(CONTACT_CHANGED.filled(name=contact.name))
    places = {place.id: place for place in hanging.places.get(customer.id, [])}
    for place_id in before.get("places", ()):
        if (place := places.get(place_id)) and place.status == "proposed":
            verdict.places.append(place_id)
        elif place:
            verdict.kept.append(PLACED)
    if before.get("external"):
        was, became = before["external"]
        if hanging.external.get(customer.id) == became:
            verdict.external = (was, became)
    _judge_values(verdict, customer, hanging.fields)
    _judge_people(verdict, by_id)
    _judge_tags(verdict, hanging.tags.get(customer.id, []), hanging.known_tags)
    staying = [one for one in contacts if one.id not in verdict.contacts]
    keys = frozenset(hanging.keys.get(customer.id, ()))
    present = Present(customer, staying, [], keys, "", True, True, True)
    verdict.change = Change(present, fields, changed_contacts=changed)
    after = keys_after(verdict.change)
    verdict.claims, verdict.gives_up = after - keys, keys - after
    hangs = verdict.contacts or verdict.places or verdict.external
    own = verdict.custom or verdict.people or any(verdict.tags)
    nothing = not (fields or changed or hangs or own)
    if nothing and verdict.kept:
        verdict.outcome = "kept"
    return verdict


def _judge_values(verdict: Verdict, customer: Customer, fields: Fields) -> None:
    for key, (was, after) in verdict.row.before.get("custom", {}).items():
        if customer.custom.get(key) == after:
            verdict.custom[key] = was
        else:
            title = fields.by_key[key].label
            verdict.kept.append(FIELD_CHANGED.filled(title=title))


def _judge_people(verdict: Verdict, by_id: Mapping[str, Contact]) -> None:
    """Values of contacts that the row changed; those who came with it go, or stay, whole."""
    for contact_id in verdict.row.before.get("changed_contacts", {}):
        contact = by_id.get(contact_id)
        pairs = verdict.row.before.get("contact_custom", {}).get(contact_id, {})
        if contact is None or not pairs:
            continue
        back = {key: was for key, (was, after) in pairs.items() if contact.custom.get(key) == after}
        if back:
            verdict.people[contact_id] = back
        if len(back) < len(pairs):
            verdict.kept.append(CONTACT_CHANGED.filled(name=contact.name))


def _entered(contact: Contact, fields: Fields) -> dict[str, Value]:
    """The values of a contact that somebody filled in."""
    return {
        key: value for key, value in contact.custom.items() if not fields.by_key[key].is_computed
    }


def _judge_tags(verdict: Verdict, present: Sequence[Tag], known: Tags) -> None:
    """Those that came go again; those that left come back, unless another took their place."""
    left, came = (
        [tag for one in ids if (tag := known.present(one))]
        for ids in verdict.row.before.get("tags", ([], []))
    )
    going = [one for one in came if one in present]
    staying = {one.group_id for one in present if one not in going}
    back = []
    for one in left:
        if known.groups[one.group_id].is_single and one.group_id in staying:
            verdict.kept.append(FIELD_CHANGED.filled(title=TITLES["tags"]))
        elif one not in present:
            back.append(one)
    verdict.tags = going, back


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _moment(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if value and name == "owner_since" else value


async def _worked_with(work: Work, rows: Sequence[ImportRow]) -> dict[str, list[Text]]:
    """What happened with customers since they were created, in their owners' words."""
    ids = [row.customer_id for row in rows if row.customer_id]
    found: dict[str, list[Text]] = {}

    async def note(query: Any, reason: Text) -> None:
        for customer_id in set(await work.session.scalars(query)):
            reasons = found.setdefault(customer_id, [])
            if reason not in reasons:
                reasons.append(reason)

    if not ids:
        return found
    for table, reason in WORKED_WITH:
        here = table.tenant_id == work.tenant_id
        await note(select(table.customer_id).where(here, table.customer_id.in_(ids)), reason)
    moved = or_(CustomerLocation.source != "import", CustomerLocation.status != "proposed")
    await note(_of(work, CustomerLocation, ids, moved), PLACED)
    tagged = exists().where(
        Customer.tenant_id == CustomerTag.tenant_id,
        Customer.id == CustomerTag.customer_id,
        Customer.created_at < CustomerTag.at,
    )
    await note(_of(work, CustomerTag, ids, tagged), TAGGED)
    here = CustomerRelation.tenant_id == work.tenant_id
    for end in (CustomerRelation.from_id, CustomerRelation.to_id):
        await note(select(end).where(here, end.in_(ids)), RELATED)
    linked = exists().where(
        ChatLink.tenant_id == Contact.tenant_id, ChatLink.contact_id == Contact.id
    )
    await note(_of(work, Contact, ids, linked), CHATTED)
    return found


def _of(work: Work, table: Any, ids: Sequence[str], which: ColumnElement[bool]) -> Any:
    return select(table.customer_id).where(
        table.tenant_id == work.tenant_id, table.customer_id.in_(ids), which
    )


async def _hanging(work: Work, batch: ImportBatch, rows: Sequence[ImportRow]) -> _Hanging:
    ids = [row.customer_id for row in rows if row.customer_id]
    known = await tags_of_company(work)
    tags = await tags_on(work, known, ids) if ids else {}
    fields = await fields_for(work, CUSTOMER)
    of_contacts = await fields_for(work, CONTACT)
    hanging = _Hanging({}, {}, {}, set(), {}, fields, of_contacts, known, tags)
    if not ids:
        return hanging
    contacts = await work.session.scalars(
        select(Contact)
        .where(Contact.tenant_id == work.tenant_id, Contact.customer_id.in_(ids))
        .execution_options(populate_existing=True)
    )
    for contact in contacts:
        hanging.contacts.setdefault(contact.customer_id, []).append(contact)
    places = await work.session.scalars(
        select(CustomerLocation)
        .where(CustomerLocation.tenant_id == work.tenant_id, CustomerLocation.customer_id.in_(ids))
        .execution_options(populate_existing=True)
    )
    for place in places:
        hanging.places.setdefault(place.customer_id, []).append(place)
    keys = await work.session.execute(
        select(CustomerKey.customer_id, CustomerKey.key).where(
            CustomerKey.tenant_id == work.tenant_id, CustomerKey.customer_id.in_(ids)
        )
    )
    for customer_id, key in keys:
        hanging.keys.setdefault(customer_id, set()).add(key)
    external = await work.session.execute(
        select(ExternalId.customer_id, ExternalId.external_id).where(
            ExternalId.tenant_id == work.tenant_id,
            ExternalId.customer_id.in_(ids),
            ExternalId.system == batch.system,
        )
    )
    hanging.external = {row.customer_id: row.external_id for row in external}
    added = [one[0] for row in rows for one in row.before.get("contacts", ())]
    linked = select(ChatLink.contact_id).where(
        ChatLink.tenant_id == work.tenant_id, ChatLink.contact_id.in_(added)
    )
    hanging.linked = set(await work.session.scalars(linked)) if added else set()
    return hanging


async def _holders(work: Work, keys: set[str], but: Sequence[str | None]) -> dict[str, str]:
    if not keys:
        return {}
    rows = await work.session.execute(
        select(CustomerKey.key, CustomerKey.customer_id).where(
            CustomerKey.tenant_id == work.tenant_id,
            CustomerKey.key.in_(sorted(keys)),
            CustomerKey.customer_id.not_in([one for one in but if one]),
        )
    )
    return {row.key: row.customer_id for row in rows}
