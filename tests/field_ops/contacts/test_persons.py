"""Contacts as persons: only with consent, forgotten when it is revoked, and known by whom."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from field_ops.chat_contacts import actions as chats
from field_ops.contacts import actions, queries
from field_ops.contacts.birthday_reminder import BIRTHDAY, birthday_cards, promise_birthdays
from field_ops.contacts.consents import consent_of
from field_ops.contacts.errors import ConsentMissing, MovedNowhere, NoSuchDay
from field_ops.contacts.models import CHATS, ContactConsent, ContactMove, ContactTraits
from field_ops.contacts.schemas import BirthdayIn, TraitsIn
from field_ops.customers import actions as customers
from field_ops.customers.errors import ReportsInACircle
from field_ops.customers.models import Collaborator, Contact, Customer
from field_ops.customers.queries import detail
from field_ops.customers.schemas import ContactChange, ContactIn
from field_ops.db import Database, new_id
from field_ops.errors import NotFound, Refusal
from field_ops.follow_ups.models import FollowUp
from field_ops.history.models import AuditEntry
from field_ops.host.messages import Card
from field_ops.merges import actions as merges
from field_ops.people.models import Member
from field_ops.reminders.models import Reminder
from field_ops.reminders.rules import Due
from field_ops.work import Work
from tests.conftest import TUESDAY_MORNING
from tests.factories import Company, a_company, a_customer, work_as

TEA = TraitsIn(
    birthday=BirthdayIn(calendar="lunar", month=1, day=25), style="driver", preferences="喝绿茶"
)


@pytest.fixture
async def company(database: Database) -> Company:
    async with database.writing() as session:
        return await a_company(session)


@pytest.fixture
async def zhang(database: Database, company: Company) -> Contact:
    """张经理 of 华联, which is 李雷's."""
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        shop = await a_customer(work)
        return await customers.add_contact(
            work, shop.id, ContactIn(name="张经理", title="采购", phone="13800138000")
        )


async def note(database: Database, who: Member, contact: Contact, said: TraitsIn = TEA) -> None:
    async with database.writing() as session:
        await actions.note_traits(work_as(session, who), contact.customer_id, contact.id, said)


async def consent(database: Database, who: Member, contact: Contact, *, given: bool) -> None:
    async with database.writing() as session:
        work = work_as(session, who)
        if given:
            await chats.record_consent(work, contact.customer_id, contact.id, "spoken")
        else:
            await chats.revoke_consent(work, contact.customer_id, contact.id)


async def shown(database: Database, who: Member, contact: Contact) -> queries.Person:
    async with database.reading() as session:
        return await queries.person(work_as(session, who), contact.customer_id, contact.id)


async def test_without_consent_nothing_is_kept_and_revoked_it_is_erased(
    database: Database, company: Company, zhang: Contact
) -> None:
    with pytest.raises(ConsentMissing):
        await note(database, company.lilei, zhang)
    await consent(database, company.lilei, zhang, given=True)
    await note(database, company.lilei, zhang)
    found = await shown(database, company.lilei, zhang)
    assert found.traits and found.traits.preferences == "喝绿茶"
    assert found.traits.next_birthday_on == date(2026, 3, 13)
    assert found.may_note
    await consent(database, company.lilei, zhang, given=False)
    found = await shown(database, company.lilei, zhang)
    assert (found.traits, found.may_note) == (None, False)
    async with database.reading() as session:
        assert (await session.scalars(select(ContactTraits))).all() == []
        entries = (await session.scalars(select(AuditEntry))).all()
    assert "绿茶" not in repr([one.change for one in entries])


async def test_a_consent_to_his_chats_alone_is_none_to_the_rest(
    database: Database, company: Company, zhang: Contact
) -> None:
    async with database.writing() as session:
        old = ContactConsent(
            tenant_id=zhang.tenant_id,
            id=new_id(),
            contact_id=zhang.id,
            how="written",
            version=CHATS,
            given_at=TUESDAY_MORNING,
        )
        session.add(old)
    with pytest.raises(ConsentMissing):
        await note(database, company.lilei, zhang)
    await consent(database, company.lilei, zhang, given=True)  # he is asked again, and agrees
    await note(database, company.lilei, zhang)
    async with database.reading() as session:
        kept = (await session.scalars(select(ContactConsent).order_by(ContactConsent.id))).all()
        assert [(one.version, one.revoked_at is None) for one in kept] == [(1, False), (2, True)]
        assert await consent_of(work_as(session, company.lilei), zhang.id) is not None


async def test_who_sees_no_phone_is_told_nothing_of_the_person(
    database: Database, company: Company, zhang: Contact
) -> None:
    await consent(database, company.lilei, zhang, given=True)
    await note(database, company.lilei, zhang)
    assert (await shown(database, company.wang, zhang)).traits
    with pytest.raises(NotFound):
        await shown(database, company.hanmeimei, zhang)
    async with database.writing() as session:  # 华联 goes to the pool; 李雷 made it, and sees it
        shop = await session.get_one(Customer, (zhang.tenant_id, zhang.customer_id))
        shop.owner_id = None
    found = await shown(database, company.lilei, zhang)
    assert (found.traits, found.may_note) == (None, False)


async def test_a_day_that_does_not_exist_is_refused(
    database: Database, company: Company, zhang: Contact
) -> None:
    await consent(database, company.lilei, zhang, given=True)
    with pytest.raises(NoSuchDay):
        await note(database, company.lilei, zhang, TraitsIn(birthday=BirthdayIn(month=2, day=30)))


async def test_who_of_us_knows_him_best(
    database: Database, company: Company, zhang: Contact
) -> None:
    async with database.writing() as session:
        for member, channel, days in (
            (company.lilei, "call", 0),
            (company.wang, "visit", 0),
            (company.wang, "visit", 90),
            (company.hanmeimei, "visit", 4000),
        ):
            session.add(a_follow_up(zhang, member, channel, days))
    found = await shown(database, company.lilei, zhang)
    assert [(found.name_of[one.member_id], one.strength) for one in found.known_by] == [
        ("王主管", 30),
        ("李雷", 10),
    ]


def a_follow_up(contact: Contact, member: Member, channel: str, days: int) -> FollowUp:
    at = TUESDAY_MORNING - timedelta(days=days)
    return FollowUp(
        tenant_id=contact.tenant_id,
        id=new_id(),
        customer_id=contact.customer_id,
        contact_id=contact.id,
        member_id=member.id,
        channel=channel,
        happened_at=at,
        created_at=at,
    )


async def test_nobody_reports_to_himself_through_others(
    database: Database, company: Company, zhang: Contact
) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        li = await customers.add_contact(
            work, zhang.customer_id, ContactIn(name="李总", reports_to=zhang.id, attitude=2)
        )
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        for boss in (li.id, zhang.id):
            with pytest.raises(ReportsInACircle):
                change = ContactChange(reports_to=boss)
                await customers.edit_contact(work, zhang.customer_id, zhang.id, change)
        await customers.edit_contact(work, zhang.customer_id, li.id, ContactChange(reports_to=None))
        change = ContactChange(reports_to=li.id, attitude=-1)
        await customers.edit_contact(work, zhang.customer_id, zhang.id, change)
    async with database.writing() as session:
        await customers.remove_contact(work_as(session, company.lilei), zhang.customer_id, li.id)
    async with database.reading() as session:
        [left] = (await detail(work_as(session, company.lilei), zhang.customer_id)).contacts
    assert (left.reports_to, left.attitude) == (None, -1)


async def test_who_moves_takes_his_phone_along_and_leaves_a_trace(
    database: Database, company: Company, zhang: Contact
) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        other = await a_customer(work, "红星家具", at=None)
        await customers.add_contact(work, zhang.customer_id, ContactIn(name="李总"))
        theirs = await a_customer(work_as(session, company.hanmeimei), "新华书店", at=None)
    for nowhere in (theirs.id, zhang.customer_id):
        with pytest.raises(MovedNowhere):
            await moved(database, company.lilei, zhang, nowhere)
    await consent(database, company.lilei, zhang, given=True)
    await note(database, company.lilei, zhang)
    for _ in range(2):
        await moved(database, company.lilei, zhang, other.id)
    async with database.reading() as session:
        work = work_as(session, company.lilei)
        assert [one.name for one in (await detail(work, zhang.customer_id)).contacts] == ["李总"]
        [there] = (await detail(work, other.id)).contacts
        assert (there.name, there.title, there.is_main) == ("张经理", "采购总监", True)
        left = await queries.former(work, zhang.customer_id)
        assert [(row.name, row.title, left.name(row.to_id)) for row in left.rows] == [
            ("张经理", "采购", "红星家具")
        ]
        person = await queries.person(work, other.id, zhang.id)
        assert person.traits and [row.from_id for row in person.moves.rows] == [zhang.customer_id]
    async with database.writing() as session:  # his phone is free at 华联, and taken at 红星
        with pytest.raises(Refusal):
            await customers.add_contact(
                work_as(session, company.lilei),
                zhang.customer_id,
                ContactIn(name="王经理", phone="13800138000"),
            )


async def moved(database: Database, who: Member, contact: Contact, to: str) -> None:
    async with database.writing() as session:
        await actions.move(work_as(session, who), contact.customer_id, contact.id, to, "采购总监")


async def test_a_merge_and_its_undo_keep_the_person_and_where_he_was(
    database: Database, company: Company, zhang: Contact
) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        other = await a_customer(work, "红星家具", at=None)
        master = await a_customer(work, "华联超市总店", at=None)
    await consent(database, company.lilei, zhang, given=True)
    await note(database, company.lilei, zhang)
    await moved(database, company.lilei, zhang, other.id)
    before = await trace(database)
    async with database.writing() as session:
        done = await merges.merge(work_as(session, company.wang), master.id, zhang.customer_id, {})
    async with database.reading() as session:
        left = await queries.former(work_as(session, company.lilei), master.id)
        assert [row.name for row in left.rows] == ["张经理"]
    async with database.writing() as session:
        await merges.undo(work_as(session, company.wang), done.id)
    assert await trace(database) == before


async def trace(database: Database) -> list[object]:
    async with database.reading() as session:
        found: list[object] = []
        for table in (ContactMove, ContactTraits, ContactConsent):
            found += map(tuple, await session.execute(select(*table.__table__.columns)))
    return found


async def test_the_owner_hears_three_days_before_and_on_the_day_once(
    database: Database, company: Company, zhang: Contact
) -> None:
    await consent(database, company.lilei, zhang, given=True)
    await note(database, company.lilei, zhang)  # 13 March 2026
    early = TUESDAY_MORNING.replace(hour=0)  # 08:00 in Shanghai
    for _ in range(2):
        async with database.writing() as session:
            await promise_birthdays(replace(system(session, company), now=early))
    async with database.reading() as session:
        rows = (await session.scalars(select(Reminder).order_by(Reminder.due_at))).all()
        assert [(f"{one.due_at:%m-%d %H}", one.member_id) for one in rows] == [
            ("03-10 01", company.lilei.id),
            ("03-13 01", company.lilei.id),
        ]
        work = system(session, company)
        cards = await birthday_cards(work, [due(one) for one in rows])
        said = [cards[one.id]("zh") for one in rows]
    assert [one.title for one in said if isinstance(one, Card)] == [
        "张经理的生日在3月13日（农历正月廿五）",
        "今天是张经理的生日（农历正月廿五）",
    ]
    await consent(database, company.lilei, zhang, given=False)
    async with database.reading() as session:
        assert await birthday_cards(system(session, company), [due(rows[0])]) == {}


async def test_a_birthday_that_is_over_is_reckoned_anew(
    database: Database, company: Company, zhang: Contact
) -> None:
    await consent(database, company.lilei, zhang, given=True)
    await note(database, company.lilei, zhang)
    async with database.writing() as session:
        later = replace(system(session, company), now=TUESDAY_MORNING + timedelta(days=4))
        assert await promise_birthdays(later) == zhang.id
        assert await promise_birthdays(later, zhang.id) == ""
    async with database.reading() as session:
        assert await session.scalar(select(ContactTraits.next_birthday_on)) == date(2027, 3, 2)
        assert (await session.scalars(select(Reminder))).all() == []


def system(session: object, company: Company) -> Work:
    return work_as(session, company.admin).as_system()  # type: ignore[arg-type]


def due(row: Reminder) -> Due:
    return Due(row.tenant_id, row.id, BIRTHDAY.name, row.subject_id, row.member_id, row.due_at, 0)


async def test_a_reader_may_not_note(database: Database, company: Company, zhang: Contact) -> None:
    await consent(database, company.lilei, zhang, given=True)
    async with database.writing() as session:
        session.add(
            Collaborator(
                tenant_id=zhang.tenant_id,
                customer_id=zhang.customer_id,
                member_id=company.hanmeimei.id,
            )
        )
    assert not (await shown(database, company.hanmeimei, zhang)).may_note
    with pytest.raises(Refusal):
        await note(database, company.hanmeimei, zhang)
