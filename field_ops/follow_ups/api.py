"""The routes of follow-ups, below the customer that they are about."""

from typing import Any

from ..customers.errors import OwnerUnknown
from ..errors import NotAllowed, NotFound
from ..history.models import AuditEntry
from ..http.routes import Routes
from ..work import Work
from . import actions, queries
from .errors import (
    ContactNotHere,
    FollowUpGone,
    FollowUpSettled,
    NothingSaid,
    NotYetHappened,
    NotYourFollowUp,
    PromiseInThePast,
    TooLongAgo,
    WrittenByTheVisit,
)
from .queries import WholeFollowUp
from .schemas import EditOut, FollowUpChange, FollowUpIn, FollowUpOut

routes = Routes("/api/v1", tag="follow-ups")
SETTLED = (NotFound, NotYourFollowUp, FollowUpSettled, WrittenByTheVisit)
UNUSABLE = (NotFound, NothingSaid, NotYetHappened, TooLongAgo, PromiseInThePast, ContactNotHere)


@routes.post(
    "/customers/{customer_id}/follow-ups",
    status=201,
    refusals=(NotAllowed, OwnerUnknown, *UNUSABLE),
    scope="customers.write",
)
async def record_follow_up(work: Work, customer_id: str, body: FollowUpIn) -> FollowUpOut:
    """Write down a call, a chat, a mail, a meeting or a note."""
    followed_up = await actions.record(work, customer_id, body)
    return _out(await queries.whole(work, followed_up.id))


@routes.get("/follow-ups/{follow_up_id}", refusals=(NotFound,), scope="customers.read")
async def show_follow_up(work: Work, follow_up_id: str) -> FollowUpOut:
    """One follow-up, with every change that was made to it."""
    return _out(await queries.whole(work, follow_up_id))


@routes.patch(
    "/follow-ups/{follow_up_id}",
    refusals=(*SETTLED, FollowUpGone, *UNUSABLE[1:]),
    scope="customers.write",
)
async def edit_follow_up(work: Work, follow_up_id: str, body: FollowUpChange) -> FollowUpOut:
    """Put my own right within a day; what it said before is kept."""
    await actions.edit(work, follow_up_id, body)
    return _out(await queries.whole(work, follow_up_id))


@routes.delete("/follow-ups/{follow_up_id}", refusals=SETTLED, scope="customers.write")
async def remove_follow_up(work: Work, follow_up_id: str) -> FollowUpOut:
    """Take my own back within a day; that there was one is still seen."""
    await actions.remove(work, follow_up_id)
    return _out(await queries.whole(work, follow_up_id))


def _out(whole: WholeFollowUp) -> FollowUpOut:
    return FollowUpOut.model_validate(
        {
            **{name: getattr(whole.row, name) for name in ROW_FIELDS},
            "member_name": whole.member_name,
            "contact_id": whole.contact.id if whole.contact else None,
            "contact_name": whole.contact.name if whole.contact else "",
            "may_edit": whole.may_edit,
            "edits": [
                EditOut(at=entry.at, via=entry.via, change=_change(whole, entry))
                for entry in whole.edits
            ],
        }
    )


def _change(whole: WholeFollowUp, entry: AuditEntry) -> dict[str, Any]:
    return {
        name: pair
        for name, pair in entry.change.items()
        if name != "contact_id" or whole.shows_contacts
    }


ROW_FIELDS = tuple(
    name
    for name in FollowUpOut.model_fields
    if name not in ("member_name", "contact_id", "contact_name", "may_edit", "edits")
)
