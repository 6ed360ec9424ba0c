"""The routes of comments, below the customer that they are about."""

from ..customers.queries import find_customer
from ..errors import NotAllowed, NotFound
from ..http.routes import Routes
from ..work import Work
from . import actions
from .errors import CannotSeeCustomer, CommentGone, CommentSettled, NotYourComment
from .models import CustomerComment
from .queries import comment_out, shown_with
from .schemas import (
    CommentChange,
    CommentIn,
    CommentOut,
    MentionableOut,
    MentionableQuery,
    PersonOut,
)
from .sight import mentionable

routes = Routes("/api/v1", tag="comments")
SETTLED = (NotFound, NotAllowed, NotYourComment, CommentSettled)


@routes.post(
    "/customers/{customer_id}/comments",
    status=201,
    refusals=(NotFound, NotAllowed, CannotSeeCustomer, CommentGone),
)
async def comment_on_customer(work: Work, customer_id: str, body: CommentIn) -> CommentOut:
    """Say something about a customer, or reply; who is mentioned is told."""
    return await _shown(work, await actions.comment(work, customer_id, body))


@routes.get("/customers/{customer_id}/mentionable", refusals=(NotFound,))
async def whom_to_mention(work: Work, customer_id: str, query: MentionableQuery) -> MentionableOut:
    """At most ten members who see the customer: by a part of the name, else who is close to it."""
    customer = await find_customer(work, customer_id)
    found = await mentionable(work, customer, query.q)
    return MentionableOut(members=[PersonOut(id=one.id, name=one.name) for one in found])


@routes.patch("/comments/{comment_id}", refusals=(*SETTLED, CannotSeeCustomer, CommentGone))
async def edit_comment(work: Work, comment_id: str, body: CommentChange) -> CommentOut:
    """Change my own within a day; what it said before is kept."""
    return await _shown(work, await actions.edit(work, comment_id, body))


@routes.delete("/comments/{comment_id}", refusals=SETTLED)
async def remove_comment(work: Work, comment_id: str) -> CommentOut:
    """Take my own back within a day; that there was one is still seen."""
    return await _shown(work, await actions.remove(work, comment_id))


async def _shown(work: Work, said: CustomerComment) -> CommentOut:
    return comment_out(work, said, await shown_with(work, [said]))
