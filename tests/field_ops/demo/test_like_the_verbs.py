"""The past is written in bulk; this holds it to what the verbs of a visit would have written."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from field_ops.connections.models import HostConnection
from field_ops.connections.refs import ConnectionRef
from field_ops.customers.models import Customer, CustomerLocation, CustomerVisitor
from field_ops.customers.place_evidence import PlaceEvidence
from field_ops.demo.cast import Cast, cast_of
from field_ops.demo.companies import SEED, YUNMENG
from field_ops.demo.customers import Entered, enter_customers
from field_ops.demo.diary import TROUBLES, Diary, diary_of
from field_ops.demo.history import What, live_through, moments_of, plans_of, presence_of
from field_ops.demo.shops import shops_of
from field_ops.follow_ups.models import FollowUp
from field_ops.history.models import AuditEntry, EvidenceLink
from field_ops.people.models import Member
from field_ops.plans.models import VisitPlan
from field_ops.visits import actions
from field_ops.visits.actions import NextAction
from field_ops.visits.models import FixRecord, Visit, VisitFlag
from tests.conftest import SHANGHAI
from tests.field_ops.demo.conftest import Demo

PAST = (
    PlaceEvidence,
    VisitFlag,
    FixRecord,
    FollowUp,
    CustomerVisitor,
    EvidenceLink,
    VisitPlan,
    Visit,
)
ORDINARY_VISITS = 12
Write = Callable[[Cast, Diary, Sequence[Entered]], Awaitable[object]]


async def test_the_past_is_what_the_verbs_would_have_written(loaded: Demo) -> None:
    diary = what_matters(loaded.clock.now.astimezone(SHANGHAI).date())
    written = await facts_of(loaded, diary, in_bulk)
    assert len(written["visit"]) == len(diary.calls) > sum(TROUBLES.values())
    assert written == await facts_of(loaded, diary, by_the_verbs)


def what_matters(today: date) -> Diary:
    """Every visit that goes wrong, and some that do not."""
    diary = diary_of(YUNMENG, shops_of(YUNMENG, SEED), today, SHANGHAI, SEED)
    ordinary = [call for call in diary.calls if not call.trouble][:ORDINARY_VISITS]
    troubled = [call for call in diary.calls if call.trouble]
    calls = sorted((*ordinary, *troubled), key=lambda call: call.arrives_at)
    return replace(diary, calls=tuple(calls))


async def in_bulk(people: Cast, diary: Diary, customers: Sequence[Entered]) -> None:
    await live_through(people, YUNMENG, diary, customers)


async def by_the_verbs(people: Cast, diary: Diary, customers: Sequence[Entered]) -> None:
    people.session.add_all(plans_of(people, diary, customers).values())
    visits: dict[int, str] = {}
    for at, what, place in sorted(moments_of(diary, people)):
        if what is What.DAY_ENDS:
            await actions.force_check_outs(people.work("", at))
            continue
        call = diary.calls[place]
        work = people.work(call.user_id, at)
        if what is What.CHECK_IN:
            presence = presence_of(YUNMENG, call, call.fix_in, at)
            customer_id = customers[call.shop.index].customer_id
            visits[place] = (await actions.check_in(work, customer_id, presence)).id
        elif what is What.CHECK_OUT:
            presence = presence_of(YUNMENG, call, call.fix_out, at)
            await actions.check_out(work, visits[place], presence)
        elif call.log is not None:
            promise = NextAction(call.log.promise, call.log.due_on)
            log = call.log
            await actions.record_log(work, visits[place], log.result, log.summary, promise)


async def facts_of(demo: Demo, diary: Diary, write: Write) -> dict[str, list[Any]]:
    """What the tables say afterwards, with names in the place of ids. Nothing is kept."""
    async with demo.runtime.database.engine.connect() as connection:
        transaction = await connection.begin()
        async with AsyncSession(connection, expire_on_commit=False) as session:
            people = await an_empty_company(session)
            customers = await enter_customers(
                people, YUNMENG, shops_of(YUNMENG, SEED), demo.clock.now
            )
            await write(people, diary, customers)
            await session.flush()
            session.expunge_all()
            facts = await told(people)
        await transaction.rollback()
    return facts


async def an_empty_company(session: AsyncSession) -> Cast:
    """The people of the loaded company, in a tenant where nothing has happened yet."""
    row = (
        await session.scalars(select(HostConnection).where(HostConnection.host == "dingtalk"))
    ).one()
    for table in (*PAST, CustomerLocation, Customer):
        await session.execute(table.__table__.delete())
    await session.execute(AuditEntry.__table__.delete())
    for name in ("number_sequence", "customer_key", "contact"):
        await session.execute(Customer.metadata.tables[name].delete())
    connection = ConnectionRef(row.tenant_id, row.id, row.host, row.name, SHANGHAI)
    return await cast_of(session, connection, YUNMENG)


async def told(people: Cast) -> dict[str, list[Any]]:
    session = people.session
    names: dict[str | None, str] = {None: ""}
    for table, column in (
        (Member, Member.name),
        (Customer, Customer.number),
        (Visit, Visit.number),
        (VisitPlan, VisitPlan.planned_on),
    ):
        named = await session.execute(select(table.id, column))
        names |= {id_: str(name) for id_, name in named}
    found: dict[str, list[Any]] = {}
    for model in (*PAST, CustomerLocation, Customer, AuditEntry):
        rows = (await session.execute(select(*model.__table__.columns))).mappings().all()
        found[model.__tablename__] = sorted(str(named_row(dict(row), names)) for row in rows)
    return found


OPAQUE = {
    "id", "payload", "payload_hash", "previous_hash", "hash", "location_id", "replaces_id",
    "full_name_key",
}  # fmt: skip


def named_row(row: dict[str, Any], names: dict[str | None, str]) -> dict[str, Any]:
    """A row without what is different each time."""
    return {name: named_value(value, names) for name, value in row.items() if name not in OPAQUE}


def named_value(value: Any, names: dict[str | None, str]) -> Any:
    if isinstance(value, dict):
        return named_row(value, names)
    if isinstance(value, list):
        return [named_value(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value
