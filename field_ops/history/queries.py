"""Every SELECT over the evidence chain and the audit log."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from sqlalchemy import select

from ..work import Work
from .models import AuditEntry, EvidenceLink, NumberSequence

SEQUENCE = "evidence"  # the kind of number that links have


async def last_number(work: Work) -> int:
    """How many links were ever added, by the counter that numbered them."""
    last: int | None = await work.session.scalar(
        select(NumberSequence.last).where(
            NumberSequence.tenant_id == work.tenant_id, NumberSequence.kind == SEQUENCE
        )
    )
    return last or 0


async def links_of(work: Work, visit_id: str) -> list[EvidenceLink]:
    """The links about one visit, oldest first."""
    found = await work.session.scalars(
        select(EvidenceLink)
        .where(EvidenceLink.tenant_id == work.tenant_id, EvidenceLink.visit_id == visit_id)
        .order_by(EvidenceLink.number)
    )
    return list(found)


async def links_after(
    work: Work, number: int, up_to: int | None = None, batch: int = 500
) -> AsyncIterator[EvidenceLink]:
    """The links behind this number in order, `up_to` included; a long chain need not fit in
    memory."""
    wanted = select(EvidenceLink).where(EvidenceLink.tenant_id == work.tenant_id)
    if up_to is not None:
        wanted = wanted.where(EvidenceLink.number <= up_to)
    while True:
        next_ones = wanted.where(EvidenceLink.number > number).order_by(EvidenceLink.number)
        found = list(await work.session.scalars(next_ones.limit(batch)))
        for link in found:
            yield link
            number = link.number
            work.session.expunge(link)
        if len(found) < batch:
            return


async def moments_after(
    work: Work, number: int, batch: int = 5000
) -> AsyncIterator[tuple[int, datetime]]:
    """Number and moment of the links behind this number, in order."""
    wanted = select(EvidenceLink.number, EvidenceLink.at).order_by(EvidenceLink.number)
    while True:
        next_ones = wanted.where(
            EvidenceLink.tenant_id == work.tenant_id, EvidenceLink.number > number
        )
        found = (await work.session.execute(next_ones.limit(batch))).all()
        for number, at in found:
            yield number, at
        if len(found) < batch:
            return


async def audited(work: Work, subject_id: str, action: str) -> Sequence[AuditEntry]:
    """What the audit log says was done to one subject."""
    found = await work.session.scalars(
        select(AuditEntry).where(
            AuditEntry.tenant_id == work.tenant_id,
            AuditEntry.subject_id == subject_id,
            AuditEntry.action == action,
        )
    )
    return found.all()
