"""What was typed together with filters, against a plain scan, while customers change by every way.

The scan reads the rows as they are and compares each of them; it knows neither the index nor how a
filter becomes SQL.
"""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import insert, select

from field_ops.access.fields import roles_that_look
from field_ops.custom_fields import actions as own
from field_ops.custom_fields.errors import FilterWrong
from field_ops.custom_fields.fields import fields_for
from field_ops.custom_fields.models import CUSTOMER, FieldValue
from field_ops.custom_fields.spec import FieldSpec
from field_ops.custom_fields.values import rows_of
from field_ops.customers import actions, tagging
from field_ops.customers.filters import CustomerFilter
from field_ops.customers.lookup import look_up, ranked
from field_ops.customers.models import Customer
from field_ops.customers.schemas import CustomerChange
from field_ops.customers.sight import sight_of
from field_ops.db import Database, new_id
from field_ops.exchange.at_once import Wishes
from field_ops.grading import proposals
from field_ops.grading.models import GradeProposal
from field_ops.history.numbers import take_numbers
from field_ops.merges import actions as merges
from field_ops.pool import actions as pool
from field_ops.tags.actions import make_group, make_tag
from field_ops.tags.models import CustomerTag
from field_ops.tags.schemas import GroupIn, TagIn
from field_ops.work import Work
from tests.factories import Company, a_customer, work_as
from tests.field_ops.customers.test_lookup_recall import some_customers, store
from tests.field_ops.exchange.desk import a_desk, a_sheet

SEED = 20260311
SIZE = 300
CHANGES = 60
LEVELS, STAGES, CITIES = "ABCD", ("potential", "contacted", "intent", "won"), ("武汉", "上海", "")
BRANDS = ("nike", "puma", "asics")
AREAS = ("0", "40", "80.5", "120", "300")
TYPED = ("", "武汉", "华联", "超市", "书店", "路1", "c")
FIELDS = {
    "brands": {
        "type": "choices",
        "label": {"zh": "品牌"},
        "options": [{"key": one, "label": {"zh": one}} for one in BRANDS],
    },
    "area": {"type": "number", "label": {"zh": "面积"}},
    "chain": {"type": "yes_no", "label": {"zh": "连锁"}},
    "yearly": {"type": "formula", "label": {"zh": "全年"}, "formula": "area * 12"},
}


@dataclass
class World:
    """A company with customers, whose fields and tags are known."""

    database: Database
    company: Company
    folder: Path
    dice: random.Random
    tags: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)

    def work(self, session: Any, who: str = "admin") -> Work:
        return work_as(session, getattr(self.company, who))


@pytest.fixture
async def world(database: Database, company: Company, tmp_path: Path) -> AsyncIterator[World]:
    made = World(database, company, tmp_path, random.Random(SEED))
    async with database.writing() as session:
        work = made.work(session)
        for key, said in FIELDS.items():
            await own.define(work, CUSTOMER, key, FieldSpec.model_validate(said))
        group = await make_group(work, GroupIn(name="经营特点"))
        for name in ("学校", "夜市", "连锁"):
            made.tags.append((await make_tag(work, TagIn(group_id=group.id, name=name))).id)
        fields = await fields_for(work, CUSTOMER)
        rows = [
            one.model_copy(
                update={"level": made.dice.choice(LEVELS), "city": made.dice.choice(CITIES)}
            )
            for one in some_customers(made.dice, SIZE)
        ]
        owners = [company.lilei.id, company.hanmeimei.id, company.wang.id, None]
        await take_numbers(work, "C", SIZE)  # which are given by `store`
        kept = await store(work, rows, owners, made.dice)  # type: ignore[arg-type]
        for one in kept:
            values = some_values(made.dice)
            customer = await session.get_one(Customer, (work.tenant_id, one["id"]))
            customer.custom = values
            if found := list(rows_of(work, fields, customer.id, values)):
                await session.execute(insert(FieldValue), found)
            if made.dice.random() < 0.4:
                await tagging.tag(work, customer.id, [made.dice.choice(made.tags)], [])
    yield made


def some_values(dice: random.Random) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if dice.random() < 0.6:
        values["brands"] = sorted(dice.sample(BRANDS, dice.randint(1, 2)), key=BRANDS.index)
    if dice.random() < 0.5:
        values["chain"] = dice.random() < 0.5
    return values


async def edited(world: World, work: Work, one: Customer) -> None:
    dice = world.dice
    change = dice.choice(
        [
            {"level": dice.choice(LEVELS), "level_reason": "走访后调整"},
            {"lifecycle_stage": dice.choice(STAGES)},
            {"city": dice.choice(CITIES)},
            {"type": dice.choice(("store", "customer", "distributor"))},
            {"custom": {"area": dice.choice(AREAS)}},
            {"custom": {"brands": dice.choice([None, ["puma"]]), "chain": dice.random() < 0.5}},
        ]
    )
    await actions.edit(work, one.id, CustomerChange(revision=one.revision, **change))  # type: ignore[arg-type]


async def tagged(world: World, work: Work, one: Customer) -> None:
    chosen = world.dice.sample(world.tags, 2)
    await tagging.tag(work, one.id, chosen[:1], chosen[1:])


async def graded(world: World, work: Work, one: Customer) -> None:
    after = world.dice.choice([level for level in LEVELS if level != one.level])
    proposal = GradeProposal(
        tenant_id=work.tenant_id, id=new_id(), quarter=work.today, customer_id=one.id,
        before=one.level, after=after, score=50.0, made_at=work.now,
    )  # fmt: skip
    work.session.add(proposal)
    await work.session.flush()
    await proposals.decide(work, proposal.id, accept=True, comment="本季采购明显变化")


async def given(world: World, work: Work, one: Customer) -> None:
    to = world.dice.choice([world.company.lilei.id, world.company.hanmeimei.id, None])
    await actions.assign(work, one.id, to)


async def released_or_taken(world: World, work: Work, one: Customer) -> None:
    if one.owner_id is not None:
        await pool.release(work, one.id, "暂无需求")
    else:
        await pool.assign(work, one.id, world.company.lilei.id)


async def merged_or_parted(world: World, work: Work, one: Customer) -> None:
    if world.merged and world.dice.random() < 0.5:
        await merges.undo(work, world.merged.pop())
        return
    others = [other for other in await present(work) if other.id != one.id]
    done = await merges.merge(work, one.id, world.dice.choice(others).id, {})
    world.merged.append(done.id)


WAYS: tuple[Callable[[World, Work, Customer], Awaitable[None]], ...] = (
    edited, edited, edited, tagged, graded, given, released_or_taken, merged_or_parted,
)  # fmt: skip


async def present(work: Work) -> list[Customer]:
    found = await work.session.scalars(
        select(Customer)
        .where(Customer.tenant_id == work.tenant_id, Customer.removed_at.is_(None))
        .order_by(Customer.number)
        .execution_options(populate_existing=True)
    )
    return list(found)


def some_filters(world: World) -> dict[str, Any]:
    """Up to three at once, as a page or a program sends them."""
    dice = world.dice
    asked = dice.choice(
        [
            {"field": "brands", "op": dice.choice(["is"]), "value": dice.choice(BRANDS)},
            {"field": "brands", "op": "none_of", "value": ["puma"]},
            {"field": "brands", "op": "all_of", "value": ["nike", "puma"]},
            {"field": "area", "op": dice.choice(["gte", "lte"]), "value": dice.choice(AREAS)},
            {"field": "yearly", "op": "gte", "value": "900"},
            {"field": "chain", "op": "is", "value": dice.random() < 0.5},
            {"field": "area", "op": "empty"},
        ]
    )
    offered: dict[str, Any] = {
        "level": dice.choice(LEVELS),
        "lifecycle_stage": dice.choice(STAGES),
        "city": dice.choice(CITIES),
        "type": dice.choice(("store", "customer")),
        "is_owned": dice.random() < 0.5,
        "owner_id": world.company.lilei.id,
        "pool_id": "default",
        "custom": [asked],
        "tags_any": world.dice.sample(world.tags, 2),
        "tags_all": world.dice.sample(world.tags, 1),
        "tags_none": world.dice.sample(world.tags, 1),
    }
    return {name: offered[name] for name in dice.sample(sorted(offered), dice.randint(1, 3))}


def as_filter(said: dict[str, Any]) -> CustomerFilter:
    written = {
        name: orjson.dumps(value).decode() if name == "custom" else ",".join(value)
        for name, value in said.items()
        if isinstance(value, list)
    }
    return CustomerFilter.model_validate(said | written)


def fits(one: Customer, tags: set[str], said: dict[str, Any]) -> bool:
    """The filters once more, as one would read them aloud."""
    plain = ("level", "lifecycle_stage", "city", "type", "owner_id", "pool_id")
    if any(getattr(one, name) != said[name] for name in plain if name in said):
        return False
    if "is_owned" in said and (one.owner_id is not None) != said["is_owned"]:
        return False
    if "pool_id" in said and one.owner_id is not None:
        return False
    if "tags_any" in said and not tags & set(said["tags_any"]):
        return False
    if not set(said.get("tags_all", ())) <= tags or tags & set(said.get("tags_none", ())):
        return False
    return all(holds(one.custom, **asked) for asked in said.get("custom", ()))


def holds(values: dict[str, Any], field: str, op: str, value: Any = None) -> bool:
    kept = values.get(field)
    match op:
        case "empty":
            return kept is None
        case "none_of":
            return not set(kept or ()) & set(value)
        case "all_of":
            return set(value) <= set(kept or ())
        case "is":
            return value in kept if isinstance(kept, list) else kept == value
        case "gte":
            return kept is not None and float(kept) >= float(value)
    return kept is not None and float(kept) <= float(value)


async def scanned(work: Work, typed: dict[str, list[str]], said: dict[str, Any]) -> list[str]:
    """Who of those that fit what was typed, which a test knows already, is so."""
    tags: dict[str, set[str]] = {}
    for row in await work.session.scalars(select(CustomerTag)):
        tags.setdefault(row.customer_id, set()).add(row.tag_id)
    known = {one.id: one for one in await present(work)}
    return [
        one for one in typed["ids"] if one in known and fits(known[one], tags.get(one, set()), said)
    ]


@pytest.mark.parametrize("few", [0, 50_000])
async def test_what_was_typed_among_what_is_filtered_is_what_a_scan_finds(
    world: World, few: int
) -> None:
    dice, met = world.dice, 0
    for turn in range(CHANGES):
        async with world.database.writing() as session:
            work = world.work(session)
            one = dice.choice(await present(work))
            await dice.choice(WAYS)(world, work, one)
        async with world.database.reading() as session:
            work = world.work(session, dice.choice(("admin", "admin", "wang", "lilei")))
            typed, said = dice.choice(TYPED), some_filters(world)
            sight = await sight_of(work)
            unlimited = [one for one, _ in await ranked(work, sight, typed, wanted=SIZE * 2)]
            expected = await scanned(work, {"ids": unlimited}, said)
            found = await ranked(work, sight, typed, only=as_filter(said), wanted=SIZE * 2, few=few)
            assert [one for one, _ in found] == expected, (turn, typed, said)
            met += bool(expected)
    assert met > CHANGES // 4


async def test_an_import_and_its_undo_are_filtered_by_at_once(world: World) -> None:
    async def names(**said: Any) -> list[str]:
        async with world.database.reading() as session:
            rows, _ = await look_up(world.work(session), "进口", only=as_filter(said))
            return [row.customer.name for row in rows]

    async def brought(lines: str, mode: Any) -> str:
        sheet = a_sheet(world.folder, f"客户名称,电话,等级,城市\n{lines}")
        wishes = Wishes(mode=mode, key="name_city")
        return (await desk.take_in(sheet, wishes)).batch.id

    desk = a_desk(world.database, world.folder, world.company.admin, world.company.tenant.id)
    await brought("进口酒水行,13911112222,A,上海\n进口玩具城,13911113333,B,上海\n", "create")
    assert await names(level="A", city="上海") == ["进口酒水行"]
    again = await brought("进口玩具城,13911113333,A,上海\n", "update")
    assert await names(level="A") == ["进口酒水行", "进口玩具城"]
    await desk.undo(again)
    assert await names(level="A", is_owned=True) == ["进口酒水行"]
    assert await names(level="B") == ["进口玩具城"]


async def test_a_level_that_a_rule_gave_is_filtered_by(world: World) -> None:
    async with world.database.writing() as session:
        work = world.work(session)
        one = await a_customer(work, "升级门店", level="C")
        await graded(world, work, one)
        rows, _ = await look_up(work, "升级", only=CustomerFilter(level=one.level))  # type: ignore[arg-type]
    assert [row.customer.name for row in rows] == ["升级门店"]


async def test_nobody_guesses_by_filtering_what_is_hidden_from_him(world: World) -> None:
    hidden = {
        "type": "text",
        "label": {"zh": "密"},
        "access": {"rep": {"owned": "HIDDEN", "pool": "HIDDEN"}},
    }
    pool_only = {"type": "text", "label": {"zh": "微信"}, "access": {"rep": {"pool": "MASKED"}}}
    async with world.database.writing() as session:
        work = world.work(session)
        await own.define(work, CUSTOMER, "secret", FieldSpec.model_validate(hidden))
        await own.define(work, CUSTOMER, "wechat", FieldSpec.model_validate(pool_only))
        for name, owner_id in (("秘店一", world.company.lilei.id), ("秘店二", None)):
            shop = await a_customer(world.work(session, "lilei"), name, owner_id=owner_id)
            change = CustomerChange(revision=1, custom={"secret": "x", "wechat": "zhang"})
            await actions.edit(work, shop.id, change)
    async with world.database.reading() as session:
        lilei, admin = world.work(session, "lilei"), world.work(session)
        assert roles_that_look(lilei) == {"rep"}
        with pytest.raises(FilterWrong):
            await look_up(lilei, "秘店", only=as_filter({"custom": [a_value("secret", "x")]}))
        asked = as_filter({"custom": [a_value("wechat", "zhang")]})
        for work, expected in ((lilei, {"秘店一"}), (admin, {"秘店一", "秘店二"})):
            rows, _ = await look_up(work, "秘店", only=asked)
            assert {row.customer.name for row in rows} == expected


def a_value(key: str, value: str) -> dict[str, str]:
    return {"field": key, "op": "is", "value": value}
