"""Under which ids other systems know customers: each integration has its own, unique ones."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from ..db import insert_into
from ..errors import Conflict, NotAllowed, NotFound
from ..history import audit
from ..http.models import ApiToken
from ..texts import Text
from ..work import Work
from .actions.holding import held_for_editing, touch
from .models import Customer, ExternalId
from .queries import find_customer, present_id


class ExternalIdTaken(Conflict):
    sentence = Text(
        "编号「{external_id}」在「{system}」里已对应另一个客户（{customer_id}），请先核对。",
        "{system} knows another customer by {external_id} already ({customer_id}).",
    )


class ExternalIdsAreForPrograms(NotAllowed):
    sentence = Text(
        "外部编号由对接系统用接口令牌填写，请让对接程序来操作。",
        "External ids are given by programs with an API token, not by members.",
    )


async def system_of(work: Work) -> str | None:
    """The integration that acts: the name of its token. None for a person."""
    if work.actor.is_person or work.actor.member_id is None:
        return None
    token = await work.session.get(ApiToken, (work.tenant_id, work.actor.member_id))
    return token.name if token else None


async def known_as(work: Work, external_id: str) -> Customer:
    """The customer that this integration knows by this id. Raises NotFound."""
    system = await system_of(work)
    found = await work.session.scalar(
        select(ExternalId.customer_id).where(
            ExternalId.tenant_id == work.tenant_id,
            ExternalId.system == (system or ""),
            ExternalId.external_id == external_id,
        )
    )
    if found is None:
        raise NotFound()
    return await find_customer(work, found)


async def name(work: Work, customer_id: str, external_id: str) -> None:
    """Let this integration know a customer, which it may edit, by this id; "" takes it away."""
    system = await system_of(work)
    if system is None:
        raise ExternalIdsAreForPrograms()
    customer = await held_for_editing(work, customer_id)
    before = (await ids_of(work, [customer.id])).get(customer.id, "")
    if before == external_id:
        return
    await work.session.execute(
        delete(ExternalId).where(
            ExternalId.tenant_id == work.tenant_id,
            ExternalId.customer_id == customer.id,
            ExternalId.system == system,
        )
    )
    if external_id:
        await _claim(work, system, customer.id, external_id)
    touch(work, customer)
    change = {"external_id": (before, external_id)}
    audit.record(work, "customer.external_id", "customer", customer.id, change)


async def ids_of(work: Work, customer_ids: Sequence[str]) -> dict[str, str]:
    """By which ids this integration knows these customers."""
    system = await system_of(work)
    if system is None or not customer_ids:
        return {}
    found = await work.session.execute(
        select(ExternalId.customer_id, ExternalId.external_id).where(
            ExternalId.tenant_id == work.tenant_id,
            ExternalId.customer_id.in_(customer_ids),
            ExternalId.system == system,
        )
    )
    return dict(found.all())


async def _claim(work: Work, system: str, customer_id: str, external_id: str) -> None:
    key = {"tenant_id": work.tenant_id, "system": system, "external_id": external_id}
    written = await work.session.execute(
        insert_into(work.session, ExternalId)
        .values(**key, customer_id=customer_id)
        .on_conflict_do_nothing()
        .returning(ExternalId.customer_id)
    )
    if written.first() is not None:
        return
    holder = await work.session.scalar(
        select(ExternalId.customer_id).where(
            ExternalId.tenant_id == work.tenant_id,
            ExternalId.system == system,
            ExternalId.external_id == external_id,
        )
    )
    if holder and await present_id(work, holder) == customer_id:
        return  # what was merged into this customer had it: it leads here already
    raise ExternalIdTaken(external_id=external_id, system=system, customer_id=holder or "")
