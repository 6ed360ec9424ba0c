"""What is never recycled, whatever its clock says (domain.md §8.3), and what nobody tells yet.

Locked and protected customers, and the leave of an owner, are facts of the clock itself. What other
parts of the product know has a line here: who adds orders, receivables or tickets adds theirs.
"""

from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import select

from ..visits.models import Visit
from ..work import Work
from .clock import Deals
from .models import Extension

WAITS_AT_MOST = timedelta(days=7)  # a request that nobody decides about holds nothing for ever


class Hold(StrEnum):
    """Why a customer stays."""

    EXTENSION_WAITS = "extension_waits"
    VISIT_OPEN = "visit_open"


Ask = Callable[[Work, Collection[str]], Awaitable[Collection[str]]]


async def holds_of(work: Work, customer_ids: Collection[str]) -> dict[str, list[Hold]]:
    """Why each of these customers is held, where it is."""
    found: dict[str, list[Hold]] = {}
    for hold, ask in HOLDS:
        for customer_id in await ask(work, customer_ids):
            found.setdefault(customer_id, []).append(hold)
    return found


async def deals_of(work: Work, customer_ids: Collection[str]) -> dict[str, Deals]:
    """Opportunities and contracts of these customers, as far as the product knows any: it has
    none yet, so the conditions that need them end nobody's clock (`UNTOLD`)."""
    return {}


async def _extension_waits(work: Work, customer_ids: Collection[str]) -> Collection[str]:
    """A decision about it is on its way: an approval in progress."""
    found = await work.session.scalars(
        select(Extension.customer_id).where(
            Extension.tenant_id == work.tenant_id,
            Extension.customer_id.in_(customer_ids),
            Extension.state == "asked",
            Extension.asked_at > work.now - WAITS_AT_MOST,
        )
    )
    return set(found)


async def _visit_open(work: Work, customer_ids: Collection[str]) -> Collection[str]:
    """Somebody of us is there right now."""
    found = await work.session.scalars(
        select(Visit.customer_id).where(
            Visit.tenant_id == work.tenant_id,
            Visit.customer_id.in_(customer_ids),
            Visit.checked_out_at.is_(None),
        )
    )
    return set(found)


HOLDS: tuple[tuple[Hold, Ask], ...] = (
    (Hold.EXTENSION_WAITS, _extension_waits),
    (Hold.VISIT_OPEN, _visit_open),
)
UNTOLD = ("no_opportunity", "after_contract")
