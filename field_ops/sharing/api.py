"""The routes of sharing, below the customer that is shared."""

from ..customers.errors import OwnerUnknown
from ..errors import NotAllowed, NotFound
from ..http.routes import Routes
from ..http.schemas import Out
from ..work import Work
from . import actions, queries
from .schemas import CollaboratorOut, CollaboratorsOut, ShareIn

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


async def _shown(work: Work, customer_id: str) -> CollaboratorsOut:
    found = await queries.collaborators_of(work, customer_id)
    return CollaboratorsOut(
        collaborators=[
            CollaboratorOut.model_validate({"member_id": id_, "name": name, "access": access})
            for id_, name, access in found
        ],
        may_share=await queries.may_share(work, customer_id),
    )
