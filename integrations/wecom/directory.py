"""The company's people as WeCom shows them (90196, 90201, 90208).

Apps made after June 2022 see neither phone nor e-mail; what is absent or blank there is None.
"""

from collections.abc import Mapping
from typing import Any

from field_ops.host.errors import HostRefused, HostUnavailable
from field_ops.host.platform import (
    DepartmentsAnswer,
    HostDepartment,
    HostMember,
    MembersPage,
)

from .client import WecomClient

NO_SUCH_MEMBER = {"40003", "46004", "60111"}
NO_SUCH_DEPARTMENT = {"60003", "60123"}
DISABLED, LEFT = 2, 5  # 1 is active; 4 has not activated WeCom yet, and is a colleague already


class WecomDirectory:
    """The port's `Directory`. One call tells the whole tree, one all members of a department."""

    def __init__(self, client: WecomClient) -> None:
        self._client = client

    async def departments(self, at: str = "") -> DepartmentsAnswer:
        try:
            answer = await self._client.get("department/list", **({"id": at} if at else {}))
        except HostRefused as refusal:
            if at and refusal.code in NO_SUCH_DEPARTMENT:
                return DepartmentsAnswer()
            raise
        return DepartmentsAnswer(tuple(_department(row) for row in _rows(answer, "department")))

    async def members_of(self, host_department_id: str, page: str = "") -> MembersPage:
        try:
            answer = await self._client.get("user/list", department_id=host_department_id)
        except HostRefused as refusal:
            if refusal.code in NO_SUCH_DEPARTMENT:
                return MembersPage(())
            raise
        return MembersPage(tuple(_member(row) for row in _rows(answer, "userlist")))

    async def member(self, host_user_id: str) -> HostMember | None:
        try:
            return _member(await self._client.get("user/get", userid=host_user_id))
        except HostRefused as refusal:
            if refusal.code in NO_SUCH_MEMBER:
                return None
            raise


def _rows(answer: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """An answer without its list is not an empty list: people would be taken for departed."""
    rows = answer.get(name)
    if not isinstance(rows, list):
        raise HostUnavailable(f"an answer without {name}")
    return rows


def _department(row: Mapping[str, Any]) -> HostDepartment:
    department_id = str(row["id"])
    return HostDepartment(
        host_department_id=department_id,
        name=str(row.get("name") or department_id),
        parent_id=_parent(row.get("parentid")),
        order=int(row.get("order") or 0),
        leader_ids=tuple(str(leader) for leader in row.get("department_leader") or ()),
    )


def _parent(said: Any) -> str:
    """The top of the company is said to be under 0."""
    return "" if said in (None, 0, "0") else str(said)


def _member(row: Mapping[str, Any]) -> HostMember:
    department_ids = tuple(str(department) for department in row.get("department") or ())
    leads_there = row.get("is_leader_in_dept") or ()
    leaders = row.get("direct_leader") or ()
    return HostMember(
        host_user_id=str(row["userid"]),
        name=str(row.get("name") or row["userid"]),
        department_ids=department_ids,
        leads=tuple(d for d, leads in zip(department_ids, leads_there, strict=False) if int(leads)),
        main_department_id=str(row.get("main_department") or ""),
        direct_leader_id=str(leaders[0]) if leaders else "",
        phone=row.get("mobile") or None,
        email=row.get("email") or row.get("biz_mail") or None,
        title=row.get("position"),
        active=int(row.get("status") or 1) not in (DISABLED, LEFT),
    )
