"""Whoever keeps a copy of what he sees has just that, whatever was shared, given, claimed, merged
and parted meanwhile: what came is in the rows of the list, what went in `gone`.

`WAIQIN_TEST_ORGANISATIONS=200` asks as many organisations as that.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from field_ops.access import may
from field_ops.customers import actions as customers
from field_ops.customers.filters import CustomerFilter
from field_ops.customers.listing import all_customers
from field_ops.db import Database
from field_ops.errors import Refusal
from field_ops.merges import actions as merges
from field_ops.pool import actions as pools
from field_ops.sharing import actions as sharing
from field_ops.work import Work

from .oracle import VIEW
from .organisations import Town, a_town, reload
from .test_every_answer_is_the_oracles import SEEDS, work_of

VERBS = ("share", "unshare", "unshare", "give", "release", "claim", "merge", "part")
TURNS, LOOKS_EVERY = 40, 5


@dataclass
class Copy:
    """What one member's program keeps."""

    ids: set[str] = field(default_factory=set)
    cursor: str = ""

    async def catch_up(self, work: Work) -> None:
        more = True
        while more:
            page = await all_customers(work, CustomerFilter(), self.cursor, 7, beside=frozenset())
            self.ids -= {one.id for one in page.gone}
            self.ids |= {one.id for one in page.customers}
            self.cursor, more = page.cursor, page.more


async def a_turn(work: Work, town: Town, done: list[str], claimer: Work) -> None:
    """One verb on whatever it falls; what becomes of it is read again by the caller."""
    chance, told = town.chance, town.told
    there = [one for one, shop in told.shops.items() if shop.merged_into is None]
    shop_id, who = chance.choice(there), chance.choice(list(told.people))
    match chance.choice(VERBS):
        case "share":
            await sharing.share(work, shop_id, who, chance.choice(["read", "edit"]))
        case "unshare":
            shared = [(one, him) for one in there for him in sorted(told.shops[one].shared)]
            if shared:
                await sharing.unshare(work, *chance.choice(shared))
        case "give":
            await customers.assign(work, shop_id, chance.choice([None, who]))
        case "release":
            await pools.release(work, shop_id, "店铺已转让")
        case "claim":
            await pools.claim(claimer, shop_id)
        case "merge":
            other = chance.choice([one for one in there if one != shop_id])
            done.append((await merges.merge(work, shop_id, other, {})).id)
        case "part" if done:
            await merges.undo(work, done.pop())


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_copy_has_what_its_keeper_sees_after_any_verbs(
    database: Database, seed: int
) -> None:
    async with database.writing() as session:
        town = await a_town(session, seed)
    copies, done = {who: Copy() for who in town.told.people}, list[str]()
    for turn in range(TURNS):
        async with database.writing() as session:
            now = town.work(session).now + timedelta(minutes=turn)
            work = replace(town.work(session), now=now)
            claimer = await work_of(session, town, town.chance.choice(list(town.told.people)))
            try:
                async with session.begin_nested():
                    await a_turn(work, town, done, replace(claimer, now=now))
            except Refusal:
                continue
            await reload(session, town)
        if turn % LOOKS_EVERY == LOOKS_EVERY - 1:
            await look(database, town, copies, (seed, turn))


async def look(
    database: Database, town: Town, copies: dict[str, Copy], when: tuple[int, int]
) -> None:
    async with database.reading() as session:
        for who, copy in copies.items():
            work = await work_of(session, town, who)
            if may(work, VIEW):
                await copy.catch_up(work)
            assert copy.ids == town.told.sees(who), (*when, who)
