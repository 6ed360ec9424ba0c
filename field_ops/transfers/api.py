"""The routes of transfers: preview, do, undo. All need `customers.transfer`."""

from collections.abc import Sequence

from ..customers.queries import names_of
from ..customers.schemas import MemberOut
from ..errors import NotAllowed, NotFound
from ..http.routes import Routes
from ..work import Work
from . import actions, choosing, previewing, queries
from .errors import (
    ChangedSincePreview,
    NobodyToGiveBackTo,
    NothingToTransfer,
    ReceiverNotYours,
    ToHimself,
    TooManyAtOnce,
    TransferNotDone,
    TransferTooOld,
)
from .models import DONE, Transfer
from .schemas import (
    TransferAsk,
    TransferIn,
    TransferOut,
    TransferPeople,
    TransferPerson,
    TransferPreview,
    Transfers,
)

routes = Routes("/api/v1", tag="transfers")
CHOOSING = (NotAllowed, NothingToTransfer, ToHimself, ReceiverNotYours, TooManyAtOnce)


@routes.get("/transfers/people", refusals=(NotAllowed,))
async def people_to_transfer(work: Work) -> TransferPeople:
    """Whose customers I may give to others, who has most first; and who may get some."""
    return TransferPeople(
        people=[
            TransferPerson(id=id_, name=name, held=held, is_here=is_here)
            for id_, name, held, is_here in await choosing.people_of(work)
        ]
    )


@routes.post("/transfers/preview", refusals=CHOOSING)
async def preview_transfer(work: Work, body: TransferAsk) -> TransferPreview:
    """What a transfer would do: what moves, what is in the way, who gets how many."""
    return await previewing.preview(work, body)


@routes.post("/transfers", status=201, refusals=(*CHOOSING, ChangedSincePreview))
async def transfer_customers(work: Work, body: TransferIn) -> TransferOut:
    """Give customers of one member to others. A large one goes on in the background."""
    return (await _shown(work, [await actions.transfer(work, body)]))[0]


@routes.get("/transfers", refusals=(NotAllowed,))
async def list_transfers(work: Work) -> Transfers:
    """Transfers of customers of my people."""
    return Transfers(transfers=await _shown(work, await queries.transfers(work)))


@routes.post(
    "/transfers/{transfer_id}/undo",
    refusals=(NotFound, NotAllowed, TransferNotDone, TransferTooOld, NobodyToGiveBackTo),
)
async def undo_transfer(work: Work, transfer_id: str) -> TransferOut:
    """Give back what is still where the transfer put it, within seven days."""
    return (await _shown(work, [await actions.undo(work, transfer_id)]))[0]


async def _shown(work: Work, found: Sequence[Transfer]) -> list[TransferOut]:
    outcome = await queries.outcome(work, [one.id for one in found])
    ids = {one.from_id for one in found} | {one.by_id for one in found}
    names = await names_of(work, ids | {to for _, some in outcome.values() for to in some})

    def member(member_id: str) -> MemberOut:
        return MemberOut(id=member_id, name=names.get(member_id, ""))

    shown = []
    for one in found:
        moved, receivers = outcome.get(one.id, (0, []))
        until = one.at + actions.UNDONE_WITHIN
        shown.append(
            TransferOut.model_validate(
                {
                    "id": one.id,
                    "from_member": member(one.from_id),
                    "by": member(one.by_id) if one.by_id else None,
                    "at": one.at,
                    "state": one.state,
                    "reason": one.reason,
                    "count": one.count,
                    "moved": moved,
                    "receivers": [member(to) for to in receivers],
                    "may_undo": one.state == DONE and work.now <= until,
                    "can_undo_until": until,
                }
            )
        )
    return shown
