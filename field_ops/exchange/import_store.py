"""Writing what was planned for one part of a file, in the caller's transaction."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Delete, Table, delete, insert

from ..custom_fields.fields import Fields, fields_for
from ..custom_fields.models import CONTACT, CUSTOMER, FieldValue
from ..custom_fields.types import Value
from ..custom_fields.values import Changed, applied, rows_of
from ..customers import contact_fields, index, tagging
from ..customers.actions.contacts import WHICH, whose
from ..customers.levels import IMPORTED, LevelChange, level_values
from ..customers.models import Contact, Customer, CustomerKey, CustomerLocation, ExternalId
from ..customers.new_rows import contact_values, customer_values, proposal_values
from ..customers.own_fields import audited, texts_of
from ..customers.owner_changes import ASSIGNED, OwnerChange
from ..customers.phones import phone_key
from ..customers.schemas import ContactIn
from ..customers.searchable import Source, keep_texts
from ..customers.sight_lost import found_owners
from ..db import insert_into, new_id
from ..history import changes
from ..history.models import AuditEntry
from ..history.numbers import take_numbers
from ..tags.models import CustomerTag, Tag
from ..work import Work
from .import_models import ImportBatch, ImportRow
from .import_statements import (
    CHANGE_CONTACT,
    CHANGE_CUSTOMER,
    CONTACT_FIELDS,
    FIELDS,
    FORGET_TAG,
    FORGET_VALUE,
    timeless,
    with_derived,
)
from .import_steps import Change, Pair, Step, plain

EXTERNAL = "external:"


class ImportOvertaken(Exception):
    """Somebody took a key since this part was planned: it is planned again."""


async def store(work: Work, batch: ImportBatch, steps: Sequence[Step]) -> None:
    """Everything that these steps bring, and their rows. Raises ImportOvertaken."""
    fields, of_contacts = await fields_for(work, CUSTOMER), await fields_for(work, CONTACT)
    rows = _Rows(work, batch, fields, of_contacts)
    created = [step for step in steps if step.outcome == "created"]
    first = await take_numbers(work, "C", len(created)) if created else 0
    for number, step in enumerate(created, start=first):
        rows.create(step, f"C-{number:06d}")
    for step in steps:
        if step.outcome == "updated":
            rows.change(step)
        rows.remember(step)
    await rows.write()
    await found_owners(work, rows.found_owners)
    for source, texts in rows.texts.items():
        await keep_texts(work, source, texts)
    if any(one.spec.searchable for one in of_contacts):
        texts = await contact_fields.texts_by_customer(work, of_contacts, rows.with_people)
        await keep_texts(work, "contact", texts)
    changes.moved(work, Customer, rows.findable)
    changes.happened(work, "customer.created", "customer", rows.created)
    changes.happened(work, "customer.edited", "customer", rows.changed)
    await index.refresh(work, rows.findable)


class _Rows:
    """The rows of one part, table by table."""

    def __init__(self, work: Work, batch: ImportBatch, fields: Fields, of_contacts: Fields) -> None:
        self._work, self._batch, self._fields = work, batch, fields
        self._of_contacts = of_contacts
        self._new: dict[type[Any], list[dict[str, Any]]] = {
            table: []
            for table in (
                Customer, Contact, CustomerLocation, OwnerChange, LevelChange, FieldValue,
                CustomerTag, AuditEntry, ImportRow,
            )
        }  # fmt: skip
        self._keys: list[dict[str, Any]] = []
        self._external: list[dict[str, Any]] = []
        self._renamed: list[str] = []
        self._given_up: list[str] = []
        self._customers: list[dict[str, Any]] = []
        self._contacts: list[dict[str, Any]] = []
        self._before: dict[int, dict[str, Any]] = {}
        self._stale_values: list[dict[str, Any]] = []
        self._stale_tags: list[dict[str, Any]] = []
        self.texts: dict[Source, dict[str, list[str]]] = {"field": {}, "tag": {}}
        self.created: list[str] = []
        self.changed: list[str] = []
        self.found_owners: list[str] = []
        self.with_people: list[str] = []  # customers whose contacts have other values now

    @property
    def findable(self) -> list[str]:
        return self.created + self.changed

    def create(self, step: Step, number: str) -> None:
        work, new = self._work, step.new
        assert new is not None
        values = customer_values(work, new, number=number, owner_id=step.owner_id)
        customer_id = step.customer_id = values["id"]
        more = {"source": new.source or "import", "custom": applied({}, step.custom)}
        self._new[Customer].append({**values, **more})
        for one, kept in zip(new.contacts, step.people, strict=True):
            self._add_contact(customer_id, one, kept)
        if new.location:
            self._new[CustomerLocation].append(proposal_values(work, customer_id, new.location))
        self._value(step, customer_id, {})
        told: dict[str, Pair] = {"name": (None, new.name), **audited(step.custom)}
        if step.tags_come:
            self._tag(step, customer_id, [])
            told["tags"] = ([], [one.name for one in step.tags_come])
        self._audit("customer.imported", customer_id, told)
        self._claim(step, customer_id)
        self.created.append(customer_id)

    def change(self, step: Step) -> None:
        work, change = self._work, step.change
        assert change is not None and step.customer_id is not None
        customer_id, customer = step.customer_id, change.present.customer
        fields = with_derived(work, change)
        if step.custom:
            fields["custom"] = (customer.custom, applied(customer.custom, step.custom))
        after = {f"to_{name}": getattr(customer, name) for name in FIELDS}
        after |= {f"to_{name}": to for name, (_, to) in fields.items()}
        self._customers.append({**after, "at_id": customer_id})
        fields.pop("custom", None)
        before: dict[str, Any] = {"fields": plain(timeless(fields))}
        before |= self._own_before(step)
        self._value(step, customer_id, customer.custom)
        added = [
            self._add_contact(customer_id, one, kept)
            for one, kept in zip(change.added_contacts, change.added_own, strict=True)
        ]
        before["contacts"] = [
            [one[name] for name in ("id", "name", "title", "phone")] for one in added
        ]
        before["changed_contacts"] = {
            contact_id: plain(self._contact(change, contact_id))
            for contact_id in {**change.changed_contacts, **change.changed_own}
        }
        new = zip((one["id"] for one in added), change.added_own, strict=True)
        before["contact_custom"] = {
            one: self._entered(kept) for one, kept in (*new, *change.changed_own.items())
        }
        if change.place:
            place = proposal_values(work, customer_id, change.place)
            self._new[CustomerLocation].append(place)
            before["places"] = [place["id"]]
        if step.external_id:
            before["external"] = [change.present.external_id, step.external_id]
            self._renamed.append(customer_id)
        self._before[step.number] = before
        self._given_up += step.gives_up
        self._claim(step, customer_id)
        told = {name: pair for name, pair in change.fields.items() if name != "owner_id"}
        told |= audited(step.custom)
        contacts = [*(one["name"] for one in added), *change.changed_contacts]
        if contacts:
            told["contacts"] = (None, contacts)
        if told or step.external_id:
            self._audit("customer.edited", customer_id, told)
        if step.tags_go or step.tags_come:
            tags = change.present.tags
            names = (
                [one.name for one in tags],
                [one.name for one in self._tag(step, customer_id, tags)],
            )
            self._audit("customer.tagged", customer_id, {"tags": names})
        if "owner_id" in change.fields:
            self._give(customer_id, *change.fields["owner_id"])
        if "level" in change.fields:
            before_after = change.fields["level"]
            why = self._batch.file_name
            self._new[LevelChange].append(
                level_values(work, customer_id, *before_after, IMPORTED, why)
            )
        self.changed.append(customer_id)

    def _own_before(self, step: Step) -> dict[str, Any]:
        """What an undo needs of values and tags; what formulas made follows from the others."""
        custom = {
            key: list(pair)
            for key, pair in step.custom.items()
            if not self._fields.by_key[key].is_computed
        }
        tags = [[one.id for one in tags] for tags in (step.tags_go, step.tags_come)]
        before: dict[str, Any] = {"custom": custom} if custom else {}
        return before | ({"tags": tags} if any(tags) else {})

    def _value(self, step: Step, customer_id: str, before: Mapping[str, Value]) -> None:
        """Let it be found by its values."""
        if not step.custom:
            return
        fields = self._fields
        after = {key: to for key, (_, to) in step.custom.items()}
        if before:
            self._stale_values += [
                {"at_id": customer_id, "at_field": fields.by_key[key].number} for key in after
            ]
        self._new[FieldValue] += rows_of(self._work, fields, customer_id, after)
        if any(fields.by_key[key].spec.searchable for key in after):
            self.texts["field"][customer_id] = texts_of(fields, applied(before, step.custom))

    def _tag(self, step: Step, customer_id: str, before: Sequence[Tag]) -> list[Tag]:
        """The tags that it has now."""
        work = self._work
        here = {"tenant_id": work.tenant_id, "customer_id": customer_id, "at": work.now}
        self._new[CustomerTag] += [
            {**here, "tag_id": one.id, "by_id": work.actor.member_id} for one in step.tags_come
        ]
        self._stale_tags += [{"at_id": customer_id, "at_tag": one.id} for one in step.tags_go]
        after = [one for one in before if one not in step.tags_go] + step.tags_come
        self.texts["tag"][customer_id] = tagging.texts_of(after)
        return after

    def remember(self, step: Step) -> None:
        self._new[ImportRow].append(row_of(self._batch, step, self._before.get(step.number, {})))

    async def write(self) -> None:
        work = self._work
        if self._given_up:
            await work.session.execute(
                delete(CustomerKey).where(
                    CustomerKey.tenant_id == work.tenant_id, CustomerKey.key.in_(self._given_up)
                )
            )
        await self._insert_unless_there(CustomerKey, "key", self._keys)
        if self._renamed:
            await work.session.execute(forget_external(work, self._batch.system, self._renamed))
        await self._insert_unless_there(ExternalId, "external_id", self._external)
        if self._customers:
            await work.session.execute(CHANGE_CUSTOMER, self._at(self._customers))
        if self._contacts:
            await work.session.execute(CHANGE_CONTACT, self._at(self._contacts))
        for statement, stale in (
            (FORGET_VALUE, self._stale_values), (FORGET_TAG, self._stale_tags)
        ):  # fmt: skip
            if stale:
                await work.session.execute(statement, self._at(stale))
        for model, rows in self._new.items():
            if rows:  # into the table, not the class: half the time
                await work.session.execute(insert(cast(Table, model.__table__)), rows)

    def _at(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**row, "at_tenant_id": self._work.tenant_id} for row in rows]

    async def _insert_unless_there(
        self, model: type[Any], key: str, rows: list[dict[str, Any]]
    ) -> None:
        if not rows:
            return
        # Sorted, so that two imports that claim the same keys wait for each other in one order.
        ordered = sorted(rows, key=lambda row: str(row[key]))
        claimed = await self._work.session.scalars(
            insert_into(self._work.session, model.__table__)
            .on_conflict_do_nothing()
            .returning(model.__table__.c[key]),
            ordered,
        )
        if len(claimed.all()) < len(rows):
            raise ImportOvertaken()

    def _claim(self, step: Step, customer_id: str) -> None:
        here = {"tenant_id": self._work.tenant_id, "customer_id": customer_id}
        self._keys += [{**here, "key": k} for k in step.claims if not k.startswith(EXTERNAL)]
        if step.external_id:
            external = {"system": self._batch.system, "external_id": step.external_id}
            self._external.append({**here, **external})

    def _add_contact(self, customer_id: str, new: ContactIn, kept: Changed) -> dict[str, Any]:
        values = contact_values(self._work, customer_id, new) | {"custom": applied({}, kept)}
        self._new[Contact].append(values)
        if kept:
            told = {"name": (None, new.name), WHICH: (None, values["id"]), **audited(kept)}
            self._audit("contact.added", customer_id, told)
            self._value_of_contact(customer_id, values["id"], kept)
        return values

    def _entered(self, kept: Changed) -> dict[str, Any]:
        """What an undo needs of a contact's values; what formulas made follows from the others."""
        by_key = self._of_contacts.by_key
        return {key: list(pair) for key, pair in kept.items() if not by_key[key].is_computed}

    def _value_of_contact(self, customer_id: str, contact_id: str, kept: Changed) -> None:
        after = {key: to for key, (_, to) in kept.items()}
        self._new[FieldValue] += rows_of(self._work, self._of_contacts, contact_id, after)
        self.with_people.append(customer_id)

    def _contact(self, change: Change, contact_id: str) -> dict[str, tuple[Any, Any]]:
        different = change.changed_contacts.get(contact_id, {})
        kept = change.changed_own.get(contact_id, {})
        known = next(one for one in change.present.contacts if one.id == contact_id)
        if kept:
            self._audit("contact.edited", known.customer_id, {**whose(known), **audited(kept)})
            self._stale_values += [
                {"at_id": contact_id, "at_field": self._of_contacts.by_key[key].number}
                for key in kept
            ]
            self._value_of_contact(known.customer_id, contact_id, kept)
        if "phone" in different:
            key = phone_key(different["phone"][1])
            different = {**different, "phone_key": (known.phone_key, key)}
        values = {f"to_{name}": getattr(known, name) for name in CONTACT_FIELDS}
        values |= {f"to_{name}": to for name, (_, to) in different.items()}
        values["to_custom"] = applied(known.custom, kept)
        self._contacts.append({**values, "at_id": contact_id})
        return different

    def _give(self, customer_id: str, from_id: str | None, to_id: str | None) -> None:
        work = self._work
        if from_id is None:
            self.found_owners.append(customer_id)
        self._new[OwnerChange].append(
            {
                "tenant_id": work.tenant_id, "id": new_id(), "customer_id": customer_id,
                "at": work.now, "how": ASSIGNED, "from_id": from_id, "to_id": to_id,
                "by_id": work.actor.member_id, "pool_id": None, "reason": "", "due_on": None,
            }
        )  # fmt: skip
        self._audit("customer.assigned", customer_id, {"owner_id": (from_id, to_id)})

    def _audit(self, action: str, customer_id: str, change: dict[str, tuple[Any, Any]]) -> None:
        work, batch = self._work, self._batch
        self._new[AuditEntry].append(
            {
                "tenant_id": work.tenant_id, "id": new_id(), "at": work.now,
                "member_id": batch.member_id, "via": batch.via, "action": action,
                "subject": "customer", "subject_id": customer_id,
                "change": plain({**change, "import": (None, batch.id)}),
            }
        )  # fmt: skip


def forget_external(work: Work, system: str, customer_ids: Sequence[str]) -> Delete:
    """The ids by which a system knows these customers."""
    return (
        delete(ExternalId)
        .where(
            ExternalId.tenant_id == work.tenant_id,
            ExternalId.customer_id.in_(customer_ids),
            ExternalId.system == system,
        )
        .execution_options(synchronize_session=False)
    )


def row_of(batch: ImportBatch, step: Step, before: dict[str, Any]) -> dict[str, Any]:
    """The row of the table that says what became of a row of the file."""
    return {
        "tenant_id": batch.tenant_id,
        "batch_id": batch.id,
        "run": batch.run,
        "number": step.number,
        "outcome": step.outcome,
        "customer_id": step.customer_id,
        "reasons": [[reason.zh, reason.en] for reason in dict.fromkeys(step.reasons)],
        "before": before,
        "undone": "",
        "kept": [],
    }
