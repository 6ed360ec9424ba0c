"""The days ahead: what everybody has planned for today and the next work days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from ..calendar.work_days import WorkCalendar
from ..customers.models import Customer
from ..db import new_id
from ..plans.models import VisitPlan
from ..work import Work
from .cast import Cast
from .companies import SEED, DemoCompany, company_on
from .routes import route, todays_stops
from .shops import Shop, shops_of

WORK_DAYS_AHEAD = 4
STOPS_AHEAD = 5
PLACES_OF_OTHERS = 12
CALENDAR = WorkCalendar()
PURPOSES = ("例行拜访", "补货与陈列", "新品推介", "对账", "活动执行检查")


async def plan_ahead(people: Cast, company: DemoCompany, work: Work, seed: int) -> int:
    """Plan today and the next work days, where nothing is planned yet; returns how many stops.

    On a day off only the visitor works: a demo must have a day to live on a Sunday too.
    """
    shops = shops_of(company, seed)
    ahead = _Ahead(work, await _owned(work), await _planned(work))
    for rep in company.reps:
        owner_id = people.id_of(rep.user_id) if rep.user_id in people.members else None
        if owner_id is None:
            continue
        is_star = rep == company.star
        if is_star or CALENDAR.is_work_day(work.today):
            stops = todays_stops(company, shops, rep, work.today, seed)
            ahead.plan(owner_id, work.today, stops, top_up=is_star)
        day = work.today
        for _ in range(WORK_DAYS_AHEAD):
            day = CALENDAR.next_work_day(day)
            ahead.plan(owner_id, day, route(company, shops, rep, day, STOPS_AHEAD, seed))
    work.session.add_all(ahead.rows)
    await work.session.flush()
    return len(ahead.rows)


def places(host: str, today: date, *, seed: int = SEED) -> list[dict[str, str | float]]:
    """Where to stand in the console: today's stops of the visitor first, then some of the others.

    Each has `name`, `lat`, `lng` (WGS-84, where the customer really is) and `customer_number`.
    """
    company = company_on(host)
    shops = shops_of(company, seed)
    stops = todays_stops(company, shops, company.star, today, seed)
    others = [shop for shop in shops if shop.status == "confirmed" and shop not in stops]
    return [
        {
            "name": shop.name,
            "lat": shop.place.lat,
            "lng": shop.place.lng,
            "customer_number": shop.number,
        }
        for shop in (*stops, *others[:PLACES_OF_OTHERS])
    ]


@dataclass(slots=True)
class _Ahead:
    """`owned`: customer ids by number and owner. `planned`: customer ids by owner and day."""

    work: Work
    owned: Mapping[tuple[str, str | None], str]
    planned: Mapping[tuple[str, date], set[str]]
    rows: list[VisitPlan] = field(default_factory=list)

    def plan(
        self, owner_id: str, day: date, shops: Sequence[Shop], *, top_up: bool = False
    ) -> None:
        """Plan these stops unless the day has some; `top_up` adds what is missing from them."""
        planned = self.planned.get((owner_id, day), set())
        if planned and not top_up:
            return
        for place, shop in enumerate(shops, 1):
            customer_id = self.owned.get((shop.number, owner_id))
            if customer_id is None or customer_id in planned:
                continue
            self.rows.append(
                VisitPlan(
                    tenant_id=self.work.tenant_id,
                    id=new_id(),
                    owner_id=owner_id,
                    customer_id=customer_id,
                    planned_on=day,
                    # The first one goes before what was planned on an earlier day.
                    position=0 if top_up and place == 1 else place,
                    purpose=PURPOSES[shop.index % len(PURPOSES)],
                    state="scheduled",
                    created_at=self.work.now,
                )
            )


async def _owned(work: Work) -> dict[tuple[str, str | None], str]:
    """A visitor may have given some customers to other people: those are not planned."""
    rows = await work.session.execute(
        select(Customer.number, Customer.owner_id, Customer.id).where(
            Customer.tenant_id == work.tenant_id, Customer.removed_at.is_(None)
        )
    )
    return {(row.number, row.owner_id): row.id for row in rows}


async def _planned(work: Work) -> dict[tuple[str, date], set[str]]:
    rows = await work.session.execute(
        select(VisitPlan.owner_id, VisitPlan.planned_on, VisitPlan.customer_id).where(
            VisitPlan.tenant_id == work.tenant_id, VisitPlan.planned_on >= work.today
        )
    )
    planned: dict[tuple[str, date], set[str]] = {}
    for row in rows:
        planned.setdefault((row.owner_id, row.planned_on), set()).add(row.customer_id)
    return planned
