"""The routes of merging."""

from typing import Any

from ..access import require
from ..access.fields import FIELDS, Eyes, eyes_of
from ..custom_fields.models import CUSTOMER
from ..custom_fields.sight import OwnEyes, own_eyes
from ..customers.errors import RelatedInACircle
from ..customers.models import Customer
from ..customers.openings import note_phones_shown
from ..customers.queries import find_customer, names_of
from ..errors import NotAllowed, NotFound
from ..http.routes import Routes
from ..work import Work
from . import actions, pairs, queries
from .choice import OWN
from .errors import MergedOnward, SameRecord, TooLateToUndo, UndoneAlready
from .models import CustomerMerge
from .owners import MAY, is_in_reach
from .schemas import (
    ChoiceOut,
    DifferentIn,
    MergeIn,
    MergeOut,
    MergesOut,
    PairOut,
    PairSide,
    PairsOut,
    PairsQuery,
    PreviewOut,
    PreviewQuery,
)

routes = Routes("/api/v1", tag="customers")

REFUSED = (NotFound, NotAllowed, SameRecord)
CANNOT_MERGE = (*REFUSED, RelatedInACircle)


@routes.get("/customers/{customer_id}/merge", refusals=REFUSED)
async def preview_merge(work: Work, customer_id: str, query: PreviewQuery) -> PreviewOut:
    """What a merge of another record into this one would do."""
    seen = await actions.show_merge(work, customer_id, query.loser_id, {})
    eyes, own = eyes_of(work), await own_eyes(work, CUSTOMER)
    for customer in (seen.master, seen.loser):  # to compare them one sees them in full
        note_phones_shown(work, customer, [customer.phone])
    return PreviewOut(
        master_id=seen.master.id,
        master_name=seen.master.name,
        loser_id=seen.loser.id,
        loser_name=seen.loser.name,
        choices=[
            ChoiceOut.model_validate(
                {
                    "field": one.field,
                    "master": _value(eyes, own, one.field, seen.master, one.master),
                    "loser": _value(eyes, own, one.field, seen.loser, one.loser),
                    "kept": one.kept,
                }
            )
            for one in seen.choices
        ],
        moves=dict(seen.moves),
    )


@routes.post("/customers/{customer_id}/merge", status=201, refusals=CANNOT_MERGE)
async def merge_customers(work: Work, customer_id: str, body: MergeIn) -> MergeOut:
    """Put another record's contacts, places, plans and visits under this one."""
    picks = {str(field): side for field, side in body.picks.items()}
    done = await actions.merge(work, customer_id, body.loser_id, picks)
    return await _shown(work, done)


@routes.get("/customers/{customer_id}/merges", refusals=(NotFound, NotAllowed))
async def merges_into(work: Work, customer_id: str) -> MergesOut:
    """Which records went into this one, and whether I may merge it with another."""
    require(work, MAY)
    customer = await find_customer(work, customer_id)
    found = await queries.merges_of(work, customer.id)
    may_merge = await is_in_reach(work, customer)
    last = next((one.id for one in found if one.undone_at is None), None)
    return MergesOut(
        merges=[
            await _shown(work, one, may_undo=may_merge and one.id == last)  # in the opposite order
            for one in found
        ],
        may_merge=may_merge,
    )


@routes.post(
    "/merges/{merge_id}/undo",
    refusals=(NotFound, NotAllowed, TooLateToUndo, UndoneAlready, MergedOnward),
)
async def undo_merge(work: Work, merge_id: str) -> MergeOut:
    """Part two records again, within seven days."""
    return await _shown(work, await actions.undo(work, merge_id))


def _value(eyes: Eyes, own: OwnEyes, field: str, customer: Customer, value: Any) -> Any:
    if field.startswith(OWN):
        made = own.fields.by_key[field.removeprefix(OWN)]
        return own.shown_value(made, customer.owner_id, value)
    return eyes.text(field, customer, value) if field in FIELDS else value


@routes.get("/customer-duplicates", refusals=(NotAllowed,))
async def duplicates(work: Work, query: PairsQuery) -> PairsOut:
    """Customers that may be one, as the nightly look found them."""
    return await _pairs(work, query.customer_id)


@routes.post("/customer-duplicates/different", refusals=(NotFound, NotAllowed))
async def tell_apart(work: Work, body: DifferentIn) -> PairsOut:
    """Say that two are different customers; the pairs that are left."""
    await pairs.say_different(work, body.one_id, body.other_id)
    return await _pairs(work)


async def _pairs(work: Work, customer_id: str = "") -> PairsOut:
    found = await pairs.open_pairs(work, customer_id)
    names = await names_of(work, {c.owner_id for one in found for c in (one.one, one.other)})
    eyes = eyes_of(work)

    def side(customer: Customer) -> PairSide:
        return PairSide(
            customer_id=customer.id,
            number=customer.number,
            name=customer.name,
            city=customer.city,
            address=eyes.text("address", customer, customer.address),
            owner_name=names.get(customer.owner_id or "", ""),
        )

    return PairsOut(
        pairs=[
            PairOut.model_validate(
                {
                    "one": side(one.one),
                    "other": side(one.other),
                    "check": one.pair.check,
                    "similarity": round(one.pair.similarity, 3),
                }
            )
            for one in found
        ]
    )


async def _shown(work: Work, done: CustomerMerge, *, may_undo: bool = True) -> MergeOut:
    names = await names_of(work, [done.merged_by])
    loser = await work.session.get_one(Customer, (work.tenant_id, done.loser_id))
    until = done.merged_at + actions.UNDONE_WITHIN
    return MergeOut(
        id=done.id,
        master_id=done.master_id,
        loser_id=done.loser_id,
        loser_name=loser.name,
        merged_at=done.merged_at,
        merged_by_name=names.get(done.merged_by or "", ""),
        undone_at=done.undone_at,
        can_undo_until=until,
        may_undo=may_undo and done.undone_at is None and work.now <= until,
    )
