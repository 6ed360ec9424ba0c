"""The company's departments and members ("通讯录管理"). None of these calls counts as quota."""

from collections.abc import Mapping
from typing import Any

from field_ops.host.errors import HostRefused, HostUnavailable
from field_ops.host.platform import (
    DepartmentsAnswer,
    HostDepartment,
    HostMember,
    MembersPage,
)

from . import lenient
from .client import DingtalkClient

ROOT = "1"
PAGE_SIZE = 100  # "获取部门用户详情": at most 100
NOT_IN_COMPANY = frozenset({"60121", "60111"})
NO_SUCH_DEPARTMENT = frozenset({"60003"})


class DingtalkDirectory:
    """The port's `Directory`. What is visible begins at the departments of the app's scope."""

    def __init__(self, client: DingtalkClient) -> None:
        self._client = client

    async def departments(self, at: str = "") -> DepartmentsAnswer:
        if not at:
            scopes = await self._client.oapi("auth/scopes")
            seen = lenient.mapping(scopes, "auth_org_scopes")
            return DepartmentsAnswer(
                ask_next=lenient.texts(seen, "authed_dept"),
                members=lenient.texts(seen, "authed_user"),
            )
        try:
            department, below = await self._department(at), await self._below(at)
        except HostRefused as refused:
            if refused.code in NO_SUCH_DEPARTMENT:
                return DepartmentsAnswer()
            raise
        return DepartmentsAnswer((department,), ask_next=below)

    async def members_of(self, host_department_id: str, page: str = "") -> MembersPage:
        """`leads` tells of this department only; `member()` tells of all."""
        cursor = int(page or 0)
        asked = {"dept_id": int(host_department_id), "cursor": cursor, "size": PAGE_SIZE}
        try:
            answer = await self._result("topapi/v2/user/list", asked)
        except HostRefused as refused:
            if refused.code in NO_SUCH_DEPARTMENT:
                return MembersPage(())
            raise
        if not isinstance(answer.get("list"), list):
            raise HostUnavailable("an answer without its list of members")
        members = tuple(
            _member(user, host_department_id) for user in lenient.mappings(answer, "list")
        )
        if not lenient.flag(answer, "has_more"):
            return MembersPage(members)
        following = lenient.whole(answer, "next_cursor")
        if following <= cursor:
            raise HostUnavailable("a page of members that leads nowhere")
        return MembersPage(members, str(following))

    async def member(self, host_user_id: str) -> HostMember | None:
        try:
            user = await self._result("topapi/v2/user/get", {"userid": host_user_id})
        except HostRefused as refused:
            if refused.code in NOT_IN_COMPANY:
                return None
            raise
        return _member(user)

    async def _department(self, department_id: str) -> HostDepartment:
        details = await self._result("topapi/v2/department/get", {"dept_id": int(department_id)})
        return HostDepartment(
            host_department_id=department_id,
            name=lenient.text(details, "name"),
            parent_id="" if department_id == ROOT else lenient.text(details, "parent_id"),
            order=lenient.whole(details, "order"),
            leader_ids=lenient.texts(details, "dept_manager_userid_list"),
        )

    async def _below(self, department_id: str) -> tuple[str, ...]:
        answer = await self._client.oapi(
            "topapi/v2/department/listsub", {"dept_id": int(department_id)}
        )
        if not isinstance(answer.get("result"), list):
            raise HostUnavailable("an answer without its list of departments")
        return tuple(lenient.text(one, "dept_id") for one in lenient.mappings(answer, "result"))

    async def _result(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        return lenient.mapping(await self._client.oapi(path, body), "result")


def _member(user: Mapping[str, Any], listed_in: str = "") -> HostMember:
    leads = tuple(
        lenient.text(entry, "dept_id")
        for entry in lenient.mappings(user, "leader_in_dept")
        if lenient.flag(entry, "leader")
    )
    if listed_in and not leads and lenient.flag(user, "leader"):
        leads = (listed_in,)
    return HostMember(
        host_user_id=lenient.text(user, "userid"),
        name=lenient.text(user, "name"),
        department_ids=lenient.texts(user, "dept_id_list"),
        leads=leads,
        direct_leader_id=lenient.text(user, "manager_userid"),
        union_id=lenient.text(user, "unionid"),
        phone=_phone(user),
        email=lenient.text(user, "email", "org_email") or None,
        title=lenient.text(user, "title") or None,
    )


def _phone(user: Mapping[str, Any]) -> str | None:
    """The key is absent without the permission for it, and empty for a hidden number."""
    mobile = lenient.text(user, "mobile")
    country = lenient.text(user, "state_code")
    if mobile and country not in ("", "86") and not mobile.startswith("+"):
        return f"+{country}{mobile}"
    return mobile or None
