"""Formulas: what they come to, against an oracle of fractions, and that they are kept computed."""

import random
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from field_ops.custom_fields.formula import FormulaWrong, checked, parse
from field_ops.custom_fields.functions import Type
from field_ops.customers import computing
from field_ops.runtime import Runtime
from tests.factories import Company, a_customer, work_as
from tests.field_ops.custom_fields.conftest import a_field, a_shop, change, define, options
from tests.pages import Page

TYPES: dict[str, Type] = {
    "a": "number", "b": "number", "none": "number", "name": "text", "day": "date",
    "ok": "yes_no", "kinds": "choices",
}  # fmt: skip
VALUES: dict[str, Any] = {
    "a": Decimal("2.5"), "b": Decimal(0), "name": "华联", "day": date(2026, 1, 31),
    "ok": True, "kinds": ("chain", "ka"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ("1 + 2 * 3", Decimal(7)),
        ("(1 + 2) * 3", Decimal(9)),
        ("-a + -1", Decimal("-3.5")),
        ("10 - 2 - 3", Decimal(5)),
        ("a / b", None),
        ("none + 1", None),
        ("coalesce(none, 4)", Decimal(4)),
        ("sum(none, 1, 2)", Decimal(3)),
        ("max(none)", None),
        ("round(2 / 3, 2)", Decimal("0.67")),
        ("round(-0.5)", Decimal(-1)),
        ("floor(-1.5) + ceil(-1.5)", Decimal(-3)),
        ("if(a >= 2.5, '大', '小')", "大"),
        ("if(none > 1, 1)", None),
        ("not (none > 1) and ok", True),
        ("none <> 1", None),
        ("name & '-' & a & '-' & none & day", "华联-2.5-2026-01-31"),
        ("left(upper('abc'), 2)", "AB"),
        ("contains(name, '联') and has(kinds, 'ka') and not has(kinds, 'x')", True),
        ("is_empty(none) and not is_empty(a)", True),
        ("add_months(day, 1)", date(2026, 2, 28)),
        ("days_between(day, add_days(day, 30))", Decimal(30)),
        ("year(day) * 100 + month(day)", Decimal(202601)),
        ("add_days(day, 99999999)", None),
        ("999999999999999 * 999999999999999", None),
        ("'or' & \"'\"", "or'"),
    ],
)
def test_a_formula_comes_to(formula: str, result: Any) -> None:
    assert checked(parse(formula), TYPES).compute(VALUES) == result


@pytest.mark.parametrize(
    "formula",
    [
        "", "1 +", "(1", "1)", "a b", "a.b", "a[0]", "lambda: 1", "__import__('os')", "a + name",
        "if(1, 2, 3)", "if(ok, 1, 'x')", "not a", "name < ok", "kinds = kinds", "round()",
        "open('x')", "f'{a}'", "a ** 2", "a; b", "'unfinished", "nobody + 1", "9" * 16,
        "(" * 200 + "1" + ")" * 200, "1" + "+1" * 400,
    ],
)  # fmt: skip
def test_what_is_no_formula_is_refused_with_a_sentence(formula: str) -> None:
    with pytest.raises(FormulaWrong) as refused:
        checked(parse(formula), TYPES)
    assert refused.value.say("zh").startswith("公式不对：")


Tree = tuple[str, Callable[[dict[str, Fraction | None]], Fraction | None]]


def half_up(number: Fraction) -> Fraction | None:
    """Twelve decimals, halves away from zero; empty when it is too large."""
    if abs(number) >= 10**15:
        return None
    steps = abs(number) * 10**12
    whole = (2 * steps.numerator + steps.denominator) // (2 * steps.denominator)
    return Fraction(whole if number >= 0 else -whole, 10**12)


def a_tree(dice: random.Random, depth: int) -> Tree:
    """A formula as text, and what it means, by the rules of the language said once more."""
    if depth == 0 or dice.random() < 0.2:
        if dice.random() < 0.5:
            name = dice.choice(["x", "y", "z"])
            return name, lambda values: values[name]
        written = dice.choice(["0", "1", "0.1", "3", "12.75", "1000"])
        return written, lambda _: Fraction(written)
    left, one = a_tree(dice, depth - 1)
    right, other = a_tree(dice, depth - 1)
    sign = dice.choice(["+", "-", "*", "/", "if", "coalesce", "negative"])

    def meant(values: dict[str, Fraction | None]) -> Fraction | None:
        a, b = one(values), other(values)
        if sign == "coalesce":
            return a if a is not None else b
        if sign == "negative":
            return None if a is None else -a
        if a is None or b is None:
            return b if sign == "if" else None
        if sign == "if":
            return a if a > b else b
        if sign == "/":
            return half_up(a / b) if b else None
        return half_up({"+": a + b, "-": a - b, "*": a * b}[sign])

    match sign:
        case "if":
            return f"if({left} > {right}, {left}, {right})", meant
        case "coalesce":
            return f"coalesce({left}, {right})", meant
        case "negative":
            return f"(-{left})", meant
    return f"({left} {sign} {right})", meant


@pytest.mark.parametrize("seed", range(4))
def test_random_formulas_come_to_what_the_oracle_says(seed: int) -> None:
    dice = random.Random(seed)
    types: dict[str, Type] = {"x": "number", "y": "number", "z": "number"}
    for _ in range(100):
        written, meant = a_tree(dice, 4)
        values = {
            name: dice.choice([None, Decimal(0), Decimal("0.3"), Decimal("-7.25"), Decimal(10**11)])
            for name in types
        }
        if len(written) > 1000:
            continue
        result = checked(parse(written), types).compute(values)
        expected = meant({k: None if v is None else Fraction(v) for k, v in values.items()})
        assert (None if result is None else Fraction(str(result))) == expected, written


async def test_a_formula_follows_what_it_is_made_of(admin: Page, lilei: Page) -> None:
    await define(
        admin,
        a_field("yearly", "money"),
        a_field("shops", "integer"),
        a_field("signed", "moment"),
        a_field("per_shop", "formula", formula="yearly / shops"),
        a_field("size", "formula", formula="if(per_shop >= 1000, '大', '小') & '/' & year(signed)"),
    )
    shop = await a_shop(lilei, custom={"yearly": "10000", "shops": 3})
    assert shop["custom"]["per_shop"] == "3333.33"
    # 2025-12-31T16:30Z is New Year's morning in the company's zone.
    shop = (await change(lilei, shop, shops=0, signed="2025-12-31T16:30:00Z")).json()
    assert ("per_shop" in shop["custom"], shop["custom"]["size"]) == (False, "小/2026")
    refused = await change(lilei, shop, per_shop="1")
    assert refused.json()["code"] == "field_is_computed"


async def test_a_changed_formula_is_computed_for_everybody_in_parts(
    runtime: Runtime, company: Company, admin: Page
) -> None:
    await define(admin, a_field("area", "number"), a_field("big", "formula", formula="area > 50"))
    async with runtime.database.writing() as session:
        work = work_as(session, company.lilei)
        for number in range(computing.AT_ONCE + 5):
            await a_customer(work, f"店{number:03d}", at=None, custom={"area": str(number)})
    steps = await computed(runtime, company)
    assert steps == 2
    body = {"type": "formula", "label": {"zh": "大店"}, "formula": "area > 200", "revision": 1}
    changed = await admin.send("PUT", "/fields/customer/big", body)
    assert changed.json()["computing"] is True
    await computed(runtime, company)
    assert (await admin.get("/fields/customer/all")).json()["computing"] is False
    asked = '[{"field": "big", "op": "is", "value": true}]'
    rows = (await admin.get("/customers/all", custom=asked, fields="name,custom,revision")).json()
    assert sorted(row["name"] for row in rows["rows"]) == [f"店{n}" for n in range(201, 205)]
    assert {row["custom"]["big"] for row in rows["rows"]} == {True}
    other = {**body, "formula": "area + 1", "revision": 2}
    refused = await admin.send("PUT", "/fields/customer/big", other)
    assert (refused.status_code, refused.json()["code"]) == (409, "field_type_fixed")


async def computed(runtime: Runtime, company: Company) -> int:
    """In how many steps everything was."""
    steps, goes_on = 0, True
    while goes_on:
        async with runtime.database.writing() as session:
            goes_on = await computing.step(work_as(session, company.admin).as_system())
        steps += 1
    return steps


async def test_amounts_in_several_currencies_are_not_added(admin: Page) -> None:
    await define(admin, a_field("yearly", "money", currencies=["CNY", "USD"]), a_field("x"))
    refused = await admin.send(
        "POST", "/fields/customer", a_field("y", "formula", formula="yearly * 2")
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "formula_wrong")


async def test_a_formula_may_ask_what_was_chosen(admin: Page, lilei: Page) -> None:
    await define(
        admin,
        a_field("kinds", "choices", options=options("chain", "ka")),
        a_field("is_ka", "formula", formula="has(kinds, 'ka')"),
    )
    shop = await a_shop(lilei, custom={"kinds": ["chain", "ka"]})
    assert shop["custom"]["is_ka"] is True
