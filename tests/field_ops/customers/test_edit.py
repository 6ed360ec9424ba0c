"""Changing customers, their contacts and their owners."""

import pytest
from sqlalchemy import select

from field_ops.customers import actions
from field_ops.customers.errors import (
    ChangedMeanwhile,
    OnlyReading,
    OwnerUnknown,
    PhoneOrLocationMissing,
    SameCustomer,
)
from field_ops.customers.lookup import look_up
from field_ops.customers.models import Collaborator
from field_ops.customers.queries import ASSIGN, CONFIRM, EDIT, detail
from field_ops.customers.schemas import ContactChange, ContactIn, CustomerChange, CustomerIn
from field_ops.db import Database
from field_ops.errors import NotAllowed, NotFound
from field_ops.history.models import AuditEntry
from field_ops.people.models import Member
from field_ops.sharing.actions import share
from field_ops.work import Work
from tests.factories import Company, a_department, a_member, work_as


async def a_stored_customer(database: Database, member: Member, **fields: str) -> str:
    new = CustomerIn.model_validate({"name": "华联超市", "phone": "13800138000", **fields})
    async with database.writing() as session:
        return (await actions.create(work_as(session, member), new)).id


async def names_found(work: Work, typed: str) -> list[str]:
    return [row.customer.name for row in (await look_up(work, typed))[0]]


async def test_a_new_name_is_found_at_once_and_the_old_one_no_longer(
    database: Database, company: Company
) -> None:
    customer_id = await a_stored_customer(database, company.lilei)
    change = CustomerChange(revision=1, name="新华书店", phone="139 0013 9000")
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        await actions.edit(work, customer_id, change)
        assert await names_found(work, "xhsd") == ["新华书店"]
        assert await names_found(work, "9000") == ["新华书店"]
        assert await names_found(work, "华联") == await names_found(work, "8000") == []


async def test_of_two_who_edit_at_once_the_second_is_told(
    database: Database, company: Company
) -> None:
    customer_id = await a_stored_customer(database, company.lilei)
    async with database.writing() as session:
        await actions.edit(
            work_as(session, company.wang), customer_id, CustomerChange(revision=1, level="D")
        )
    with pytest.raises(ChangedMeanwhile, match="华联超市"):
        async with database.writing() as session:
            await actions.edit(
                work_as(session, company.lilei), customer_id, CustomerChange(revision=1, level="B")
            )


async def test_a_change_says_in_the_audit_trail_what_it_was(
    database: Database, company: Company
) -> None:
    customer_id = await a_stored_customer(database, company.lilei)
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        await actions.edit(work, customer_id, CustomerChange(revision=1, level="B", city=""))
    async with database.reading() as session:
        entry = await session.scalar(
            select(AuditEntry).where(AuditEntry.action == "customer.edited")
        )
    assert entry is not None and entry.change == {"level": ["C", "B"]}


async def test_a_freed_name_may_be_used_again(database: Database, company: Company) -> None:
    customer_id = await a_stored_customer(database, company.lilei)
    async with database.writing() as session:
        change = CustomerChange(revision=1, name="新华书店", phone="13900139000")
        await actions.edit(work_as(session, company.lilei), customer_id, change)
    assert await a_stored_customer(database, company.hanmeimei) != customer_id


async def test_a_name_that_is_taken_is_refused(database: Database, company: Company) -> None:
    await a_stored_customer(database, company.lilei)
    other_id = await a_stored_customer(database, company.lilei, name="红星", phone="13900139000")
    with pytest.raises(SameCustomer):
        async with database.writing() as session:
            change = CustomerChange(revision=1, name="华联 超市")
            await actions.edit(work_as(session, company.lilei), other_id, change)


async def test_the_last_way_to_reach_a_customer_stays(database: Database, company: Company) -> None:
    customer_id = await a_stored_customer(database, company.lilei)
    with pytest.raises(PhoneOrLocationMissing):
        async with database.writing() as session:
            change = CustomerChange(revision=1, phone="")
            await actions.edit(work_as(session, company.lilei), customer_id, change)


async def test_what_i_may_not_see_i_may_not_edit(database: Database, company: Company) -> None:
    customer_id = await a_stored_customer(database, company.lilei)
    with pytest.raises(NotFound):
        async with database.writing() as session:
            change = CustomerChange(revision=1, level="B")
            await actions.edit(work_as(session, company.hanmeimei), customer_id, change)


@pytest.mark.parametrize(("access", "may_edit"), [("read", False), ("edit", True)])
async def test_a_collaborator_edits_only_if_he_was_let(
    database: Database, company: Company, access: str, may_edit: bool
) -> None:
    customer_id = await a_stored_customer(database, company.lilei)
    async with database.writing() as session:
        session.add(
            Collaborator(
                tenant_id=company.tenant.id,
                customer_id=customer_id,
                member_id=company.hanmeimei.id,
                access=access,
            )
        )
    async with database.reading() as session:
        may = (await detail(work_as(session, company.hanmeimei), customer_id)).may
    assert may == ({EDIT} if may_edit else set())


async def test_a_lead_of_others_is_offered_nothing_that_would_be_refused(
    database: Database, company: Company
) -> None:
    customer_id = await a_stored_customer(database, company.lilei)
    async with database.writing() as session:
        north = a_department(session, company.connection, "华北区")
        zhang = a_member(session, company.connection, "张三", north, role="lead")
        await session.flush()
        await share(work_as(session, company.lilei), customer_id, zhang.id, "read")
        assert (await detail(work_as(session, zhang), customer_id)).may == set()
        own_lead = (await detail(work_as(session, company.wang), customer_id)).may
    assert own_lead == {EDIT, ASSIGN, CONFIRM}


async def test_a_reading_collaborator_is_told_whom_to_ask(
    database: Database, company: Company
) -> None:
    customer_id = await a_stored_customer(database, company.lilei)
    async with database.writing() as session:
        shared = {"customer_id": customer_id, "member_id": company.hanmeimei.id}
        session.add(Collaborator(tenant_id=company.tenant.id, access="read", **shared))
    with pytest.raises(OnlyReading, match="李雷"):
        async with database.writing() as session:
            change = CustomerChange(revision=1, level="B")
            await actions.edit(work_as(session, company.hanmeimei), customer_id, change)


async def test_the_first_contact_is_the_main_one_until_another_is(
    database: Database, company: Company
) -> None:
    customer_id = await a_stored_customer(database, company.lilei)
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        await actions.add_contact(work, customer_id, ContactIn(name="王经理"))
        zhao = ContactIn(name="赵会计", phone="15912345678", is_main=True)
        await actions.add_contact(work, customer_id, zhao)
        known = await detail(work, customer_id)
        assert [(one.name, one.is_main) for one in known.contacts] == [
            ("赵会计", True),
            ("王经理", False),
        ]
        assert await names_found(work, "赵会计") == await names_found(work, "5678") == ["华联超市"]


async def test_a_changed_or_removed_contact_is_not_found_any_more(
    database: Database, company: Company
) -> None:
    customer_id = await a_stored_customer(database, company.lilei)
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        contact = await actions.add_contact(work, customer_id, ContactIn(name="王经理"))
        await actions.edit_contact(work, customer_id, contact.id, ContactChange(name="李经理"))
        assert (await names_found(work, "王"), await names_found(work, "李")) == ([], ["华联超市"])
        await actions.remove_contact(work, customer_id, contact.id)
        assert await names_found(work, "李") == []


async def test_a_contact_of_another_customer_is_not_found(
    database: Database, company: Company
) -> None:
    one = await a_stored_customer(database, company.lilei)
    other = await a_stored_customer(database, company.lilei, name="红星", phone="13900139000")
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        contact = await actions.add_contact(work, one, ContactIn(name="王经理"))
        with pytest.raises(NotFound):
            await actions.remove_contact(work, other, contact.id)


async def test_an_assigned_customer_moves_to_its_new_owner(
    database: Database, company: Company
) -> None:
    customer_id = await a_stored_customer(database, company.lilei)
    async with database.writing() as session:
        await actions.assign(work_as(session, company.wang), customer_id, company.hanmeimei.id)
    async with database.reading() as session:
        assert await names_found(work_as(session, company.hanmeimei), "华联") == ["华联超市"]
        assert await names_found(work_as(session, company.lilei), "华联") == []


async def test_a_rep_may_not_assign(database: Database, company: Company) -> None:
    customer_id = await a_stored_customer(database, company.lilei)
    with pytest.raises(NotAllowed):
        async with database.writing() as session:
            await actions.assign(work_as(session, company.lilei), customer_id, None)


async def test_nobody_is_given_to_a_leaver(database: Database, company: Company) -> None:
    customer_id = await a_stored_customer(database, company.lilei)
    async with database.writing() as session:
        leaver = await session.get(Member, (company.tenant.id, company.hanmeimei.id))
        assert leaver is not None
        leaver.state = "departed"
    with pytest.raises(OwnerUnknown):
        async with database.writing() as session:
            work = work_as(session, company.wang)
            await actions.assign(work, customer_id, company.hanmeimei.id)
