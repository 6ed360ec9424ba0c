"""Who is signed in, as his own page sees him."""

from ..access import roles_held
from ..connections.refs import ConnectionRef
from ..http import sessions
from ..keys import Keys
from ..people.models import Member
from ..people.queries import department_name
from ..tenants.models import Tenant
from ..work import Work
from .schemas import MeOut


async def me(work: Work, keys: Keys, session_id: str, connection: ConnectionRef | None) -> MeOut:
    """`connection` is the one that the session came through; None when it was removed since."""
    member = await work.session.get_one(Member, (work.tenant_id, work.actor.me))
    tenant = await work.session.get_one(Tenant, work.tenant_id)
    return MeOut(
        member_id=member.id,
        name=member.name,
        title=member.title or "",
        department=await department_name(work, member.main_department_id),
        roles=sorted(work.actor.roles),
        permissions=sorted({may for role in roles_held(work) for may in role.permissions}),
        language="en" if member.language == "en" else "zh",
        company=tenant.name,
        zone=tenant.zone,
        host=connection.host if connection else "",
        connection=connection.name if connection else "",
        csrf_token=sessions.csrf_token(keys, session_id),
        sandbox=connection.sandbox if connection else False,
    )
