"""What cells say of the fields that a company made: columns beside our own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import or_

from ..access import visible
from ..custom_fields import values
from ..custom_fields.columns import Column, columns_of, ids_by_name, value_from_text
from ..custom_fields.errors import FieldValueMissing
from ..custom_fields.fields import Fields
from ..custom_fields.models import CUSTOMER
from ..custom_fields.sight import OwnEyes, own_eyes
from ..custom_fields.types import Value
from ..custom_fields.values import Changed
from ..customers.models import Customer
from ..customers.names import full_name_key
from ..errors import Refusal
from ..texts import Text
from ..work import Work
from .tag_cells import told

OWN = "custom."  # before the key of a field that the company made, in a mapping
AT_ONCE = 500

Named = Mapping[str, Mapping[str, Sequence[str]]]  # ids by name, by the type of the field


async def own_columns(work: Work) -> list[Column]:
    """Of the company's own fields those that the actor may fill in, in their order."""
    eyes = await own_eyes(work, CUSTOMER)
    return [one for one in columns_of(eyes) if one.may_be_filled and not one.field.is_computed]


@dataclass(frozen=True, slots=True)
class OwnCells:
    """The company's own columns, with what is needed to read some rows."""

    work: Work
    eyes: OwnEyes
    named: Named = field(default_factory=dict)
    prefix: str = OWN  # before the keys of its columns

    @property
    def fields(self) -> Fields:
        return self.eyes.fields

    def begin(
        self, texts: Mapping[str, str], owner_id: str | None, built_in: Mapping[str, Value]
    ) -> tuple[Changed, list[Text]]:
        """The values of a new customer, with the usual ones and what formulas make of them."""
        if not self.fields.by_key and not any(map(self._is_own, texts)):
            return {}, []
        read, reasons = self.read(texts, owner_id, {})
        given = {**values.usual(self.fields, read), **read}
        said = {code.removeprefix(self.prefix) for code in texts if self._is_own(code)}
        wrong = said - read.keys()
        reasons += [
            told(FieldValueMissing(field=one.label))
            for one in values.missing(self.eyes, owner_id, {**given, **built_in})
            if one.key not in wrong
        ]
        return values.changes(self.work, self.fields, {}, given), reasons

    def change(
        self, texts: Mapping[str, str], owner_id: str | None, before: Mapping[str, Value]
    ) -> tuple[Changed, list[Text]]:
        """What changes of a customer that is there: empty cells say nothing."""
        read, reasons = self.read(texts, owner_id, before)
        if not read:
            return {}, reasons
        return values.changes(self.work, self.fields, before, read), reasons

    def read(
        self, texts: Mapping[str, str], owner_id: str | None, before: Mapping[str, Value]
    ) -> tuple[dict[str, Value], list[Text]]:
        """The values that cells say by key, and a sentence for each cell that is wrong."""
        read: dict[str, Value] = {}
        reasons: list[Text] = []
        for code, text in texts.items():
            if not self._is_own(code):
                continue
            key = code.removeprefix(self.prefix)
            try:
                read[key] = self._read(key, text, owner_id, before.get(key))
            except Refusal as refusal:
                reasons.append(told(refusal))
        return read, reasons

    def _read(self, key: str, text: str, owner_id: str | None, was: Value) -> Value:
        known = self.fields.by_key.get(key)
        given: Value = text
        if known is not None and not known.is_archived:
            given = value_from_text(known, text, self.named.get(known.type, {}), self.work.zone)
        return values.becomes(self.eyes, key, owner_id, was, given)

    def _is_own(self, code: str) -> bool:
        return code.startswith(self.prefix)


async def own_cells(
    work: Work,
    rows: Sequence[Mapping[str, str]],
    of: str = CUSTOMER,
    prefix: str = OWN,
    *,
    until_commit: bool = False,
) -> OwnCells:
    """For these rows. `until_commit`: as for `fields_for`."""
    eyes = await own_eyes(work, of, until_commit=until_commit)
    wanted: dict[str, set[str]] = {}
    for one in eyes.fields.present:
        if one.kind.is_reference:
            names = {text.strip() for texts in rows if (text := texts.get(prefix + one.key))}
            wanted.setdefault(one.type, set()).update(names)
    named = {type_: await _ids(work, type_, names) for type_, names in wanted.items()}
    return OwnCells(work, eyes, named, prefix)


async def _ids(work: Work, type_: str, names: set[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    ordered = sorted(names)
    for at in range(0, len(ordered), AT_ONCE):
        some = ordered[at : at + AT_ONCE]
        if type_ == "customer":
            found |= await _customers(work, some)
        else:
            found |= await ids_by_name(work, type_, some)
    return found


async def _customers(work: Work, names: Sequence[str]) -> dict[str, list[str]]:
    """Those in sight, by name or by number."""
    keys = [key for name in names if (key := full_name_key(name))]
    rows = await work.session.execute(
        visible(work, Customer)
        .with_only_columns(Customer.id, Customer.full_name_key, Customer.number)
        .where(or_(Customer.full_name_key.in_(keys), Customer.number.in_(names)))
    )
    found: dict[str, list[str]] = {}
    for customer_id, key, number in rows:
        for name in names:
            if number == name or (key and key == full_name_key(name)):
                found.setdefault(name, []).append(customer_id)
    return found
