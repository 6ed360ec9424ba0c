"""The routes of the timeline, below the customer that it is about."""

from ..errors import NotFound
from ..http.edge import Edge
from ..http.routes import Routes
from ..work import Work
from . import present
from .cursor import TimelineCursorUnreadable
from .history import FieldWithoutHistory, contact_history, field_history
from .kinds import TimelineKindUnknown
from .queries import timeline
from .schemas import (
    ContactHistoryQuery,
    FieldHistoryOut,
    HistoryQuery,
    TimelineOut,
    TimelineQuery,
)

routes = Routes("/api/v1", tag="timeline")


@routes.get(
    "/customers/{customer_id}/timeline",
    refusals=(NotFound, TimelineKindUnknown, TimelineCursorUnreadable),
    scope="customers.read",
)
async def show_timeline(
    work: Work, edge: Edge, customer_id: str, query: TimelineQuery
) -> TimelineOut:
    """Everything that happened with a customer, the newest first, a page at a time."""
    page = await timeline(work, customer_id, query.wanted, query.cursor, query.limit)
    return present.timeline_out(work, edge.keys, page)


@routes.get(
    "/customers/{customer_id}/history",
    refusals=(NotFound, FieldWithoutHistory, TimelineCursorUnreadable),
    scope="customers.read",
)
async def show_field_history(work: Work, customer_id: str, query: HistoryQuery) -> FieldHistoryOut:
    """Who made what of one field of a customer, when and through what, the newest first."""
    found = await field_history(work, customer_id, query.field, query.cursor, query.limit)
    return present.history_out(query.field, found)


@routes.get(
    "/customers/{customer_id}/contacts/{contact_id}/history",
    refusals=(NotFound, FieldWithoutHistory, TimelineCursorUnreadable),
    scope="customers.read",
)
async def show_contact_history(
    work: Work, customer_id: str, contact_id: str, query: ContactHistoryQuery
) -> FieldHistoryOut:
    """Who made what of one field of a contact, wherever it worked then, the newest first."""
    found = await contact_history(
        work, customer_id, contact_id, query.field, query.cursor, query.limit
    )
    return present.history_out(query.field, found)
