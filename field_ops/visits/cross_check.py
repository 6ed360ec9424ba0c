"""What the hosts' own attendance records mean for visits (domain.md §4.7).

A record against a visit is one more observation about it, with its link in the evidence chain and,
once, a word to the lead. A record for a visit is shown beside it and changes nothing: no verdict
gets better by it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, select

from ..attendance.rules import AGAINST, Match, VisitEnd
from ..connections.refs import ConnectionRef
from ..geo import Point
from ..history.chain import Proof, add_links
from ..people.models import MemberIdentity
from ..plans import actions as plans
from ..texts import Text
from ..work import Work
from . import actions, queries, telling
from .flags import Flag
from .models import FixRecord, Visit


async def ends_between(
    work: Work, connection: ConnectionRef, since: datetime, until: datetime
) -> list[VisitEnd]:
    """The ends of visits in this time, of members who are on this connection now."""
    found = await work.session.execute(
        select(
            FixRecord.visit_id,
            FixRecord.end,
            FixRecord.member_id,
            MemberIdentity.host_user_id,
            FixRecord.at,
            FixRecord.lat,
            FixRecord.lng,
        )
        # By the visit's day, of which there is an index; by the moment all would be read.
        .join(Visit, and_(Visit.tenant_id == FixRecord.tenant_id, Visit.id == FixRecord.visit_id))
        .join(
            MemberIdentity,
            and_(
                MemberIdentity.tenant_id == FixRecord.tenant_id,
                MemberIdentity.member_id == FixRecord.member_id,
            ),
        )
        .where(
            FixRecord.tenant_id == work.tenant_id,
            Visit.tenant_id == work.tenant_id,
            Visit.business_date >= work.on(since) - timedelta(days=1),
            FixRecord.at >= since,
            FixRecord.at <= until,
            MemberIdentity.connection_id == connection.id,
            MemberIdentity.left_at.is_(None),
        )
        .order_by(FixRecord.at, FixRecord.visit_id)
    )
    return [
        VisitEnd(
            visit_id=row.visit_id,
            end=row.end,
            member_id=row.member_id,
            host_user_id=row.host_user_id,
            at=row.at,
            point=None if row.lat is None or row.lng is None else Point(row.lat, row.lng),
        )
        for row in found
    ]


async def compare(work: Work, title: Text, found: Sequence[Match]) -> None:
    """Flag the visits that these records speak against; a visit that is flagged stays as it is."""
    against: dict[str, Match] = {}
    for match in sorted(found, key=lambda one: (one.record.happened_at, one.record.key)):
        if match.says == AGAINST:
            against.setdefault(match.end.visit_id, match)
    proofs = [
        # In one order, so that two who lock several visits never wait for each other.
        proof
        for visit_id in sorted(against)
        for proof in await _flag(work, title, against[visit_id])
    ]
    await add_links(work, proofs)


async def _flag(work: Work, title: Text, match: Match) -> list[Proof]:
    visit, customer, _ = await queries.visit_to_change(work, match.end.visit_id)
    known = await queries.flags_of(work, visit.id)
    if any(flag.flag == "MOCK" for flag in known):
        return []
    at = match.record.happened_at.astimezone(work.zone)
    mock = Flag(
        "MOCK",
        "critical",
        {
            "end": match.end.end,
            "host": [title.zh, title.en],
            "at": f"{at:%H:%M:%S}",
            "abnormal": sorted(match.record.abnormal),
            "record": match.record.key,
        },
    )
    proofs = actions.flag(work, visit, [mock], known)
    if visit.checked_out_at is not None:
        await plans.settle(work, visit.plan_id, is_effective=actions.is_effective(visit))
    await telling.lead_of_abnormal(work, visit, customer, [mock], noticed="attendance")
    return proofs
