"""Who is there, who reports to whom, who of us knows whom, and what is missing between us."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random

import pytest

from field_ops.contacts import queries
from field_ops.contacts.chart import gaps, in_chart
from field_ops.customers import actions as customers
from field_ops.customers.schemas import ContactIn
from field_ops.db import Database, new_id
from field_ops.errors import NotFound
from field_ops.follow_ups.models import FollowUp
from tests.conftest import TUESDAY_MORNING
from tests.factories import Company, a_company, a_customer, work_as


@pytest.fixture
async def company(database: Database) -> Company:
    async with database.writing() as session:
        return await a_company(session)


@dataclass(frozen=True)
class One:
    id: str
    reports_to: str | None


def superiors(people: list[One], who: str) -> list[str]:
    """Going up by hand until nobody is above, or somebody comes twice."""
    by_id, above, at = {one.id: one for one in people}, list[str](), by_id_boss(people, who)
    while at is not None and at not in above and at != who:
        above.append(at)
        at = by_id[at].reports_to if by_id[at].reports_to in by_id else None
    return above


def by_id_boss(people: list[One], who: str) -> str | None:
    here = {one.id for one in people}
    (boss,) = [one.reports_to for one in people if one.id == who]
    return boss if boss in here else None


@pytest.mark.parametrize("seed", range(5))
def test_the_chart_against_going_up_from_each(seed: int) -> None:
    """The depth of everybody is how many stand above him; superiors come first; and whoever comes
    between two who are led by one stands below the first of them."""
    dice = Random(seed)
    for _ in range(60):
        ids = [f"p{n}" for n in range(dice.randint(0, 9))]
        people = [One(one, None) for one in ids]
        for n in range(len(people)):  # no circles: a superior is from the shuffled part before
            boss = dice.choice([None, "gone", *ids[:n]])
            people[n] = One(ids[n], boss)
        dice.shuffle(people)
        placed = in_chart(people)
        order = [one.id for one, _ in placed]
        assert sorted(order) == sorted(ids)
        for one, depth in placed:
            above = superiors(people, one.id)
            assert depth == len(above)
            if above:
                between = order[order.index(above[0]) + 1 : order.index(one.id)]
                assert all(above[0] in superiors(people, other) for other in between)


def test_a_circle_hides_nobody() -> None:
    people = [One("a", "b"), One("b", "a"), One("c", None), One("d", "d")]
    assert sorted(one.id for one, _ in in_chart(people)) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("strength_of", "expected"),
    [
        ([], []),
        ([("user", 0)], ["nobody_decides", "nobody_known"]),
        ([("decision_maker", 0), ("user", 0)], ["nobody_known"]),
        ([("user", 5)], ["nobody_decides", "one_thread"]),
        ([("decision_maker", 0), ("user", 30)], ["decider_not_known", "one_thread"]),
        ([("decision_maker", 0), ("user", 30), ("", 1)], ["decider_not_known"]),
        ([("decision_maker", 0), ("decision_maker", 3), ("user", 30)], []),
    ],
)
def test_gaps(strength_of: list[tuple[str, int]], expected: list[str]) -> None:
    assert gaps(strength_of) == expected


async def test_who_is_there_and_who_of_us_knows_him(database: Database, company: Company) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        shop = await a_customer(work)
        boss = await customers.add_contact(
            work, shop.id, ContactIn(name="李总", role="decision_maker")
        )
        buyer = await customers.add_contact(
            work, shop.id, ContactIn(name="张经理", reports_to=boss.id, attitude=1)
        )
        for member, channel, days in (
            (company.lilei, "meeting", 0), (company.lilei, "call", 90), (company.wang, "call", 0),
        ):  # fmt: skip
            at = TUESDAY_MORNING - timedelta(days=days)
            session.add(
                FollowUp(
                    tenant_id=work.tenant_id, id=new_id(), customer_id=shop.id, channel=channel,
                    contact_id=buyer.id, member_id=member.id, happened_at=at, created_at=at,
                )
            )  # fmt: skip
    async with database.reading() as session:
        found = await queries.relationship_map(work_as(session, company.wang), shop.id)
        with pytest.raises(NotFound):
            await queries.relationship_map(work_as(session, company.hanmeimei), shop.id)
    told = [
        (one.contact.name, one.depth,
         [(found.name_of[us.member_id], us.strength) for us in one.known_by])
        for one in found.people
    ]  # fmt: skip
    assert told == [("李总", 0, []), ("张经理", 1, [("李雷", 25), ("王主管", 10)])]
    assert found.gaps == ["decider_not_known", "one_thread"]
