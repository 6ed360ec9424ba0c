"""The routes of sharing, below the customer that is shared."""

from collections.abc import Sequence

from ..access import require
from ..customers.errors import OwnerUnknown
from ..errors import NotAllowed, NotFound
from ..http.routes import Routes
from ..http.schemas import Out
from ..work import Work
from . import actions, queries, requests
from .errors import AskedAlready, DeclinedLately, NobodyToAsk, RequestOver, SeesItAlready
from .schemas import (
    CollaborationAnswerIn,
    CollaborationIn,
    CollaborationOut,
    CollaboratorOut,
    CollaboratorsOut,
    ShareIn,
    WaitingRequest,
    WaitingRequests,
)

routes = Routes("/api/v1", tag="sharing")


class Unshared(Out):
    unshared: bool = True


@routes.get("/customers/{customer_id}/collaborators", refusals=(NotFound,))
async def collaborators(work: Work, customer_id: str) -> CollaboratorsOut:
    """With whom the customer is shared."""
    return await _shown(work, customer_id)


@routes.put(
    "/customers/{customer_id}/collaborators/{member_id}",
    refusals=(NotFound, NotAllowed, OwnerUnknown),
)
async def share_customer(
    work: Work, customer_id: str, member_id: str, body: ShareIn
) -> CollaboratorsOut:
    """Let a colleague see the customer, or change it too; again changes what he may."""
    await actions.share(work, customer_id, member_id, body.access)
    return await _shown(work, customer_id)


@routes.delete(
    "/customers/{customer_id}/collaborators/{member_id}", refusals=(NotFound, NotAllowed)
)
async def unshare_customer(work: Work, customer_id: str, member_id: str) -> Unshared:
    """Take it back. A collaborator may take himself off."""
    await actions.unshare(work, customer_id, member_id)
    return Unshared()


@routes.post(
    "/customers/{customer_id}/collaboration-requests",
    status=201,
    refusals=(NotFound, NotAllowed, NobodyToAsk, SeesItAlready, AskedAlready, DeclinedLately),
)
async def ask_to_collaborate(
    work: Work, customer_id: str, body: CollaborationIn
) -> CollaborationOut:
    """Ask the owner of a customer that I met masked, or may only read, to let me work on it."""
    request = await requests.ask(work, customer_id, body.reason)
    return CollaborationOut.model_validate(request)


@routes.get("/customers/{customer_id}/collaboration-requests", refusals=(NotFound,))
async def who_asks_to_collaborate(work: Work, customer_id: str) -> WaitingRequests:
    """Who asks to work on this customer, and waits for somebody like me to answer."""
    return _waiting(await requests.waiting(work, customer_id))


@routes.get("/collaboration-requests", refusals=(NotAllowed,))
async def collaboration_requests(work: Work) -> WaitingRequests:
    """Who asks to work on customers, and waits for somebody like me to answer; the oldest first."""
    require(work, "customers.view")
    return _waiting(await requests.waiting_for_me(work))


@routes.post(
    "/collaboration-requests/{request_id}/answer",
    refusals=(NotFound, NotAllowed, RequestOver, OwnerUnknown),
)
async def answer_collaboration(
    work: Work, request_id: str, body: CollaborationAnswerIn
) -> CollaborationOut:
    """Let who asks see the customer, or change it too, or decline."""
    return CollaborationOut.model_validate(await requests.answer(work, request_id, body.answer))


def _waiting(found: Sequence[requests.Waiting]) -> WaitingRequests:
    return WaitingRequests(
        requests=[
            WaitingRequest(
                id=one.id,
                customer_id=one.customer_id,
                customer_name=customer,
                member_id=one.asker_id,
                name=asker,
                reason=one.reason,
                asked_at=one.asked_at,
                expires_at=one.expires_at,
            )
            for one, asker, customer in found
        ]
    )


async def _shown(work: Work, customer_id: str) -> CollaboratorsOut:
    found = await queries.collaborators_of(work, customer_id)
    return CollaboratorsOut(
        collaborators=[
            CollaboratorOut.model_validate({"member_id": id_, "name": name, "access": access})
            for id_, name, access in found
        ],
        may_share=await queries.may_share(work, customer_id),
    )
