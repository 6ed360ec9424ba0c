"""A call, a chat, a note: written down once, late where it must be, put right for a day."""

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from field_ops.customers.models import Contact, Customer
from field_ops.db import new_id
from field_ops.follow_ups import drafts
from field_ops.follow_ups.actions import record
from field_ops.follow_ups.errors import DraftOfFollowUpGone
from field_ops.follow_ups.models import FollowUp
from field_ops.follow_ups.schemas import FollowUpIn
from field_ops.grading.measures import relationship
from field_ops.grading.rules import GradeRules
from field_ops.history.queries import audited
from field_ops.merges.actions import merge
from field_ops.pool.facts import last_follow_ups
from field_ops.runtime import Runtime
from field_ops.work import Work
from tests.conftest import TUESDAY_MORNING
from tests.factories import Company, a_customer, a_member, work_as
from tests.field_ops.follow_ups.conftest import Clock
from tests.pages import Page, a_page

CALL: dict[str, Any] = {"channel": "call", "duration_s": 95, "summary": "谈了续约"}


async def test_a_call_is_kept_once_and_restarts_the_clock(
    runtime: Runtime, company: Company, shop: Customer, lilei: Page
) -> None:
    here = f"/customers/{shop.id}/follow-ups"
    first = await lilei.send("POST", here, CALL, key="call-1")
    again = await lilei.send("POST", here, CALL, key="call-1")
    assert (first.status_code, first.json()) == (201, again.json())
    kept = first.json()
    assert kept["counts"] and kept["may_edit"] and kept["member_name"] == "李雷"
    async with runtime.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(FollowUp)) == 1
        work = work_as(session, company.lilei)
        assert await last_follow_ups(work, [shop.id]) == {shop.id: TUESDAY_MORNING}


async def test_a_late_one_keeps_the_time_at_which_it_took_place(
    runtime: Runtime, company: Company, shop: Customer, lilei: Page
) -> None:
    here = f"/customers/{shop.id}/follow-ups"
    friday = TUESDAY_MORNING - timedelta(days=4)
    await lilei.send("POST", here, {**CALL, "happened_at": TUESDAY_MORNING.isoformat()})
    late = await lilei.send("POST", here, {**CALL, "happened_at": friday.isoformat()})
    assert late.json()["happened_at"].startswith("2026-03-06")
    async with runtime.database.reading() as session:  # it came after, and is not the last
        work = work_as(session, company.lilei)
        assert await last_follow_ups(work, [shop.id]) == {shop.id: TUESDAY_MORNING}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"happened_at": (TUESDAY_MORNING + timedelta(minutes=6)).isoformat()}, "not_yet_happened"),
        ({"happened_at": (TUESDAY_MORNING - timedelta(days=31)).isoformat()}, "too_long_ago"),
        ({"happened_at": "2026-03-10T09:00:00"}, "fields_invalid"),
        ({"summary": " ", "duration_s": 0}, "nothing_said"),
        ({"channel": "note", "summary": ""}, "nothing_said"),
        ({"channel": "visit"}, "fields_invalid"),
        ({"next_action": "送样", "next_action_on": "2026-03-09"}, "promise_in_the_past"),
        ({"contact_id": "nobody"}, "contact_not_here"),
        ({"member_id": "somebody"}, "not_allowed"),
        ({"duration_s": 86401}, "fields_invalid"),
    ],
)
async def test_what_cannot_be_is_refused_with_a_way_on(
    shop: Customer, lilei: Page, wrong: dict[str, Any], code: str
) -> None:
    refused = await lilei.send("POST", f"/customers/{shop.id}/follow-ups", {**CALL, **wrong})
    assert refused.json()["code"] == code


async def test_the_writer_puts_it_right_for_a_day_and_what_it_said_is_kept(
    runtime: Runtime, company: Company, shop: Customer, lilei: Page, wang: Page, clock: Clock
) -> None:
    kept = (await lilei.send("POST", f"/customers/{shop.id}/follow-ups", CALL)).json()
    here = f"/follow-ups/{kept['id']}"
    change = {"duration_s": 20, "next_action": "送样品", "next_action_on": "2026-03-12"}
    changed = (await lilei.send("PATCH", here, change)).json()
    assert not changed["counts"]
    assert changed["next_action_due_at"] == "2026-03-12T01:00:00Z"
    (edit,) = changed["edits"]
    assert edit["change"] == {
        "duration_s": [95, 20],
        "next_action": ["", "送样品"],
        "next_action_due_at": [None, "2026-03-12T01:00:00+00:00"],
    }
    assert (await lilei.send("PATCH", here, change)).json()["edits"] == changed["edits"]
    assert (await wang.send("PATCH", here, {"summary": "…"})).json()["code"] == "not_your_follow_up"
    assert (await wang.get(here)).json()["may_edit"] is False

    clock.now += timedelta(hours=24, seconds=1)
    late = await lilei.send("PATCH", here, {"summary": "改一下"})
    assert late.json()["code"] == "follow_up_settled"


async def test_the_writer_takes_it_back_for_a_day_and_nothing_of_it_is_left_but_its_place(
    runtime: Runtime, company: Company, shop: Customer, lilei: Page, wang: Page, clock: Clock
) -> None:
    async with runtime.database.writing() as session:
        zhang = Contact(
            tenant_id=shop.tenant_id, id=new_id(), customer_id=shop.id, name="张老板",
            created_at=TUESDAY_MORNING,
        )  # fmt: skip
        session.add(zhang)
    friday = TUESDAY_MORNING - timedelta(days=4)
    rules, here = GradeRules(), f"/customers/{shop.id}/follow-ups"
    await lilei.send("POST", here, {**CALL, "happened_at": friday.isoformat()})
    async with runtime.database.reading() as session:
        before = await relationship(work_as(session, company.lilei), rules, [shop.id])
    wrong = {
        **CALL, "contact_id": zhang.id, "next_action": "送样品", "next_action_on": "2026-03-12",
    }  # fmt: skip
    kept = (await lilei.send("POST", here, wrong)).json()
    one = f"/follow-ups/{kept['id']}"
    await lilei.send("PATCH", one, {"summary": "谈了价格"})
    assert (await wang.send("DELETE", one)).json()["code"] == "not_your_follow_up"

    clock.now += timedelta(hours=2)
    gone = (await lilei.send("DELETE", one, key="gone-1")).json()
    assert gone["removed_at"] == "2026-03-10T03:30:00Z"
    said = ("summary", "next_action", "next_action_due_at", "contact_id", "duration_s", "edits")
    assert not any(gone[name] for name in said)
    assert not gone["counts"] and not gone["may_edit"]
    assert (await lilei.send("DELETE", one, key="gone-1")).json() == gone
    clock.now += timedelta(days=2)  # a second press does nothing, however late
    assert (await lilei.send("DELETE", one, key="gone-2")).json() == gone
    assert (await lilei.send("PATCH", one, {"summary": "…"})).json()["code"] == "follow_up_gone"

    page = await wang.get(f"/customers/{shop.id}/timeline", kinds="follow_up")
    told, _ = page.json()["entries"]
    assert (told["by_name"], told["at"]) == ("李雷", kept["happened_at"])
    assert told["follow_up"]["removed_at"] == gone["removed_at"]
    assert not told["follow_up"]["summary"] and not told["follow_up"]["contact_name"]
    person = await lilei.get(f"/customers/{shop.id}/contacts/{zhang.id}/person")
    assert person.json()["known_by"] == []
    async with runtime.database.reading() as session:
        work = work_as(session, company.lilei)
        assert await last_follow_ups(work, [shop.id]) == {shop.id: friday}
        assert await relationship(work, rules, [shop.id]) == before
        (entry,) = await audited(work, kept["id"], "follow_up.removed")
    assert entry.member_id == company.lilei.id
    assert entry.change["summary"] == ["谈了价格", ""]
    assert entry.change["next_action_due_at"] == ["2026-03-12T01:00:00+00:00", None]
    assert entry.change["counts"] == [True, False]


async def test_after_a_day_it_stays_and_so_does_the_log_of_a_visit(
    runtime: Runtime, company: Company, shop: Customer, lilei: Page, clock: Clock
) -> None:
    kept = (await lilei.send("POST", f"/customers/{shop.id}/follow-ups", CALL)).json()
    async with runtime.database.writing() as session:
        of_visit = FollowUp(
            tenant_id=shop.tenant_id, id=new_id(), customer_id=shop.id, channel="visit",
            member_id=company.lilei.id, visit_id=new_id(), summary="到店",
            happened_at=clock.now, created_at=clock.now,
        )  # fmt: skip
        session.add(of_visit)
    refused = await lilei.send("DELETE", f"/follow-ups/{of_visit.id}")
    assert refused.json()["code"] == "written_by_the_visit"
    clock.now += timedelta(hours=24, seconds=1)
    late = await lilei.send("DELETE", f"/follow-ups/{kept['id']}")
    assert late.json()["code"] == "follow_up_settled"
    assert (await lilei.get(f"/follow-ups/{kept['id']}")).json()["summary"] == "谈了续约"


@pytest.mark.parametrize("seed", range(6))
async def test_what_is_taken_back_leaves_the_clock_as_if_it_had_never_been(
    runtime: Runtime, company: Company, shop: Customer, lilei: Page, seed: int
) -> None:
    """Whatever was written and taken back in whichever order: the clock is that of the rest."""
    chance, standing, here = Random(seed), dict[str, dict[str, Any]](), f"/customers/{shop.id}"
    for _ in range(25):
        if standing and chance.random() < 0.4:
            gone = chance.choice(sorted(standing))
            await lilei.send("DELETE", f"/follow-ups/{gone}")
            del standing[gone]
        else:
            at = TUESDAY_MORNING - timedelta(minutes=chance.randint(1, 40000))
            said = {**CALL, "duration_s": chance.choice((5, 95)), "happened_at": at.isoformat()}
            kept = (await lilei.send("POST", f"{here}/follow-ups", said)).json()
            standing[kept["id"]] = kept
        counted = [one["happened_at"] for one in standing.values() if one["duration_s"] >= 30]
        async with runtime.database.reading() as session:
            last = await last_follow_ups(work_as(session, company.lilei), [shop.id])
        assert {f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in last.values()} == set(sorted(counted)[-1:])


async def test_who_sees_the_customer_sees_its_follow_ups(
    runtime: Runtime, company: Company, shop: Customer, lilei: Page, han: Page
) -> None:
    here = f"/customers/{shop.id}/follow-ups"
    kept = (await lilei.send("POST", here, CALL)).json()
    assert (await han.get(f"/follow-ups/{kept['id']}")).status_code == 404
    assert (await han.send("POST", here, CALL)).status_code == 404
    async with runtime.database.writing() as session:
        boss = a_member(session, company.connection, "赵总", company.head_office, role="executive")
    async with a_page(runtime, company, boss) as page:
        assert (await page.get(f"/follow-ups/{kept['id']}")).json()["summary"] == "谈了续约"
        assert (await page.send("POST", here, CALL)).json()["code"] == "not_allowed"


async def test_a_follow_up_of_a_customer_that_was_merged_meanwhile_lands_at_the_other(
    runtime: Runtime, company: Company, shop: Customer, lilei: Page
) -> None:
    async with runtime.database.writing() as session:
        work = work_as(session, company.wang)
        other = await a_customer(work_as(session, company.lilei), "华联超市（光谷店）")
        before = await lilei_calls(work_as(session, company.lilei), shop)
        await merge(work, other.id, shop.id, {})
    kept = (await lilei.send("POST", f"/customers/{shop.id}/follow-ups", CALL)).json()
    assert kept["customer_id"] == other.id
    assert (await lilei.get(f"/follow-ups/{before.id}")).json()["customer_id"] == other.id


async def test_it_names_whom_of_theirs_they_spoke_with(
    runtime: Runtime, company: Company, shop: Customer, lilei: Page
) -> None:
    async with runtime.database.writing() as session:
        zhang = Contact(
            tenant_id=shop.tenant_id, id=new_id(), customer_id=shop.id, name="张老板",
            created_at=TUESDAY_MORNING,
        )  # fmt: skip
        session.add(zhang)
    body = {**CALL, "contact_id": zhang.id, "next_action_on": date(2026, 3, 10).isoformat()}
    kept = await lilei.send("POST", f"/customers/{shop.id}/follow-ups", body)
    assert kept.json()["contact_name"] == "张老板"


async def lilei_calls(work: Work, shop: Customer) -> FollowUp:
    return await record(work, shop.id, FollowUpIn.model_validate(CALL))


async def test_what_was_said_to_the_bot_waits_for_one_tap_and_keeps_its_moment(
    runtime: Runtime, company: Company, shop: Customer
) -> None:
    said = FollowUpIn(channel="note", summary="谈了续约", next_action_on=date(2026, 3, 10))
    async with runtime.database.writing() as session:
        code = await drafts.keep(work_as(session, company.lilei), shop.id, said)
    late = TUESDAY_MORNING + timedelta(days=1)
    async with runtime.database.writing() as session:
        with pytest.raises(DraftOfFollowUpGone):
            await drafts.confirm(work_as(session, company.wang, late), code)
        kept = await drafts.confirm(work_as(session, company.lilei, late), code)
        assert (kept.happened_at, kept.next_action_due_at) == (TUESDAY_MORNING, None)
        with pytest.raises(DraftOfFollowUpGone):
            await drafts.confirm(work_as(session, company.lilei, late), code)
