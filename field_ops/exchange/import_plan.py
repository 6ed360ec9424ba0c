"""What an import does with each row: the check and the run ask the same."""

from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from ..access import may, reaches, visible
from ..access.fields import Eyes, eyes_of
from ..custom_fields.fields import BUILT_IN
from ..custom_fields.models import CUSTOMER
from ..customers.duplicates import keys_of
from ..customers.likeness import Likeness
from ..customers.masked import masked_name
from ..customers.models import Contact, Customer, CustomerKey, CustomerLocation, ExternalId
from ..customers.names import city_key
from ..customers.new_rows import description_of
from ..customers.phones import phone_key
from ..customers.queries import editable
from ..customers.suspects import Check, Traits, traits_of
from ..people.models import Member, MemberIdentity
from ..tags.models import Tag
from ..tags.queries import tags_on
from ..texts import Text
from ..work import Work
from .contact_cells import ContactCells, contact_cells
from .customer_rows import GivenRow, as_change, as_new
from .import_doubts import Doubt
from .import_matching import holders, in_its_city, value_of
from .import_steps import (
    Present,
    Step,
    changed_by,
    keys_after,
    refused_fields,
)
from .import_terms import KEYS, Terms
from .own_cells import OwnCells, own_cells
from .tag_cells import TAGS, TagCells, tag_cells

WHAT = {
    "name": Text("名称", "name"),
    "phone": Text("手机号", "mobile phone"),
    "code": Text("统一社会信用代码", "credit code"),
    "core": Text("简称和城市", "short name and city"),
    "external": Text("外部编号", "external id"),
}
SAME_AS_ROW = Text("与第 {row} 行重复（{what}相同）", "The same {what} as in row {row}")
SAME_AS_CUSTOMER = Text(
    "与已有客户{customer}重复（{what}相同）", "The customer {customer} has the same {what}"
)
SEEN = Text("「{name}」（{number}）", "“{name}” ({number})")
UNSEEN = Text("「{name}」", "“{name}”")
MAYBE_ROW = Text("可能与第 {row} 行是同一家（{check}）", "It may be the same as row {row}: {check}")
MAYBE_CUSTOMER = Text(
    "可能与已有客户{customer}是同一家（{check}）", "It may be the same as {customer}: {check}"
)
CHECKS: dict[Check, Text] = {
    Check.CREDIT_CODE: WHAT["code"],
    Check.NAME: Text("名称相同", "the same name"),
    Check.MOBILE: Text("手机号相同", "the same mobile phone"),
    Check.CORE_HERE: Text("简称相同，同城", "the same short name in the same city"),
    Check.CORE_ELSEWHERE: Text("简称相同，在另一城市", "the same short name in another city"),
    Check.SIMILAR: Text("名称相近，同城", "a similar name in the same city"),
    Check.NEAR: Text("名称相近，相距不到 50 米", "a similar name within 50 metres"),
}
NO_SUCH_OWNER = Text("「负责人」{owner} 不是在职成员", "“Owner” {owner} is not an active member")
NAMESAKES = Text(
    "「负责人」{owner} 有 {count} 位同名成员，请改填手机号",
    "“Owner” {owner} is the name of {count} members: enter the mobile phone instead",
)
NOT_YOURS_TO_GIVE = Text(
    "您没有分配客户的权限，「负责人」只能是您自己",
    "You may not assign this customer: “Owner” can only be yourself",
)
NO_KEY = Text("没有填{key}，不知道要更新哪个客户", "Without its {key} no customer can be updated")
NO_SUCH_CUSTOMER = Text("没有{key}为「{value}」的客户", "No customer has the {key} “{value}”")
SEVERAL = Text(
    "有 {count} 个客户符合：{customers}，不知道是哪一个", "{count} customers fit: {customers}"
)
ALREADY_THERE = Text("客户{customer}已存在（{key}相同）", "{customer} is there already: same {key}")
NOT_YOURS_TO_EDIT = Text("客户{customer}您无权修改", "You may not change {customer}")
BETWEEN = Text("、", ", ")
MOST_NAMED = 3
GOOD = ("created", "updated", "same")


@dataclass(slots=True)
class Planner:
    """Goes through a file in parts. What earlier rows did counts for later ones.

    `rows_of` are customers that rows of this file were about already: of two rows for one customer
    the second is told so. `claimed` and `values` are what earlier rows will have made theirs.
    `doubts` are rows that may be in the books, `likeness` knows the new ones of the file; `told` is
    what a check found by them, for the run that follows it and does not ask again.
    """

    terms: Terms
    owners: Mapping[str, frozenset[str]]
    rows_of: dict[str, int] = field(default_factory=dict)
    claimed: dict[str, int] = field(default_factory=dict)
    values: dict[str, Step] = field(default_factory=dict)
    given_up: set[str] = field(default_factory=set)
    doubts: Mapping[int, Doubt] = field(default_factory=dict)
    likeness: Likeness = field(default_factory=Likeness)
    told: Mapping[int, Sequence[Text]] | None = None

    async def plan(
        self, work: Work, rows: Sequence[GivenRow], *, holding: bool = False
    ) -> list[Step]:
        """One step for each row. `holding` keeps the customers until the transaction ends."""
        texts = [row.texts for row in rows]
        own = await own_cells(work, texts, until_commit=holding)
        people = await contact_cells(work, texts, until_commit=holding)
        tags = await tag_cells(work) if any(TAGS in one for one in texts) else None
        return await _Part(work, self, eyes_of(work), own, people, tags).plan(rows, holding)

    def accept(self, steps: Iterable[Step], *, stored: bool) -> None:
        """These steps are done, or would be. What is stored the database knows by itself."""
        for step in steps:
            if step.outcome not in GOOD:
                continue
            if step.customer_id:
                self.rows_of[step.customer_id] = step.number
            if step.value:
                self.values.setdefault(step.value, Step(step.number, step.outcome, city=step.city))
            for key in step.claims:
                self.claimed.setdefault(key, step.number)
            if step.traits is not None and self.told is None:
                self.likeness.add(step.number, step.traits)
            if not stored:
                self.given_up |= step.gives_up


async def owners_of(work: Work) -> dict[str, frozenset[str]]:
    """Active members by name, by mobile phone and by their id at the host."""
    found: dict[str, set[str]] = {}
    active = Member.tenant_id == work.tenant_id, Member.state == "active"
    members = await work.session.execute(
        select(Member.id, Member.name, Member.phone).where(*active)
    )
    for member_id, name, phone in members:
        found.setdefault(name, set()).add(member_id)
        if key := phone_key(phone or ""):
            found.setdefault(key, set()).add(member_id)
    identities = await work.session.execute(
        select(MemberIdentity.host_user_id, MemberIdentity.member_id)
        .join(Member, (Member.tenant_id == MemberIdentity.tenant_id)
              & (Member.id == MemberIdentity.member_id))
        .where(*active, MemberIdentity.left_at.is_(None))
    )  # fmt: skip
    for host_user_id, member_id in identities:
        found.setdefault(host_user_id, set()).add(member_id)
    return {name: frozenset(ids) for name, ids in found.items()}


@dataclass(slots=True)
class _Part:
    """One part of the rows, with what the database has about them."""

    work: Work
    planner: Planner
    eyes: Eyes
    own: OwnCells
    people: ContactCells
    tags: TagCells | None
    present: dict[str, Present] = field(default_factory=dict)
    clashes: list[tuple[Step, str, str]] = field(default_factory=list)  # step, key, customer
    named: list[tuple[Step, Text, dict[str, object], list[str]]] = field(default_factory=list)

    async def plan(self, rows: Sequence[GivenRow], holding: bool) -> list[Step]:
        values = [value_of(row, self.planner.terms.key) for row in rows]
        terms = self.planner.terms
        found = await holders(self.work, terms.key, values, terms.system)
        await self._load({one for ids in found.values() for one in ids}, holding)
        steps = [self._step(row, value, found) for row, value in zip(rows, values, strict=True)]
        await self._settle(steps)
        await self._name()
        return steps

    def _step(self, row: GivenRow, value: str, found: Mapping[str, set[str]]) -> Step:
        step = Step(row.row.number, "wrong", row.row.cells, [*row.unreadable])
        if step.reasons:
            _, reasons = self.own.read(row.texts, self.work.actor.member_id, {})
            step.reasons += reasons
            self._tag(row, step)
            return step
        step.value = value
        if self.planner.terms.key == "name_city":
            step.city = city_key(row.texts.get("city", ""), row.texts.get("name", ""))
        candidates = [self.present[one] for one in found.get(value, ()) if one in self.present]
        if self.planner.terms.key == "name_city":
            near = in_its_city(row, [one.customer for one in candidates])
            candidates = [one for one in candidates if one.customer in near]
        if len(candidates) > 1:
            ids = sorted(one.customer.id for one in candidates)
            self.named.append((step, SEVERAL, {"count": len(ids)}, ids))
        elif candidates:
            self._meet(row, step, candidates[0])
        else:
            self._create(row, step)
        return step

    def _create(self, row: GivenRow, step: Step) -> None:
        terms = self.planner.terms
        if not terms.creates and not step.value:
            step.reasons.append(NO_KEY.filled(key=KEYS[terms.key]))
        elif not terms.creates or (terms.key == "number" and step.value):
            value = step.value[:40]
            step.reasons.append(NO_SUCH_CUSTOMER.filled(key=KEYS[terms.key], value=value))
        if not terms.creates:
            return
        step.owner_id = self._owner(row, step, self.work.actor.member_id, is_mine=True)
        self._tag(row, step)
        new = as_new(row)
        if isinstance(new, tuple):
            step.reasons += [*new, *self.own.read(row.texts, step.owner_id, {})[1]]
            return
        built_in = {name: getattr(new, name) for name in BUILT_IN[CUSTOMER]}
        step.custom, reasons = self.own.begin(row.texts, step.owner_id, built_in)
        step.people, wrong = self.people.begin(row.texts, step.owner_id, new.contacts)
        step.reasons += [*reasons, *wrong]
        step.external_id = row.texts.get("external_id", "")[:64]
        described = description_of(new)
        step.new, step.claims = new, frozenset(keys_of(described))
        if not new.is_another:
            step.traits = traits_of(described)
        if not step.reasons:
            step.outcome = "created"

    def _meet(self, row: GivenRow, step: Step, present: Present) -> None:
        terms, customer = self.planner.terms, present.customer
        step.customer_id = customer.id
        facts: dict[str, object] = {"key": KEYS[terms.key]}
        if not terms.updates:
            step.outcome = "skipped" if terms.mode == "skip" else "wrong"
            self.named.append((step, ALREADY_THERE, facts, [customer.id]))
            return
        if not present.is_editable:
            self.named.append((step, NOT_YOURS_TO_EDIT, {}, [customer.id]))
            return
        wanted = as_change(row)
        if isinstance(wanted, tuple):
            step.reasons += wanted
            return
        change = changed_by(wanted, present, terms.key)
        owner_id = self._owner(row, step, customer.owner_id, is_mine=present.is_assignable)
        if owner_id != customer.owner_id:
            change.fields["owner_id"] = (customer.owner_id, owner_id)
        external_id = row.texts.get("external_id", "")[:64]
        step.external_id = "" if external_id == present.external_id else external_id
        step.reasons += refused_fields(change, self.eyes)
        step.custom, reasons = self.own.change(row.texts, customer.owner_id, customer.custom)
        change.added_own, change.changed_own, wrong = self.people.change(
            row.texts, customer.owner_id, wanted.contacts, change.met
        )
        step.reasons += [*reasons, *wrong]
        self._tag(row, step, present.tags)
        step.change, after = change, keys_after(change)
        step.claims, step.gives_up = after - present.keys, present.keys - after
        if not step.reasons:
            step.outcome = "updated" if step.changes else "same"

    def _tag(self, row: GivenRow, step: Step, before: Sequence[Tag] = ()) -> None:
        if self.tags is not None and TAGS in row.texts:
            step.tags_go, step.tags_come, reasons = self.tags.read(row.texts[TAGS], before)
            step.reasons += reasons

    def _owner(self, row: GivenRow, step: Step, usual: str | None, *, is_mine: bool) -> str | None:
        """Who shall own it: whom the cell names, else as it is or whoever imports."""
        owner = row.texts.get("owner", "")
        if not owner:
            return usual
        owners = self.planner.owners
        candidates = owners.get(owner) or owners.get(phone_key(owner)) or frozenset()
        if len(candidates) != 1:
            reason = NAMESAKES if candidates else NO_SUCH_OWNER
            step.reasons.append(reason.filled(owner=owner[:30], count=len(candidates)))
            return usual
        (owner_id,) = candidates
        if owner_id != usual and not (is_mine and may(self.work, "customers.assign")):
            step.reasons.append(NOT_YOURS_TO_GIVE)
        return owner_id

    async def _settle(self, steps: Sequence[Step]) -> None:
        """Row by row: whose is what this one claims? An earlier row's, or a customer's."""
        going = {step for step in steps if step.outcome in GOOD}
        wanted = {key for step in going for key in step.claims}
        holder = await self._key_holders(wanted)
        ids = [one.external_id for one in going]
        external = await holders(self.work, "external_id", ids, self.planner.terms.system)
        planner, given_up = self.planner, set(self.planner.given_up)
        values = ChainMap[str, Step]({}, planner.values)
        claimed = ChainMap[str, int]({}, self.planner.claimed)
        rows_of = ChainMap[str, int]({}, self.planner.rows_of)
        likeness = Likeness()
        for step in steps:
            row = rows_of.get(step.customer_id or "")
            earlier = values.get(step.value)
            if step.customer_id is None and earlier and _may_be_one(step.city, earlier.city):
                row = earlier.number
            if row:
                self._same_as_row(step, row, KEYS[planner.terms.key])
            if step not in going or step.outcome not in GOOD:
                continue
            for key in sorted(step.claims):
                if row := claimed.get(key):
                    step.reasons.append(SAME_AS_ROW.filled(row=row, what=_what(key)))
                elif key in holder and key not in given_up and holder[key] != step.customer_id:
                    if row := rows_of.get(holder[key]):
                        step.reasons.append(SAME_AS_ROW.filled(row=row, what=_what(key)))
                    else:
                        self.clashes.append((step, key, holder[key]))
                        step.outcome = "wrong"
            self._settle_external(step, external, claimed)
            if step.reasons or step.outcome == "wrong":
                step.outcome = "wrong"
                continue
            if step.traits is not None and self._doubt(step, step.traits, likeness, rows_of):
                continue
            if step.customer_id:
                rows_of[step.customer_id] = step.number
            if step.value:
                values.setdefault(step.value, step)
            given_up |= step.gives_up
            for key in step.claims:
                claimed.setdefault(key, step.number)

    def _doubt(
        self, step: Step, traits: Traits, here: Likeness, rows_of: Mapping[str, int]
    ) -> bool:
        """Whether a new customer may be one that is there, or an earlier row: then it waits for
        somebody who knows."""
        if self.planner.told is not None:
            step.reasons += self.planner.told.get(step.number, ())
            step.outcome = "doubtful" if step.reasons else step.outcome
            return bool(step.reasons)
        for likeness in (self.planner.likeness, here):
            for row, check in likeness.like(traits, is_new=True):
                step.reasons.append(MAYBE_ROW.filled(row=row, check=CHECKS[check]))
                step.outcome = "doubtful"
                return True
        if doubt := self.planner.doubts.get(step.number):
            step.outcome = "doubtful"
            if row := rows_of.get(doubt.customer_id, 0):
                step.reasons.append(MAYBE_ROW.filled(row=row, check=CHECKS[doubt.check]))
            else:
                facts: dict[str, object] = {"check": CHECKS[doubt.check]}
                self.named.append((step, MAYBE_CUSTOMER, facts, [doubt.customer_id]))
            return True
        here.add(step.number, traits)
        return False

    def _settle_external(
        self, step: Step, held: Mapping[str, set[str]], claimed: Mapping[str, int]
    ) -> None:
        if not step.external_id:
            return
        key = f"external:{step.external_id}"
        if row := claimed.get(key):
            step.reasons.append(SAME_AS_ROW.filled(row=row, what=_what(key)))
        for customer_id in held.get(step.external_id, set()) - {step.customer_id or ""}:
            self.clashes.append((step, key, customer_id))
            step.outcome = "wrong"
        step.claims |= {key}

    def _same_as_row(self, step: Step, row: int, what: Text) -> None:
        step.outcome = "skipped" if self.planner.terms.mode == "skip" else "wrong"
        step.reasons = [SAME_AS_ROW.filled(row=row, what=what)]
        self.named = [one for one in self.named if one[0] is not step]

    async def _key_holders(self, keys: set[str]) -> dict[str, str]:
        if not keys:
            return {}
        found = await self.work.session.execute(
            select(CustomerKey.key, CustomerKey.customer_id).where(
                CustomerKey.tenant_id == self.work.tenant_id, CustomerKey.key.in_(sorted(keys))
            )
        )
        return {row.key: row.customer_id for row in found}

    async def _load(self, ids: set[str], holding: bool) -> None:
        """The customers that rows may be about, in one order, so that two imports cannot
        wait for each other."""
        if not ids:
            return
        session, tenant_id, terms = self.work.session, self.work.tenant_id, self.planner.terms
        query = select(Customer).where(
            Customer.tenant_id == tenant_id, Customer.id.in_(ids), Customer.removed_at.is_(None)
        )
        if holding and terms.updates:
            query = query.with_for_update(of=Customer)
        customers = (await session.scalars(query.order_by(Customer.id))).all()
        seen, may_edit, may_assign = await self._allowed(ids)
        contacts: dict[str, list[Contact]] = {}
        places: dict[str, list[CustomerLocation]] = {}
        keys: dict[str, set[str]] = {}
        external: dict[str, str] = {}
        tags: dict[str, list[Tag]] = {}
        if terms.updates and self.tags is not None:
            tags = await tags_on(self.work, self.tags.known, sorted(ids))
        if terms.updates:
            rows = await session.scalars(
                select(Contact).where(Contact.tenant_id == tenant_id, Contact.customer_id.in_(ids))
            )
            # Sorted here: SQLite would read every contact of the company in the order of their ids.
            for contact in sorted(rows, key=lambda one: one.id):
                contacts.setdefault(contact.customer_id, []).append(contact)
            for place in await session.scalars(
                select(CustomerLocation).where(
                    CustomerLocation.tenant_id == tenant_id,
                    CustomerLocation.customer_id.in_(ids),
                    CustomerLocation.status != "past",
                )
            ):
                places.setdefault(place.customer_id, []).append(place)
            for key, customer_id in await session.execute(
                select(CustomerKey.key, CustomerKey.customer_id).where(
                    CustomerKey.tenant_id == tenant_id, CustomerKey.customer_id.in_(ids)
                )
            ):
                keys.setdefault(customer_id, set()).add(key)
            for value, customer_id in await session.execute(
                select(ExternalId.external_id, ExternalId.customer_id).where(
                    ExternalId.tenant_id == tenant_id,
                    ExternalId.customer_id.in_(ids),
                    ExternalId.system == terms.system,
                )
            ):
                external[customer_id] = value
        for customer in customers:
            one = customer.id
            self.present[one] = Present(
                customer, contacts.get(one, []), places.get(one, []),
                frozenset(keys.get(one, ())), external.get(one, ""),
                one in seen, one in may_edit, one in may_assign, tags.get(one, []),
            )  # fmt: skip

    async def _allowed(self, ids: set[str]) -> tuple[set[str], set[str], set[str]]:
        """Which of these the actor sees, may change, and may give to somebody."""
        mine = visible(self.work, Customer).where(Customer.id.in_(ids))
        ids_of = mine.with_only_columns(Customer.id)
        seen = set(await self.work.session.scalars(ids_of))
        if not self.planner.terms.updates:
            return seen, set(), set()
        may_edit = set(await self.work.session.scalars(ids_of.where(editable(self.work))))
        assignable = reaches(self.work, "customers.assign", Customer.owner_id)
        return seen, may_edit, set(await self.work.session.scalars(ids_of.where(assignable)))

    async def _name(self) -> None:
        """Say which customers are in the way, as far as the actor may know them."""
        ids = {one for *_, ids in self.named for one in ids} | {one for *_, one in self.clashes}
        label = await self._labels(ids)
        for step, text, facts, theirs in self.named:
            texts = [label.get(one, Text("?", "?")) for one in theirs[:MOST_NAMED]]
            said = Text(*(BETWEEN.say(lang).join(one.say(lang) for one in texts)
                          for lang in ("zh", "en")))  # fmt: skip
            step.reasons.append(text.filled(**facts, customer=said, customers=said))
        for step, key, customer_id in self.clashes:
            facts = {"customer": label.get(customer_id, ""), "what": _what(key)}
            step.reasons.append(SAME_AS_CUSTOMER.filled(**facts))

    async def _labels(self, ids: set[str]) -> dict[str, Text]:
        if not ids:
            return {}
        seen = set(
            await self.work.session.scalars(
                visible(self.work, Customer)
                .with_only_columns(Customer.id)
                .where(Customer.id.in_(ids))
            )
        )
        named = await self.work.session.execute(
            select(Customer.id, Customer.name, Customer.number).where(
                Customer.tenant_id == self.work.tenant_id, Customer.id.in_(ids)
            )
        )
        return {
            customer_id: SEEN.filled(name=name, number=number)
            if customer_id in seen
            else UNSEEN.filled(name=masked_name(name))
            for customer_id, name, number in named
        }


def _may_be_one(city: str, there: str) -> bool:
    """Whether a row of this city may mean a customer that is there, as `in_its_city` has it."""
    return not city or not there or city == there


def _what(key: str) -> Text:
    return WHAT[key.partition(":")[0]]
