"""Comments: who may be mentioned, who is told and how often, and what stays of those taken back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from field_ops.customers.models import Customer
from field_ops.history.models import AuditEntry
from field_ops.merges.actions import merge, undo
from field_ops.outbox.models import OutboxMessage
from field_ops.runtime import Runtime
from tests.factories import Company, a_customer, a_member, work_as
from tests.field_ops.follow_ups.conftest import Clock
from tests.pages import Page, a_page


async def told(runtime: Runtime) -> list[tuple[str, str, str]]:
    """(kind, whom, title) of what waits to be sent."""
    async with runtime.database.reading() as session:
        rows = await session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
        return [(row.kind, row.member_id or "", row.message["title"]) for row in rows]


async def test_who_is_mentioned_is_told_once_in_his_language(
    runtime: Runtime, company: Company, shop: Customer, lilei: Page
) -> None:
    async with runtime.database.writing() as session:
        (
            await session.get_one(type(company.wang), (company.tenant.id, company.wang.id))
        ).language = "en"
    body = {"text": "@王主管 对方要九折，能批吗？", "mentions": [company.wang.id]}
    here = f"/customers/{shop.id}/comments"
    first = await lilei.send("POST", here, body, key="c-1")
    again = await lilei.send("POST", here, body, key="c-1")
    assert (first.status_code, first.json()) == (201, again.json())
    assert first.json()["mentions"] == [{"id": company.wang.id, "name": "王主管"}]
    title = "李雷 mentioned you at the customer “华联超市”"
    assert await told(runtime) == [("mention", company.wang.id, title)]
    edited = {**body, "text": "@王主管 对方要八八折"}
    await lilei.send("PATCH", f"/comments/{first.json()['id']}", edited)
    assert len(await told(runtime)) == 1


async def test_who_cannot_see_the_customer_cannot_be_mentioned_until_it_is_shared(
    runtime: Runtime, company: Company, shop: Customer, lilei: Page
) -> None:
    here, body = f"/customers/{shop.id}/comments", {"text": "@韩梅梅 帮看看", "mentions": []}
    both = {**body, "mentions": [company.hanmeimei.id, company.wang.id]}
    refused = (await lilei.send("POST", here, both)).json()
    assert refused["code"] == "cannot_see_customer"
    assert "韩梅梅" in refused["detail"] and "王主管" not in refused["detail"]
    assert "共享" in refused["detail"] and await told(runtime) == []
    share = f"/customers/{shop.id}/collaborators/{company.hanmeimei.id}"
    await lilei.send("PUT", share, {"access": "read"})
    assert (await lilei.send("POST", here, both)).status_code == 201
    kinds = sorted((kind, who) for kind, who, _ in await told(runtime) if kind == "mention")
    assert kinds == sorted(("mention", one) for one in both["mentions"])


async def test_the_picker_offers_only_who_sees_the_customer(
    company: Company, shop: Customer, lilei: Page, han: Page
) -> None:
    here = f"/customers/{shop.id}/mentionable"
    offered = {one["name"] for one in (await lilei.get(here)).json()["members"]}
    assert offered == {"王主管"}
    assert (await lilei.get(here, q="韩")).json()["members"] == []
    assert [one["name"] for one in (await lilei.get(here, q="管理")).json()["members"]] == [
        "管理员"
    ]
    assert (await lilei.get(here, q="%")).json()["members"] == []
    assert (await han.get(here)).status_code == 404


async def test_a_reply_tells_who_wrote_and_stands_below_it(
    runtime: Runtime, company: Company, shop: Customer, lilei: Page, wang: Page
) -> None:
    here = f"/customers/{shop.id}/comments"
    first = (await lilei.send("POST", here, {"text": "对方要九折"})).json()
    reply = (await wang.send("POST", here, {"text": "可以", "parent_id": first["id"]})).json()
    await lilei.send("POST", here, {"text": "好的", "parent_id": reply["id"]})
    kinds = [(kind, who) for kind, who, _ in await told(runtime)]
    assert kinds == [("reply", company.lilei.id)]  # a reply to oneself tells nobody
    (entry,) = (await wang.get(f"/customers/{shop.id}/timeline", kinds="comment")).json()["entries"]
    unknown = await wang.get(f"/customers/{shop.id}/timeline", kinds="comment,gossip")
    assert unknown.json()["facts"]["kind"] == "gossip"
    assert [one["text"] for one in entry["comment"]["replies"]] == ["可以", "好的"]
    assert [one["may_edit"] for one in entry["comment"]["replies"]] == [True, False]


async def test_a_comment_is_taken_back_for_a_day_and_leaves_a_trace(
    runtime: Runtime, company: Company, shop: Customer, lilei: Page, wang: Page, clock: Clock
) -> None:
    here = f"/customers/{shop.id}/comments"
    said = (await lilei.send("POST", here, {"text": "写错了"})).json()
    old = (await lilei.send("POST", here, {"text": "留着"})).json()
    mine = f"/comments/{said['id']}"
    assert (await wang.send("DELETE", mine)).json()["code"] == "not_your_comment"
    for _ in range(2):
        gone = (await lilei.send("DELETE", mine)).json()
        assert gone["is_removed"] and gone["text"] == "" and not gone["may_edit"]
    assert (await lilei.send("PATCH", mine, {"text": "又来"})).json()["code"] == "comment_gone"
    late = await wang.send("POST", here, {"text": "回复", "parent_id": said["id"]})
    assert late.json()["code"] == "comment_gone"
    async with runtime.database.reading() as session:
        (trace,) = await session.scalars(select(AuditEntry).where(AuditEntry.subject == "comment"))
        assert (trace.action, trace.change) == ("comment.removed", {"text": ["写错了", None]})
    clock.now += timedelta(hours=25)
    settled = await lilei.send("DELETE", f"/comments/{old['id']}")
    assert settled.json()["code"] == "comment_settled"


@pytest.mark.parametrize(("role", "status"), [("executive", 201), ("auditor", 403)])
async def test_who_leads_comments_and_who_only_reads_does_not(
    runtime: Runtime, company: Company, shop: Customer, role: str, status: int
) -> None:
    async with runtime.database.writing() as session:
        member = a_member(session, company.connection, "赵总", company.head_office, role=role)
    async with a_page(runtime, company, member) as page:
        said = await page.send("POST", f"/customers/{shop.id}/comments", {"text": "抓紧签"})
        assert said.status_code == status


async def test_comments_follow_a_merge_and_part_again(
    runtime: Runtime, company: Company, shop: Customer, lilei: Page
) -> None:
    async with runtime.database.writing() as session:
        work = work_as(session, company.lilei)
        other = await a_customer(work, "华联超市（光谷店）")
    said = (await lilei.send("POST", f"/customers/{shop.id}/comments", {"text": "老客户"})).json()
    async with runtime.database.writing() as session:
        done = await merge(work_as(session, company.wang), other.id, shop.id, {})
    reply = {"text": "是的", "parent_id": said["id"]}
    assert (await lilei.send("POST", f"/customers/{shop.id}/comments", reply)).status_code == 201
    shown = (await lilei.get(f"/customers/{other.id}/timeline", kinds="comment")).json()
    assert len(shown["entries"][0]["comment"]["replies"]) == 1
    async with runtime.database.writing() as session:
        await undo(work_as(session, company.wang), done.id)
    back = (await lilei.get(f"/customers/{shop.id}/timeline", kinds="comment")).json()["entries"]
    assert [one["comment"]["text"] for one in back] == ["老客户"]
