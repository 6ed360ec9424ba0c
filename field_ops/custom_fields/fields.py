"""The fields of an object as every process knows them: read once for each version of the set.

Whoever asks reads one small row to learn the version. So a field that somebody adds is there with
the next request of every process, and what a process knows is never older than its transaction.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from ..access.fields import State, level_said
from ..access.roles import FieldLevel
from ..texts import Text
from ..work import Work
from .errors import FormulasInCircle
from .formula import Formula, Node, checked, fields_of, parse
from .functions import Datum, Type
from .models import CONTACT, CUSTOMER, FieldDefinition, FieldSet
from .spec import FieldSpec
from .types import KINDS, Kind, Value

MOST_KNOWN = 1000  # sets in memory, of so many companies
FORMULA_TYPES: dict[str, Type] = {
    "text": "text",
    "number": "number",
    "integer": "number",
    "money": "number",
    "score": "number",
    "date": "date",
    "moment": "date",
    "yes_no": "yes_no",
    "choice": "text",
    "choices": "choices",
    "phone": "text",
    "email": "text",
    "url": "text",
    "barcode": "text",
    "region": "text",
}
# What a value may be shown by, of what every record has: the H5 knows the same.
BUILT_IN: Mapping[str, tuple[str, ...]] = {
    CUSTOMER: ("level", "type", "customer_kind"),
    CONTACT: ("role",),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field, ready to use. `type` is that of its values: a formula's is what it results in."""

    key: str
    number: int
    position: int
    revision: int
    spec: FieldSpec
    is_archived: bool
    type: str
    formula: Formula | None = None

    @property
    def label(self) -> Text:
        return self.spec.label.text

    @property
    def kind(self) -> Kind:
        return KINDS[self.type]

    @property
    def is_computed(self) -> bool:
        return self.formula is not None

    def level(self, roles: frozenset[str] | None, state: State) -> FieldLevel:
        """How far these roles see it; nobody fills in what is computed."""
        level = level_said(roles, self.spec.access, state)
        return min(level, FieldLevel.READ) if self.is_computed or self.is_archived else level

    def is_shown(self, values: Mapping[str, Value]) -> bool:
        """Whether its conditions hold; `values` with the built-in ones of `BUILT_IN`."""
        return all(_is_one_of(values.get(one.field), one.any_of) for one in self.spec.show_if)


@dataclass(frozen=True, slots=True)
class Fields:
    """All fields of an object in their order. `computed` are the formulas, each after those that
    it needs; `present` are those that nobody archived."""

    version: str = ""
    by_key: Mapping[str, Field] = field(default_factory=dict)
    computed: tuple[Field, ...] = ()

    @property
    def present(self) -> list[Field]:
        return [one for one in self.by_key.values() if not one.is_archived]

    def __iter__(self) -> Iterator[Field]:
        return iter(self.by_key.values())


RESULTS: dict[Type, str] = {name: name for name in ("number", "text", "date", "yes_no")}
NOTHING = Fields()
_known: dict[tuple[int, str], Fields] = {}


async def fields_for(work: Work, of: str, *, until_commit: bool = False) -> Fields:
    """The fields of an object of this company, archived ones too.

    `until_commit`: for whoever makes a record. Nobody changes a field before it is committed, so
    what computes formulas anew then finds it.
    """
    asked = select(FieldSet.version).where(
        FieldSet.tenant_id == work.tenant_id, FieldSet.object == of
    )
    version = await work.session.scalar(asked.with_for_update(read=True) if until_commit else asked)
    if version is None:
        return NOTHING
    known = _known.get((work.tenant_id, of))
    if known is not None and known.version == version:
        return known
    rows = await work.session.execute(
        select(
            FieldDefinition.key,
            FieldDefinition.number,
            FieldDefinition.position,
            FieldDefinition.revision,
            FieldDefinition.spec,
            FieldDefinition.archived_at,
        )
        .where(FieldDefinition.tenant_id == work.tenant_id, FieldDefinition.object == of)
        .order_by(FieldDefinition.position, FieldDefinition.number)
    )
    fields = gathered(version, [_field(*row) for row in rows])
    if len(_known) >= MOST_KNOWN:
        _known.clear()
    _known[work.tenant_id, of] = fields
    return fields


def gathered(version: str, found: list[Field]) -> Fields:
    """The set of these fields; their formulas checked, in the order in which they are computed.
    Raises FormulaWrong or FormulasInCircle."""
    by_key = {one.key: one for one in found}
    nodes = {one.key: parse(one.spec.formula) for one in found if one.spec.type == "formula"}
    types = {
        one.key: FORMULA_TYPES[one.spec.type]
        for one in found
        if one.spec.type in FORMULA_TYPES and _is_usable(one)
    }
    computed = []
    for key in in_order(nodes):
        formula = checked(nodes[key], types)
        result = by_key[key]
        if not result.is_archived:
            types[key] = formula.result
        made = Field(
            result.key, result.number, result.position, result.revision, result.spec,
            result.is_archived, RESULTS[formula.result], formula,
        )  # fmt: skip
        by_key[key] = made
        computed.append(made)
    return Fields(version, by_key, tuple(one for one in computed if not one.is_archived))


def in_order(nodes: Mapping[str, Node]) -> list[str]:
    """The formulas, each behind those that it needs. Raises FormulasInCircle."""
    ordered: dict[str, None] = {}
    waiting = {key: fields_of(node) & nodes.keys() for key, node in nodes.items()}
    while waiting:
        free = [key for key, needs in waiting.items() if needs <= ordered.keys()]
        if not free:
            raise FormulasInCircle(fields=", ".join(sorted(waiting)))
        ordered |= dict.fromkeys(free)
        waiting = {key: needs for key, needs in waiting.items() if key not in ordered}
    return list(ordered)


def datum(work: Work, field: Field, value: Value) -> Datum:
    """A kept value as formulas reckon with it."""
    if value is None:
        return None
    match field.type:
        case "money":
            return Decimal(value["amount"])
        case "number" | "integer" | "score":
            return Decimal(value)
        case "date":
            return date.fromisoformat(value)
        case "moment":
            return work.on(datetime.fromisoformat(value))
        case "choices":
            return tuple(value)
        case "region":
            return "/".join(value)
    return value  # type: ignore[no-any-return]  # a text, or yes or no


def _field(
    key: str, number: int, position: int, revision: int, spec: dict[str, Any], archived: Any
) -> Field:
    read = FieldSpec.model_validate(spec)
    return Field(key, number, position, revision, read, archived is not None, read.type)


def _is_usable(field: Field) -> bool:
    """Amounts in several currencies cannot be reckoned with."""
    several = field.spec.type == "money" and len(field.spec.currencies) > 1
    return not (field.is_archived or several)


def _is_one_of(value: Value, wanted: list[str]) -> bool:
    if isinstance(value, bool):
        return ("yes" if value else "no") in wanted
    if isinstance(value, list):
        return any(one in wanted for one in value)
    return value is not None and str(value) in wanted
