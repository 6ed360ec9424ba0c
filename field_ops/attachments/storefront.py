"""What a store must have beside its name (domain.md §7.1): a picture of its front, and its place.

Neither is needed to create one, for a file that is brought in has no pictures: its page asks for
what is missing.
"""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select, update

from ..customers.actions.holding import held
from ..customers.models import Customer
from ..customers.queries import find_customer, place_by_customer
from ..history import audit
from ..work import Work
from .actions import refuse_onlookers
from .errors import NoPictureHere
from .models import Attachment

STORE = "store"
Missing = Literal["photo", "place"]


@dataclass(frozen=True, slots=True)
class Storefront:
    """`missing` is empty of whatever is no store."""

    photo: Attachment | None
    missing: list[Missing]


async def storefront_of(work: Work, customer_id: str) -> Storefront:
    """Raises NotFound when the customer is out of sight."""
    customer = await find_customer(work, customer_id)
    photo = await work.session.scalar(
        select(Attachment)
        .where(
            Attachment.tenant_id == work.tenant_id,
            Attachment.customer_id == customer.id,
            Attachment.removed_at.is_(None),
            Attachment.shows_storefront,
        )
        .order_by(Attachment.created_at.desc(), Attachment.id.desc())
        .limit(1)
    )
    missing: list[Missing] = []
    if customer.type == STORE:
        if photo is None:
            missing.append("photo")
        if not await place_by_customer(work, [customer.id]):
            missing.append("place")
    return Storefront(photo, missing)


async def show_front(work: Work, customer_id: str, attachment_id: str) -> Customer:
    """Recognise the customer by this picture of its, in the place of the one before. Raises
    NoPictureHere."""
    refuse_onlookers(work)
    customer = await held(work, customer_id)
    photo = await work.session.get(Attachment, (work.tenant_id, attachment_id))
    is_here = photo is not None and photo.customer_id == customer.id and photo.removed_at is None
    if photo is None or not is_here or photo.kind != "picture":
        raise NoPictureHere(customer=customer.name)
    if photo.shows_storefront:
        return customer
    await work.session.execute(
        update(Attachment)
        .where(Attachment.tenant_id == work.tenant_id, Attachment.customer_id == customer.id)
        .values(shows_storefront=False)
    )
    photo.shows_storefront = True
    change = {"shows_storefront": (False, True)}
    audit.record(work, "attachment.shows_storefront", "attachment", photo.id, change)
    await work.session.flush()
    return customer
