"""When the lead is told about a visit, and when what the rep was asked is settled.

Only what needs him reaches him: a visit that somebody should look at, trouble that a rep reports,
and how it went at a key account (level A). Everything else waits for the day's summary.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from ..customers.models import Customer
from ..host.messages import Wording
from ..outbox.post import post
from ..outbox.revise import asking, settle
from ..people import queries as people
from ..people.models import Member
from ..reminders.actions import CHECK_OUT_MISSING
from ..reminders.rules import subject_of
from ..work import Work
from . import flags, messages
from .flags import Flag
from .messages import VisitFacts
from .models import Visit

KEY_ACCOUNT = "A"
TROUBLE = ("problem", "lost")


async def lead_of_abnormal(
    work: Work, visit: Visit, customer: Customer, found: Sequence[Flag], *, noticed: str = ""
) -> None:
    """Tell the lead when what was just noticed makes the visit abnormal.

    Once for each end of the visit, and once for each other way by which it was `noticed`.
    """
    if not flags.is_abnormal(found):
        return
    rep = await _rep_of(work, visit)
    facts = _facts(work, visit, customer, rep)
    observed = tuple(flags.sentence(f.name, f.facts) for f in found if f.severity != "low")
    card = partial(messages.lead_about_abnormal_visit, replace(facts, observations=observed))
    when = noticed or ("out" if visit.checked_out_at else "in")
    await _tell(work, rep, card, kind="abnormal_visit", once=f"abnormal-{when}-{visit.id}")


async def lead_of_result(work: Work, visit: Visit, customer: Customer, next_action: str) -> None:
    """Tell the lead how it went, where that is his business."""
    if customer.level != KEY_ACCOUNT and visit.log_result not in TROUBLE:
        return
    rep = await _rep_of(work, visit)
    facts = _facts(work, visit, customer, rep)
    card = partial(messages.lead_about_result, replace(facts, next_action=next_action))
    await _tell(work, rep, card, kind="visit_result", once=f"result-{visit.id}")


def log_of(visit_id: str) -> str:
    """What a card is about that asks for the log of this visit."""
    return f"log-{visit_id}"


async def log_is_kept(work: Work, visit: Visit) -> None:
    """The log is written: the cards that ask for it say so."""
    if not (cards := await asking(work, log_of(visit.id))):
        return
    rep = await _rep_of(work, visit)
    kept = messages.Kept(
        visit.id, rep.name, work.local_now, visit.log_result or "", visit.log_summary or ""
    )
    await settle(work, cards, partial(messages.log_kept, kept))


async def visit_is_over(work: Work, visit: Visit, customer: Customer) -> None:
    """He has checked out: the card that reminded him of it says so."""
    if not (cards := await asking(work, subject_of(CHECK_OUT_MISSING, visit.id))):
        return
    rep = await _rep_of(work, visit)
    facts = (visit.id, customer.name, rep.name, work.local_now)
    await settle(work, cards, partial(messages.checked_out, *facts))


async def _tell(work: Work, rep: Member, card: Wording, *, kind: str, once: str) -> None:
    leaders = await people.leaders_of(work, rep.id)
    if leaders:
        await post(work, to=leaders[0], message=card, kind=kind, once=once)


async def _rep_of(work: Work, visit: Visit) -> Member:
    return await work.session.get_one(Member, (work.tenant_id, visit.owner_id))


def _facts(work: Work, visit: Visit, customer: Customer, rep: Member) -> VisitFacts:
    return VisitFacts(
        visit_id=visit.id,
        number=visit.number,
        customer=customer.name,
        level=customer.level,
        rep=rep.name,
        checked_in_at=visit.checked_in_at,
        zone=work.zone,
        verdict=visit.check_in_verdict,
        dwell_s=visit.dwell_s,
        result=visit.log_result or "",
        summary=visit.log_summary,
    )
