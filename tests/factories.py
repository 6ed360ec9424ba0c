"""The usual company, its people and its customers, made in one line each.

李雷 and 韩梅梅 are reps of 华东一组, 王主管 leads it, 管理员 sees everything.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from field_ops.access.roles import ROLES
from field_ops.connections.models import HostConnection
from field_ops.customers import index
from field_ops.customers.models import Customer, CustomerLocation
from field_ops.customers.names import core_name, full_name_key
from field_ops.customers.phones import phone_key
from field_ops.db import new_id
from field_ops.geo import to_wgs84
from field_ops.history.numbers import next_number
from field_ops.people.models import Department, Member, MemberIdentity, MemberRole, Membership
from field_ops.tenants.models import Tenant
from field_ops.work import Actor, Work
from tests.conftest import SHANGHAI, TUESDAY_MORNING

WUHAN = (30.590441, 114.310985)  # GCJ-02, as a map of the host gives it


@dataclass(frozen=True, slots=True)
class Company:
    """A tenant with one connection, three levels of departments and four people."""

    tenant: Tenant
    connection: HostConnection
    head_office: Department
    east: Department
    team: Department
    lilei: Member
    hanmeimei: Member
    wang: Member
    admin: Member


async def a_company(
    session: AsyncSession, name: str = "海明商贸", host: str = "wecom", connection: str = "default"
) -> Company:
    """总部 › 华东区 › 华东一组 with 李雷, 韩梅梅 and their lead 王主管; 管理员 sits in 总部."""
    tenant = Tenant(name=name, zone="Asia/Shanghai", created_at=TUESDAY_MORNING)
    session.add(tenant)
    await session.flush()
    connected = HostConnection(
        tenant_id=tenant.id,
        id=new_id(),
        host=host,
        name=connection,
        corp_id=f"corp-{tenant.id}",
        credentials=b"",
        created_at=TUESDAY_MORNING,
    )
    session.add(connected)
    head_office = a_department(session, connected, "总部")
    east = a_department(session, connected, "华东区", under=head_office)
    team = a_department(session, connected, "华东一组", under=east)
    company = Company(
        tenant=tenant,
        connection=connected,
        head_office=head_office,
        east=east,
        team=team,
        lilei=a_member(session, connected, "李雷", team, host_user_id="lilei"),
        hanmeimei=a_member(session, connected, "韩梅梅", team, host_user_id="hanmeimei"),
        wang=a_member(session, connected, "王主管", team, role="lead", host_user_id="wang"),
        admin=a_member(session, connected, "管理员", head_office, role="admin", host_user_id="gl"),
    )
    await session.flush()
    return company


def a_department(
    session: AsyncSession, connection: HostConnection, name: str, under: Department | None = None
) -> Department:
    department_id = new_id()
    department = Department(
        tenant_id=connection.tenant_id,
        id=department_id,
        connection_id=connection.id,
        host_department_id=department_id,
        name=name,
        parent_id=under.id if under else None,
        path=f"{under.path if under else '/'}{department_id}/",
    )
    session.add(department)
    return department


def a_member(
    session: AsyncSession,
    connection: HostConnection,
    name: str,
    department: Department,
    *,
    role: str = "rep",
    host_user_id: str = "",
    phone: str | None = None,
) -> Member:
    """An active member of one department; a lead leads it."""
    member = Member(
        tenant_id=connection.tenant_id,
        id=new_id(),
        name=name,
        phone=phone,
        title=ROLES[role].title.zh,
        main_department_id=department.id,
        created_at=TUESDAY_MORNING,
    )
    tenant_id, member_id = member.tenant_id, member.id
    session.add_all(
        (
            member,
            MemberRole(tenant_id=tenant_id, member_id=member_id, role=role),
            Membership(
                tenant_id=tenant_id,
                member_id=member_id,
                department_id=department.id,
                is_leader=role == "lead",
            ),
            MemberIdentity(
                tenant_id=tenant_id,
                connection_id=connection.id,
                host_user_id=host_user_id or member_id,
                member_id=member_id,
            ),
        )
    )
    return member


def work_as(
    session: AsyncSession,
    member: Member,
    now: datetime = TUESDAY_MORNING,
    *,
    via: str = "h5",
    zone: ZoneInfo = SHANGHAI,
) -> Work:
    """This person at work, with the role that his title names."""
    roles = frozenset(code for code, role in ROLES.items() if role.title.zh == member.title)
    return Work(session, Actor(member.tenant_id, member.id, roles, via=via), now, zone)


async def a_customer(
    work: Work,
    name: str = "华联超市",
    *,
    at: tuple[float, float] | None = WUHAN,
    datum: str = "GCJ02",
    confirmed: bool = True,
    **fields: Any,
) -> Customer:
    """A customer of whoever is at work, with a place (confirmed unless said otherwise).

    Found by lookups at once. Two may share a name here, which `actions.create` would refuse.
    """
    customer = Customer(
        **{
            "tenant_id": work.tenant_id,
            "id": new_id(),
            "number": await next_number(work, "C", 6),
            "name": name,
            "full_name_key": full_name_key(name),
            "core_name": core_name(name),
            "phone_key": phone_key(str(fields.get("phone", ""))),
            "owner_id": work.actor.member_id,
            "created_by": work.actor.member_id,
            "created_at": work.now,
            "updated_at": work.now,
            **fields,
        }
    )
    work.session.add(customer)
    if at is not None:
        place = to_wgs84(*at, datum)
        work.session.add(
            CustomerLocation(
                tenant_id=work.tenant_id,
                id=new_id(),
                customer_id=customer.id,
                lat=place.lat,
                lng=place.lng,
                original_lat=at[0],
                original_lng=at[1],
                datum=datum,
                source="map_pick",
                status="confirmed" if confirmed else "proposed",
                proposed_by=work.actor.member_id,
                proposed_at=work.now,
                confirmed_by=work.actor.member_id if confirmed else None,
                confirmed_at=work.now if confirmed else None,
                confirmed_how="lead" if confirmed else "",
            )
        )
    await index.refresh(work, [customer.id])
    return customer
