"""Random organisations whose shops have visits, plans, follow-ups, comments, files, contacts,
relations, requests and suspected twins: what each door tells of them, and who gets through it with
which verb, is what the oracle says.

`WAIQIN_TEST_ORGANISATIONS=200` asks as many organisations as that.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from field_ops.api_tokens import actions as api_tokens
from field_ops.api_tokens.schemas import ApiTokenIn
from field_ops.attachments import actions as attachments
from field_ops.chat_contacts.actions import revoke_consent
from field_ops.chat_contacts.queries import chats_of
from field_ops.comments import actions as comments
from field_ops.comments.schemas import CommentIn
from field_ops.comments.sight import mentionable
from field_ops.contacts import queries as persons
from field_ops.contacts.actions import move, note_traits
from field_ops.contacts.errors import MovedNowhere
from field_ops.contacts.schemas import TraitsIn
from field_ops.customers import actions as customers
from field_ops.customers.errors import OtherNotFound
from field_ops.customers.masked import masked_name, shown
from field_ops.customers.models import Customer
from field_ops.customers.queries import detail, find_customer
from field_ops.customers.related import relations_of
from field_ops.customers.schemas import ContactIn
from field_ops.customers.suspects import Described, suspects
from field_ops.db import Database
from field_ops.errors import NotAllowed, NotFound, Refusal
from field_ops.follow_ups import actions as follow_ups
from field_ops.follow_ups.queries import whole
from field_ops.follow_ups.schemas import FollowUpIn
from field_ops.grading import queries as grading
from field_ops.http import tokens
from field_ops.merges import actions as merges
from field_ops.merges import pairs
from field_ops.pool import actions as pools
from field_ops.pool import extensions
from field_ops.sharing import actions as sharing
from field_ops.sharing import queries as shares
from field_ops.sharing import requests
from field_ops.timeline.history import field_history
from field_ops.timeline.kinds import Kind
from field_ops.timeline.queries import timeline
from field_ops.work import Work
from tests.conftest import TUESDAY_MORNING

from .belongings import furnish
from .oracle import ASSIGN, COMMENT, CONFIRM, EDIT, MERGE, SHARE, VISIT, Organisation
from .organisations import Town, a_town, shake
from .test_every_answer_is_the_oracles import SEEDS, SHAKES, work_of

ASKED = 12  # of all pairs of a member and a shop
KINDS: tuple[Kind, ...] = ("visit", "plan", "follow_up", "comment", "attachment")
A_FILE = attachments.KeptFile("合同.pdf", "pdf", "application/pdf", 1, "0" * 64, "")
SHUT = (NotFound, NotAllowed, OtherNotFound, MovedNowhere)  # others are said to whoever may

Read = Callable[[Work, str], Awaitable[Any]]
Verb = Callable[[Work, str], Awaitable[Any]]


# What is read of one shop -------------------------------------------------------------------------


async def told(work: Work, shop_id: str) -> set[tuple[str, str]]:
    page = await timeline(work, shop_id, KINDS, "", 100)
    return {(one.kind, one.row.id) for one in page.found}


async def history(work: Work, shop_id: str) -> bool:
    return bool(await field_history(work, shop_id, "name", "", 10))


async def shared_with(work: Work, shop_id: str) -> tuple[dict[str, str], bool]:
    found = await shares.collaborators_of(work, shop_id)
    return {one: access for one, _, access in found}, await shares.may_share(work, shop_id)


async def related(work: Work, shop_id: str) -> set[tuple[str, bool, bool]]:
    found = (await relations_of(work, shop_id)).present
    return {(one.relation.id, one.is_seen, one.name == one.other.name) for one in found}


async def waiting(work: Work, shop_id: str) -> set[str]:
    return {one.id for one, _, _ in await requests.waiting(work, shop_id)}


async def went_away(work: Work, shop_id: str) -> set[tuple[str, bool]]:
    found = await persons.former(work, shop_id)
    return {(one.id, one.to_id in found.seen) for one in found.rows}


async def what_he_may(work: Work, shop_id: str) -> frozenset[str]:
    return (await detail(work, shop_id)).may


async def who_agreed(work: Work, shop_id: str) -> set[str]:
    return {one.id for one in (await chats_of(work, shop_id)).consents}


async def whom_to_mention(work: Work, shop_id: str) -> set[str]:
    customer = await find_customer(work, shop_id)
    return {one.id for one in await mentionable(work, customer, "成员")}


def read_by(town: Organisation, who: str, shop_id: str) -> dict[Read, Any]:
    """What each of them answers to somebody who sees the shop."""
    sees = town.sees(who)
    is_shown = town.shows_contacts(who, shop_id)
    above = [one for one in town.things if one.kind == "relation" and one.beside == shop_id]
    sides = [(one, one.beside) for one in town.of(shop_id, "relation")]
    sides += [(one, one.shop) for one in above]
    decides = town.decides(who, shop_id, SHARE)
    return {
        told: town.timeline(who, shop_id),
        history: True,
        shared_with: (town.shops[shop_id].shared, town.may(who, SHARE) and decides),
        related: {(one.id, other in sees, other in sees) for one, other in sides},
        waiting: {one.id for one in town.of(shop_id, "request")} if decides else set(),
        went_away: {(one.id, one.beside in sees) for one in town.of(shop_id, "move") if is_shown},
        what_he_may: {one for one in (ASSIGN, CONFIRM) if town.decides(who, shop_id, one)}
        | ({EDIT} if shop_id in town.edits(who) else set()),
        who_agreed: {one.id for one in town.of(shop_id, "consent") if is_shown},
        whom_to_mention: {one for one in town.people if shop_id in town.sees(one)} - {who},
    }


# What is done with one shop -----------------------------------------------------------------------


def verbs(town: Organisation, who: str, shop_id: str, other: str) -> dict[str, tuple[Verb, bool]]:
    """Each verb, and whether he gets through with it."""
    shop = town.shops[shop_id]
    edits = shop_id in town.edits(who)
    (file,) = town.of(shop_id, "attachment")
    shown_there = town.shows_contacts(who, shop_id)
    (contact,) = town.of(shop_id, "contact")
    return {
        "comment": (
            lambda work, one: comments.comment(work, one, CommentIn(text="好")),
            town.adds(who, shop_id, COMMENT),
        ),
        "follow up": (
            lambda work, one: follow_ups.record(
                work, one, FollowUpIn(channel="note", summary="谈了续约")
            ),
            town.adds(who, shop_id, VISIT, EDIT),
        ),
        "attach": (
            lambda work, one: attachments.attach(work, one, A_FILE),
            town.adds(who, shop_id, VISIT, EDIT),
        ),
        "remove a file": (
            lambda work, _: attachments.remove(work, file.id),
            edits or (shop_id in town.sees(who) and file.by == who),
        ),
        "share": (
            lambda work, one: sharing.share(work, one, other, "read"),
            town.may(who, SHARE) and town.decides(who, shop_id, SHARE),
        ),
        "take himself off": (
            lambda work, one: sharing.unshare(work, one, who),
            shop_id in town.sees(who) and who in shop.shared,
        ),
        "assign": (
            lambda work, one: customers.assign(work, one, other),
            town.may(who, ASSIGN) and town.decides(who, shop_id, ASSIGN),
        ),
        "release": (
            lambda work, one: pools.release(work, one, "店铺已转让"),
            town.releases(who, shop_id),
        ),
        "look in the pool": (pools.open_details, shop_id in town.in_his_pools(who)),
        "claim": (pools.claim, shop_id in town.in_his_pools(who)),
        "add a contact": (
            lambda work, one: customers.add_contact(work, one, ContactIn(name="钱店长")),
            edits and shown_there,
        ),
        "remove a contact": (
            lambda work, one: customers.remove_contact(work, one, contact.id),
            edits and shown_there,
        ),
        "note a person": (
            lambda work, one: note_traits(work, one, contact.id, TraitsIn(style="driver")),
            edits and shown_there and town.opens_phones(who, shop_id),
        ),
        "take a consent back": (
            lambda work, one: revoke_consent(work, one, contact.id),
            edits and shown_there,
        ),
        "look at a person": (
            lambda work, one: persons.person(work, one, contact.id),
            shop_id in town.sees(who) and shown_there,
        ),
    }


def verbs_of_two(
    town: Organisation, who: str, shop_id: str, beside: str
) -> dict[str, tuple[Verb, bool]]:
    (contact,) = town.of(shop_id, "contact")
    twins = {(one.shop, one.beside) for one in town.things if one.kind == "pair"}
    is_pair = not twins.isdisjoint({(shop_id, beside), (beside, shop_id)})
    merges_both = town.merges(who, shop_id) and town.merges(who, beside)
    return {
        "relate": (
            lambda work, one: customers.relate(work, one, beside, "group", other_is_above=True),
            shop_id in town.edits(who) and beside in town.sees(who),
        ),
        "make it the branch": (
            lambda work, one: customers.relate(work, one, beside, "branch", other_is_above=False),
            {shop_id, beside} <= town.edits(who),
        ),
        "move a contact": (
            lambda work, one: move(work, one, contact.id, beside, "采购"),
            {shop_id, beside} <= town.edits(who) and town.shows_contacts(who, shop_id),
        ),
        "tell apart": (
            lambda work, one: pairs.say_different(work, one, beside),
            merges_both and is_pair,
        ),
        "preview a merge": (
            lambda work, one: merges.show_merge(work, one, beside, {}),
            merges_both,
        ),
        "merge": (lambda work, one: merges.merge(work, one, beside, {}), merges_both),
    }


async def gets_through(work: Work, verb: Verb, shop_id: str) -> bool:
    """Whether he is neither refused nor hears that there is nothing. What was done is undone."""
    async with work.session.begin_nested() as taken_back:
        try:
            await verb(work, shop_id)
        except Refusal as refusal:
            return not isinstance(refusal, SHUT)
        finally:
            if taken_back.is_active:
                await taken_back.rollback()
    return True


# All of them ------------------------------------------------------------------------------------


async def compare(session: AsyncSession, town: Town, busy: list[str], seed: int) -> None:
    told, chance = town.told, town.chance
    asked = [(who, shop_id) for who in told.people for shop_id in busy]
    for who, shop_id in chance.sample(asked, ASKED):
        work, where = await work_of(session, town, who), (seed, who, shop_id)
        for read, expected in read_by(told, who, shop_id).items():
            if shop_id in told.sees(who):
                assert await read(work, shop_id) == expected, (*where, read.__name__)
                continue
            with pytest.raises(NotFound):
                await read(work, shop_id)
        beside = chance.choice([one for one in busy if one != shop_id])
        other = chance.choice(list(told.people))
        doors = verbs(told, who, shop_id, other) | verbs_of_two(told, who, shop_id, beside)
        for name, (verb, may_do) in doors.items():
            assert await gets_through(work, verb, shop_id) == may_do, (*where, beside, name)


async def compare_lists(session: AsyncSession, town: Town, seed: int) -> None:
    """What is asked without naming a shop."""
    told = town.told
    for who in told.people:
        work, sees = await work_of(session, town, who), told.sees(who)
        for one in (one for one in told.things if one.kind == "follow_up"):
            is_there = await gets_through(work, lambda work, _, one=one: whole(work, one.id), "")
            assert is_there == (one.shop in sees), (seed, who, "follow-up")
        asked = {one.id for one, _, _ in await requests.waiting_for_me(work)}
        assert asked == told.decided_by(who, "request", SHARE), (seed, who, "requests")
        more_time = {one.id for one, _, _ in await extensions.waiting_for_me(work)}
        assert more_time == {
            one.id for one in told.things
            if one.id in told.decided_by(who, "extension", ASSIGN)
            and told.shops[one.shop].owner is not None
        }, (seed, who, "extensions")  # fmt: skip
        levels = {one.id: may_decide for one, _, may_decide in await grading.waiting(work)}
        assert levels == {
            one.id: one.shop in told.edits(who) for one in told.things
            if one.kind == "proposal" and one.shop in sees
        }, (seed, who, "levels")  # fmt: skip
        await compare_pairs(work, told, who)
        await compare_suspects(work, town, who)


async def compare_pairs(work: Work, told: Organisation, who: str) -> None:
    if not told.may(who, MERGE):
        with pytest.raises(NotAllowed):
            await pairs.open_pairs(work)
        return
    found = {(one.one.id, one.other.id) for one in await pairs.open_pairs(work)}
    assert found == {
        (one.shop, one.beside) for one in told.things
        if one.kind == "pair" and told.merges(who, one.shop) and told.merges(who, one.beside)
    }, (who, "pairs")  # fmt: skip


async def compare_suspects(work: Work, town: Town, who: str) -> None:
    """All are looked at, and of what is out of sight no more than a masked name is said."""
    typed = town.chance.choice(list(town.told.shops))
    row = await work.session.get_one(Customer, (town.tenant_id, typed))
    found = await shown(work, await suspects(work, Described(row.name, phones=(row.phone,))))
    assert (row.id in {one.customer_id for one in found}) == (row.merged_into is None)
    sees = town.told.sees(who)
    for one in found:
        assert one.is_masked == (one.customer_id not in sees), (who, "suspects")
        if one.is_masked:
            known = await work.session.get_one(Customer, (town.tenant_id, one.customer_id))
            said = (one.name, one.number, one.owner_name)
            assert said == (masked_name(known.name), "", ""), (who, "suspects")


@pytest.mark.parametrize("seed", SEEDS)
async def test_each_door_tells_and_opens_as_the_oracle_says(database: Database, seed: int) -> None:
    async with database.writing() as session:
        town = await a_town(session, seed)
        for _ in range(SHAKES):
            await shake(session, town)
        busy = await furnish(session, town)
        await compare(session, town, busy, seed)
        await compare_lists(session, town, seed)


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_program_gets_through_the_same_doors_as_far_as_its_departments(
    database: Database, seed: int
) -> None:
    async with database.writing() as session:
        town = await a_town(session, seed)
        busy, every = await furnish(session, town), list(town.rows)
        for departments in ([], every[:1], every[1:3]):
            for scopes in (["customers.read"], ["customers.write", "visits.read"]):
                work = await a_program(session, town, departments, scopes)
                for shop_id in busy[:4]:
                    await compare_program(work, town.told, shop_id, departments, scopes)


async def a_program(
    session: AsyncSession, town: Town, departments: list[str], scopes: list[str]
) -> Work:
    wanted = ApiTokenIn.model_validate(
        {"name": "ERP", "scopes": scopes, "departments": departments, "days": 1}
    )
    _, token = await api_tokens.make(town.work(session), wanted)
    actor, zone, _ = await tokens.actor_of(session, token, scopes[0], TUESDAY_MORNING, "zh")
    return Work(session, actor, TUESDAY_MORNING, zone)


async def compare_program(
    work: Work, told_: Organisation, shop_id: str, departments: list[str], scopes: list[str]
) -> None:
    sees, writes = shop_id in told_.a_program_sees(departments), "customers.write" in scopes
    where = (departments, scopes, shop_id)
    if sees:
        visits = "visits.read" in scopes
        expected = told_.a_program_is_told(departments, shop_id, visits=visits)
        assert await told(work, shop_id) == expected, where
    (said, *_) = told_.of(shop_id, "follow_up")
    note = FollowUpIn(channel="note", summary="谈了续约")
    doors: dict[str, tuple[Verb, bool]] = {
        "timeline": (told, sees),
        "follow-up": (lambda work, _: whole(work, said.id), sees),
        "record": (lambda work, one: follow_ups.record(work, one, note), sees and writes),
        "add a contact": (
            lambda work, one: customers.add_contact(work, one, ContactIn(name="钱店长")),
            sees and writes and not told_.hides_contacts(shop_id),
        ),
        "share": (lambda work, one: sharing.share(work, one, said.by, "read"), False),
        "merge": (lambda work, one: merges.merge(work, one, said.shop, {}), False),
    }
    for name, (verb, may_do) in doors.items():
        assert await gets_through(work, verb, shop_id) == may_do, (*where, name)
