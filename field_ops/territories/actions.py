"""Making territories, changing them, removing them."""

from typing import Any

from ..access import require
from ..customers.errors import OwnerUnknown
from ..db import alone_with, new_id
from ..errors import NotFound
from ..history import audit
from ..people.models import Member
from ..work import Work
from .errors import TerritoryNowhere, TooManyTerritories
from .models import Territory
from .queries import every_territory
from .schemas import TerritoryIn

CONFIGURES = "customers.configure"
MOST = 500
FEWEST_CORNERS = 3


async def make(work: Work, wanted: TerritoryIn) -> Territory:
    """Raises OwnerUnknown, TerritoryNowhere or TooManyTerritories."""
    require(work, CONFIGURES)
    await alone_with(work.session, f"territories-{work.tenant_id}")
    if len(await every_territory(work)) >= MOST:
        raise TooManyTerritories(limit=MOST)
    await _refuse(work, wanted)
    territory = Territory(
        tenant_id=work.tenant_id, id=new_id(), created_at=work.now, **_said(wanted)
    )
    work.session.add(territory)
    change = {name: (None, value) for name, value in _said(wanted).items()}
    audit.record(work, "territory.made", "territory", territory.id, change)
    await work.session.flush()
    return territory


async def change(work: Work, territory_id: str, wanted: TerritoryIn) -> Territory:
    """Customers lie in it as it is from now on; who has them stays."""
    require(work, CONFIGURES)
    territory = await _known(work, territory_id)
    await _refuse(work, wanted)
    changed = {}
    for name, value in _said(wanted).items():
        before = getattr(territory, name)
        if before != value:
            changed[name] = (before, value)
            setattr(territory, name, value)
    if changed:
        audit.record(work, "territory.changed", "territory", territory.id, changed)
    await work.session.flush()
    return territory


async def remove(work: Work, territory_id: str) -> None:
    """Its customers lie in no territory, or in the next one that has them; who has them stays."""
    require(work, CONFIGURES)
    territory = await _known(work, territory_id)
    was = {name: (getattr(territory, name), None) for name in TerritoryIn.model_fields}
    audit.record(work, "territory.removed", "territory", territory.id, was)
    await work.session.delete(territory)
    await work.session.flush()


async def _known(work: Work, territory_id: str) -> Territory:
    territory = await work.session.get(
        Territory, (work.tenant_id, territory_id), with_for_update=True, populate_existing=True
    )
    if territory is None:
        raise NotFound()
    return territory


async def _refuse(work: Work, wanted: TerritoryIn) -> None:
    corners = len(wanted.outline)
    if corners < FEWEST_CORNERS and (corners or not wanted.divisions):
        raise TerritoryNowhere()
    owner = await work.session.get(Member, (work.tenant_id, wanted.owner_id))
    if owner is None or owner.state != "active":
        raise OwnerUnknown()


def _said(wanted: TerritoryIn) -> dict[str, Any]:
    return wanted.model_dump(mode="json")
