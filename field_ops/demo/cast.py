"""The people of one demo company, ready to act at any moment of the past."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.refs import ConnectionRef
from ..people.models import Member
from ..people.queries import actor_for
from ..work import Actor, Work
from .companies import DemoCompany


@dataclass(frozen=True, slots=True)
class Cast:
    """`actors` and `members` by user id, as the organisation sync brought them."""

    session: AsyncSession
    connection: ConnectionRef
    actors: Mapping[str, Actor]
    members: Mapping[str, Member]

    def work(self, user_id: str, now: datetime) -> Work:
        """This person at work at that moment; the company itself for ""."""
        actor = self.actors.get(user_id) or Actor(self.connection.tenant_id, None, via="cli")
        return Work(self.session, actor, now, self.connection.zone)

    def id_of(self, user_id: str) -> str | None:
        return self.members[user_id].id if user_id else None


async def cast_of(session: AsyncSession, connection: ConnectionRef, company: DemoCompany) -> Cast:
    """Everybody in the company whom we know; who was moved or left by now is not missed."""
    actors: dict[str, Actor] = {}
    members: dict[str, Member] = {}
    door = Actor(connection.tenant_id, None, via="h5", connection_id=connection.id)
    for colleague in company.people:
        found = await actor_for(session, door, colleague.user_id)
        if found is not None:
            actors[colleague.user_id], members[colleague.user_id] = found
    return Cast(session, connection, actors, members)
