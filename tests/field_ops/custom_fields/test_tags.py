"""Tags: who makes them, who puts them on customers, and that two become one without a gap."""

from typing import Any

import pytest
from sqlalchemy import select

from field_ops.access.roles import BUILT_IN
from field_ops.customers.tagging import settle_some
from field_ops.history.models import AuditEntry
from field_ops.runtime import Runtime
from field_ops.tags.models import CustomerTag
from tests.factories import Company, a_customer, a_member, work_as
from tests.field_ops.custom_fields.conftest import a_shop
from tests.pages import Page, a_page


async def a_group(admin: Page, name: str = "经营特点", **rules: Any) -> str:
    made = await admin.send("POST", "/tags/groups", {"name": name, **rules})
    assert made.status_code == 201, made.text
    return str(next(one["id"] for one in made.json()["groups"] if one["name"] == name))


async def a_tag(page: Page, group_id: str, name: str) -> str:
    made = await page.send("POST", "/tags", {"group_id": group_id, "name": name, "color": "blue"})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def put(page: Page, shop: dict[str, Any], *add: str, off: tuple[str, ...] = ()) -> Any:
    body = {"add": list(add), "remove": list(off)}
    return await page.send("PATCH", f"/customers/{shop['id']}/tags", body)


def names(customer: dict[str, Any]) -> list[str]:
    return [one["name"] for one in customer["tags"]]


async def found(page: Page, **query: Any) -> set[str]:
    answer = await page.get("/customers/all", fields="name", **query)
    assert answer.status_code == 200, answer.text
    return {row["name"] for row in answer.json()["rows"]}


@pytest.mark.parametrize("role", [role.code for role in BUILT_IN])
async def test_who_may_make_groups_and_tags(
    runtime: Runtime, company: Company, admin: Page, role: str
) -> None:
    controlled, free = await a_group(admin), await a_group(admin, "随手记", is_controlled=False)
    async with runtime.database.writing() as session:
        member = a_member(session, company.connection, "某人", company.team, role=role)
    configures = role in ("admin", "sales_ops")
    edits = configures or role in ("rep", "lead", "regional_manager")
    async with a_page(runtime, company, member) as page:
        group = await page.send("POST", "/tags/groups", {"name": "新组"})
        assert group.status_code == (201 if configures else 403)
        assert (await page.get("/tags/all")).status_code == (200 if configures else 403)
        for group_id, may in ((controlled, configures), (free, edits)):
            made = await page.send("POST", "/tags", {"group_id": group_id, "name": "学校周边"})
            assert made.status_code == (201 if may else 403), (role, made.text)


async def test_tags_are_put_on_taken_off_and_remembered(
    runtime: Runtime, company: Company, admin: Page, lilei: Page
) -> None:
    group = await a_group(admin)
    school, night = await a_tag(admin, group, "学校周边"), await a_tag(admin, group, "夜间营业")
    shop = await a_shop(lilei, tags=[school])
    assert names(shop) == ["学校周边"]
    assert names((await put(lilei, shop, night)).json()) == ["学校周边", "夜间营业"]
    again = (await put(lilei, shop, night)).json()
    after = (await put(lilei, shop, off=(school,))).json()
    assert (names(after), after["revision"]) == (["夜间营业"], again["revision"] + 1)
    async with runtime.database.reading() as session:
        rows = (
            await session.scalars(
                select(AuditEntry)
                .where(AuditEntry.subject_id == shop["id"], AuditEntry.action == "customer.tagged")
                .order_by(AuditEntry.id)
            )
        ).all()
    assert [row.change["tags"] for row in rows] == [
        [["学校周边"], ["学校周边", "夜间营业"]],
        [["学校周边", "夜间营业"], ["夜间营业"]],
    ]
    assert {(row.member_id, row.via) for row in rows} == {(company.lilei.id, "h5")}


async def test_a_group_for_one_tag_replaces_it(admin: Page, lilei: Page) -> None:
    group = await a_group(admin, is_single=True)
    small, large = await a_tag(admin, group, "小店"), await a_tag(admin, group, "大店")
    shop = await a_shop(lilei, tags=[small])
    assert names((await put(lilei, shop, large)).json()) == ["大店"]
    both = await put(lilei, shop, small, large)
    assert (both.status_code, both.json()["code"]) == (422, "one_tag_only")


async def test_a_group_for_some_roles_is_not_for_others(admin: Page, lilei: Page) -> None:
    group = await a_group(admin, roles=["admin"])
    tag = await a_tag(admin, group, "重点")
    shop = await a_shop(lilei)
    refused = await put(lilei, shop, tag)
    assert (refused.status_code, refused.json()["code"]) == (403, "tag_not_yours")
    assert names((await put(admin, shop, tag)).json()) == ["重点"]
    assert (await put(lilei, shop, off=(tag,))).status_code == 403


async def test_an_archived_tag_stays_where_it_is_and_goes_nowhere_else(
    admin: Page, lilei: Page
) -> None:
    group = await a_group(admin)
    tag = await a_tag(admin, group, "临时")
    shop, other = await a_shop(lilei, tags=[tag]), await a_shop(lilei, name="新华书店")
    body = {"group_id": group, "name": "临时", "is_archived": True, "revision": 1}
    assert (await admin.send("PUT", f"/tags/{tag}", body)).status_code == 200
    assert names((await lilei.get(f"/customers/{shop['id']}")).json()) == ["临时"]
    assert (await lilei.get("/tags")).json()["groups"][0]["tags"] == []
    assert (await put(lilei, other, tag)).json()["code"] == "tag_unknown"
    late = await admin.send("PUT", f"/tags/{tag}", body)
    assert (late.status_code, late.json()["code"]) == (409, "tag_changed_meanwhile")


async def test_two_tags_become_one_at_once_and_their_rows_follow(
    runtime: Runtime, company: Company, admin: Page, lilei: Page
) -> None:
    group = await a_group(admin)
    near, school = await a_tag(admin, group, "学校旁"), await a_tag(admin, group, "学校周边")
    one, both = (
        await a_shop(lilei, tags=[near]),
        await a_shop(lilei, name="红星", tags=[near, school]),
    )
    merged = await admin.send("POST", f"/tags/{near}/merge", {"into": school})
    assert merged.status_code == 200, merged.text
    for _ in range(2):  # before its rows follow, and after
        for shop in (one, both):
            assert names((await lilei.get(f"/customers/{shop['id']}")).json()) == ["学校周边"]
        for asked in (near, school):
            assert await found(lilei, tags_any=asked) == {"武汉华联超市", "红星"}
        async with runtime.database.writing() as session:
            work = work_as(session, company.admin).as_system()
            await settle_some(work)
    async with runtime.database.writing() as session:
        assert not await settle_some(work_as(session, company.admin).as_system())
        rows = await session.scalars(select(CustomerTag.tag_id))
        assert set(rows) == {school}
    (tag,) = (await admin.get("/tags/all")).json()["groups"][0]["tags"]
    assert (tag["name"], tag["customers"]) == ("学校周边", 2)
    assert await a_tag(admin, group, "学校旁")  # its name is free again
    assert names((await put(lilei, one, off=(school,))).json()) == []


async def test_many_are_tagged_at_once_as_far_as_they_are_mine(
    runtime: Runtime, company: Company, admin: Page, lilei: Page
) -> None:
    tag = await a_tag(admin, await a_group(admin), "重点")
    async with runtime.database.writing() as session:
        mine = [await a_customer(work_as(session, company.lilei), f"店{n}") for n in range(3)]
        other = await a_customer(work_as(session, company.hanmeimei), "别人的店")
    ids = [one.id for one in mine] + [other.id, "0" * 26]
    body = {"customer_ids": ids, "add": [tag]}
    done = (await lilei.send("PATCH", "/customers/tags", body)).json()
    assert (done["changed"], done["unchanged"]) == (3, 0)
    assert sorted(done["refused"]) == sorted([other.id, "0" * 26])
    again = (await lilei.send("PATCH", "/customers/tags", body)).json()
    assert (again["changed"], again["unchanged"]) == (0, 3)
    assert await found(admin, tags_all=tag) == {"店0", "店1", "店2"}
    assert await found(admin, tags_none=tag) == {"别人的店"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "重点"}, "fields_invalid"),
        ({"group_id": "0" * 26, "name": "重点"}, "not_found"),
        ({"name": "", "group_id": "0" * 26}, "fields_invalid"),
        ({"name": "x" * 41, "group_id": "0" * 26}, "fields_invalid"),
    ],
)
async def test_a_tag_that_cannot_be_is_refused(
    admin: Page, body: dict[str, Any], code: str
) -> None:
    assert (await admin.send("POST", "/tags", body)).json()["code"] == code


async def test_a_name_is_taken_however_it_is_written(admin: Page) -> None:
    group = await a_group(admin)
    await a_tag(admin, group, "KA客户")
    again = await admin.send("POST", "/tags", {"group_id": group, "name": "ｋａ客户"})
    assert (again.status_code, again.json()["code"]) == (409, "tag_taken")


async def test_a_tag_is_looked_up_by_its_name_and_by_its_new_one(
    runtime: Runtime, company: Company, admin: Page, lilei: Page
) -> None:
    group = await a_group(admin)
    tag = await a_tag(admin, group, "学校周边")
    shop = await a_shop(lilei, tags=[tag])
    rows = (await lilei.get("/customers", q="学校周边")).json()["rows"]
    assert [row["id"] for row in rows] == [shop["id"]]
    body = {"group_id": group, "name": "大学城", "revision": 1}
    assert (await admin.send("PUT", f"/tags/{tag}", body)).status_code == 200
    async with runtime.database.writing() as session:
        while await settle_some(work_as(session, company.admin).as_system()):
            pass
    rows = (await lilei.get("/customers", q="大学城")).json()["rows"]
    assert [row["id"] for row in rows] == [shop["id"]]
    assert (await lilei.get("/customers", q="学校周边")).json()["rows"] == []


async def test_a_merge_of_customers_gives_the_tags_of_both_to_one(admin: Page, lilei: Page) -> None:
    group, sizes = await a_group(admin), await a_group(admin, "大小", is_single=True)
    school, night = await a_tag(admin, group, "学校周边"), await a_tag(admin, group, "夜间营业")
    small, large = await a_tag(admin, sizes, "小店"), await a_tag(admin, sizes, "大店")
    one = await a_shop(lilei, tags=[school, small])
    other = await a_shop(lilei, name="红星商店", tags=[school, night, large])
    merged = await admin.send("POST", f"/customers/{one['id']}/merge", {"loser_id": other["id"]})
    shown = (await lilei.get(f"/customers/{one['id']}")).json()
    assert names(shown) == ["学校周边", "夜间营业", "小店"]
    await admin.send("POST", f"/merges/{merged.json()['id']}/undo")
    assert names((await lilei.get(f"/customers/{one['id']}")).json()) == names(one)
    assert names((await lilei.get(f"/customers/{other['id']}")).json()) == names(other)
