"""Whether a field can be as an administrator describes it. A wrong rule is refused by its name."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from ..access.roles import ROLES
from ..http.tokens import ROLE as OF_PROGRAMS
from ..people.models import MadeRole
from ..texts import Text
from ..work import Work
from .errors import FieldRuleWrong, FieldTypeFixed, OptionRemoved
from .fields import BUILT_IN
from .spec import FieldSpec, is_safe_pattern
from .types import (
    KINDS,
    MOST_DECIMALS,
    NOT_DATE,
    NOT_MOMENT,
    NOT_NUMBER,
    NOT_WHOLE,
    Wrong,
    read_decimal,
)

LENGTHS = frozenset({"min_length", "max_length", "pattern", "pattern_hint"})
BOUNDS = frozenset({"min", "max"})
VALUE = frozenset({"required", "default"})
RULES: dict[str, frozenset[str]] = {
    "text": VALUE | LENGTHS | {"searchable"},
    "long_text": VALUE | {"min_length", "max_length"},
    "number": VALUE | BOUNDS | {"decimals", "unit"},
    "integer": VALUE | BOUNDS | {"unit"},
    "money": VALUE | BOUNDS | {"currencies"},
    "score": VALUE | BOUNDS,
    "date": VALUE | BOUNDS,
    "moment": VALUE | BOUNDS,
    "yes_no": VALUE,
    "choice": VALUE | {"options"},
    "choices": VALUE | {"options", "most_chosen"},
    "phone": VALUE | {"searchable"},
    "email": VALUE | {"searchable"},
    "url": VALUE,
    "barcode": VALUE | LENGTHS | {"searchable"},
    "region": VALUE,
    "member": frozenset({"required"}),
    "department": frozenset({"required"}),
    "customer": frozenset({"required"}),
    "formula": frozenset({"formula", "decimals", "unit"}),
}
OF_SOME = frozenset().union(*RULES.values())
EMPTY = FieldSpec.model_validate({"type": "text", "label": {"zh": "-"}})
MOST_STARS = 10

UNKNOWN = Text("这种类型没有这条规则", "its type does not know it")
NEEDED = Text("这种类型要填写", "its type needs it")
CROSSED = Text("最小值比最大值还大", "the least is above the most")
UNSAFE = Text(
    "只能由字符、字符类和次数组成，不能有括号分组，不定长的部分最多三处",
    "it may have signs, classes and how often they come, no groups, and three parts of open length",
)
DOUBLE = Text("选项「{option}」重复", "the option “{option}” is there twice")
NO_OPTION = Text("至少要有一个可选的选项", "it needs an option that can be chosen")
NO_SUCH_FIELD = Text("没有字段 {key}", "there is no field {key}")
NO_SUCH_ROLE = Text("没有角色 {role}", "there is no role {role}")
NOT_ITSELF = Text("不能取决于自己", "it cannot depend on itself")
TOO_MANY_STARS = Text("评分只能在 0 到 {most} 之间", "scores are from 0 to {most}")
GUARDED = Text("对部分角色隐藏的字段不能用来查找", "what some may not see cannot be looked up by")


async def refuse_wrong(
    work: Work, of: str, key: str, spec: FieldSpec, others: Mapping[str, FieldSpec]
) -> None:
    """Raise unless a field of this key can be so beside the others that are present. Formulas are
    checked together, when the set is gathered."""
    _refuse_rules_of_others(spec)
    _refuse_bounds(spec)
    _refuse_options(spec)
    if spec.pattern and not is_safe_pattern(spec.pattern):
        raise FieldRuleWrong(rule="pattern", why=UNSAFE)
    if spec.default is not None:
        try:
            KINDS[spec.type].read(spec, spec.default)
        except Wrong as failure:
            raise FieldRuleWrong(rule="default", why=failure.why) from failure
    for condition in spec.show_if:
        if condition.field == key:
            raise FieldRuleWrong(rule="show_if", why=NOT_ITSELF)
        if condition.field not in others and condition.field not in BUILT_IN[of]:
            why = NO_SUCH_FIELD.filled(key=condition.field)
            raise FieldRuleWrong(rule="show_if", why=why)
    guarded = any(
        level in ("HIDDEN", "MASKED") for said in spec.access.values() for level in said.values()
    )
    if spec.searchable and guarded:
        raise FieldRuleWrong(rule="searchable", why=GUARDED)
    await _refuse_unknown_roles(work, spec)


def refuse_lossy(before: FieldSpec, after: FieldSpec) -> None:
    """Raise where values that are kept could not be read any more."""
    if before.type != after.type:
        raise FieldTypeFixed(field=before.label.text)
    for option in before.options:
        if after.option(option.key) is None:
            raise OptionRemoved(option=option.label.text)


def _refuse_rules_of_others(spec: FieldSpec) -> None:
    for rule in sorted(OF_SOME - RULES[spec.type]):
        if getattr(spec, rule) != getattr(EMPTY, rule):
            raise FieldRuleWrong(rule=rule, why=UNKNOWN)
    for rule in ("options", "formula"):
        if rule in RULES[spec.type] and not getattr(spec, rule):
            raise FieldRuleWrong(rule=rule, why=NEEDED)


def _refuse_bounds(spec: FieldSpec) -> None:
    read = [(rule, _bound(spec, rule)) for rule in ("min", "max")]
    low, high = (value for _, value in read)
    if low is not None and high is not None and low > high:
        raise FieldRuleWrong(rule="min", why=CROSSED)
    if spec.type == "score" and any(
        value is not None and not 0 <= value <= MOST_STARS for _, value in read
    ):
        raise FieldRuleWrong(rule="max", why=TOO_MANY_STARS.filled(most=MOST_STARS))
    if (spec.min_length or 0) > (spec.max_length or spec.min_length or 0):
        raise FieldRuleWrong(rule="min_length", why=CROSSED)


def _bound(spec: FieldSpec, rule: str) -> Any:
    written = getattr(spec, rule)
    if written is None:
        return None
    try:
        if spec.type in ("date", "moment"):
            plain = spec.model_copy(update={"min": None, "max": None})
            read: str = KINDS[spec.type].read(plain, written)
            if read != written:  # it is compared as it is written
                raise Wrong(NOT_DATE if spec.type == "date" else NOT_MOMENT)
            return read
        number = read_decimal(written, 2 if spec.type == "money" else MOST_DECIMALS)
        if spec.type in ("integer", "score") and number != number.to_integral_value():
            raise Wrong(NOT_WHOLE)
        if written.strip() != written or "," in written:
            raise Wrong(NOT_NUMBER)
    except Wrong as failure:
        raise FieldRuleWrong(rule=rule, why=failure.why) from failure
    return number


def _refuse_options(spec: FieldSpec) -> None:
    if not spec.options:
        return
    seen: set[str] = set()
    for option in spec.options:
        names = {option.key, option.label.zh, option.label.en or option.label.zh}
        if names & seen:
            why = DOUBLE.filled(option=option.label.text)
            raise FieldRuleWrong(rule="options", why=why)
        seen |= names
    if all(option.is_retired for option in spec.options):
        raise FieldRuleWrong(rule="options", why=NO_OPTION)


async def _refuse_unknown_roles(work: Work, spec: FieldSpec) -> None:
    unknown = spec.access.keys() - ROLES.keys() - {OF_PROGRAMS}
    if not unknown:
        return
    made = await work.session.scalars(
        select(MadeRole.code).where(
            MadeRole.tenant_id == work.tenant_id, MadeRole.code.in_(unknown)
        )
    )
    if missing := sorted(unknown - set(made)):
        raise FieldRuleWrong(rule="access", why=NO_SUCH_ROLE.filled(role=missing[0]))
