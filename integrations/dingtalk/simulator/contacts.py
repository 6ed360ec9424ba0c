"""The pretend company's departments and members as DingTalk tells them ("通讯录管理").

Strictly typed: ids and orders are JSON integers (orders above 2^53), fields without a value or
without permission are absent.
"""

from typing import Any

from starlette.routing import Route

from integrations.sandbox.world import Department, Person

from .accounts import union_id
from .backstage import Backstage
from .gate import Call, OldNo, whole

ORDER = 179997318850453160  # as on the wire: more than a JavaScript number can hold
MOST_PER_PAGE = 100


class Contacts:
    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage
        self._company = backstage.company

    def routes(self) -> list[Route]:
        old = self._backstage.gate.old
        return [
            old("/auth/scopes", self._scopes, method="GET"),
            old("/topapi/v2/department/listsub", self._children),
            old("/topapi/v2/department/listsubid", self._child_ids),
            old("/topapi/v2/department/get", self._department),
            old("/topapi/v2/department/listparentbydept", self._parents),
            old("/topapi/v2/user/get", self._user),
            old("/topapi/v2/user/list", self._users),
            old("/topapi/user/listsimple", self._simple_users),
            old("/topapi/user/listid", self._user_ids),
            old("/topapi/user/getbyunionid", self._by_union_id),
        ]

    def _scopes(self, call: Call) -> dict[str, Any]:
        switches = self._backstage.switches
        return {
            "condition_field": [],
            "auth_user_field": ["name", "avatar", "userid", "mobile"],
            "auth_org_scopes": {
                "authed_dept": list(switches.departments),
                "authed_user": list(switches.users),
            },
        }

    def _children(self, call: Call) -> dict[str, Any]:
        department = self._asked_for(call, default=1)
        return {
            "result": [
                {
                    "dept_id": child.id,
                    "name": child.name,
                    "parent_id": child.parent_id,
                    "create_dept_group": True,
                    "auto_add_user": True,
                }
                for child in self._company.children_of(department.id)
            ]
        }

    def _child_ids(self, call: Call) -> dict[str, Any]:
        department = self._asked_for(call, scoped=False)
        children = self._company.children_of(department.id)
        return {"result": {"dept_id_list": [child.id for child in children]}}

    def _department(self, call: Call) -> dict[str, Any]:
        department = self._asked_for(call)
        leaders = self._company.leaders_of(department.id)
        details: dict[str, Any] = {
            "dept_id": department.id,
            "name": department.name,
            "order": department.order,
            "dept_manager_userid_list": [leader.user_id for leader in leaders],
            "create_dept_group": True,
            "auto_add_user": True,
            "hide_dept": False,
            "outer_dept": False,
            "owning_member_count": len(self._company.members_of(department.id)),
        }
        if department.parent_id:
            details["parent_id"] = department.parent_id
        return {"result": details}

    def _parents(self, call: Call) -> dict[str, Any]:
        return {"result": {"parent_id_list": self._chain(self._asked_for(call).id)}}

    def _user(self, call: Call) -> dict[str, Any]:
        person = self._backstage.person(str(call.body.get("userid", "")))
        if person is None:
            raise OldNo(60121, "找不到该用户")
        if not self._sees(person):
            raise OldNo(50002, "请求的员工userid不在授权范围内")
        details = self._details(person)
        details["dept_order_list"] = [
            {"dept_id": department_id, "order": ORDER - place}
            for place, department_id in enumerate(person.department_ids)
        ]
        details["leader_in_dept"] = [
            {"dept_id": department_id, "leader": department_id in person.leads}
            for department_id in person.department_ids
        ]
        return {"result": details}

    def _users(self, call: Call) -> dict[str, Any]:
        department = self._asked_for(call)
        page, more = self._page(call, self._company.members_of(department.id))
        listed = [
            {
                **self._details(person),
                "dept_order": ORDER - person.department_ids.index(department.id),
                "leader": department.id in person.leads,
            }
            for person in page
        ]
        return {"result": {"list": listed, **more}}

    def _simple_users(self, call: Call) -> dict[str, Any]:
        department = self._asked_for(call)
        page, more = self._page(call, self._company.members_of(department.id))
        listed = [{"userid": person.user_id, "name": person.name} for person in page]
        return {"result": {"list": listed, **more}}

    def _user_ids(self, call: Call) -> dict[str, Any]:
        department = self._asked_for(call, scoped=False)
        members = self._company.members_of(department.id)
        return {"result": {"userid_list": [person.user_id for person in members]}}

    def _by_union_id(self, call: Call) -> dict[str, Any]:
        asked = call.body.get("unionid")
        for person in self._company.people.values():
            if person.active and union_id(person.user_id, person.union_id) == asked:
                return {"result": {"contact_type": 0, "userid": person.user_id}}
        raise OldNo(60121, "找不到该用户")

    def _asked_for(
        self, call: Call, *, default: int | None = None, scoped: bool = True
    ) -> Department:
        department = self._company.departments.get(whole(call, "dept_id", default))
        if department is None:
            raise OldNo(60003, "部门不存在")
        if scoped and not set(self._chain(department.id)) & set(
            self._backstage.switches.departments
        ):
            raise OldNo(50004, "请求的部门id不在授权范围内")
        return department

    def _chain(self, department_id: int) -> list[int]:
        """The department, its parent and so on up to the root."""
        chain: list[int] = []
        while department := self._company.departments.get(department_id):
            chain.append(department.id)
            department_id = department.parent_id
        return chain

    def _sees(self, person: Person) -> bool:
        allowed = set(self._backstage.switches.departments)
        return person.user_id in self._backstage.switches.users or any(
            allowed & set(self._chain(department_id)) for department_id in person.department_ids
        )

    def _page(self, call: Call, people: list[Person]) -> tuple[list[Person], dict[str, Any]]:
        cursor, size = whole(call, "cursor", 0), whole(call, "size", MOST_PER_PAGE)
        if cursor < 0 or not 1 <= size <= MOST_PER_PAGE:
            raise OldNo(40035, "不合法的参数 size")
        end = cursor + size
        has_more = end < len(people)
        more: dict[str, Any] = {"has_more": has_more}
        if has_more:
            more["next_cursor"] = end
        return people[cursor:end], more

    def _details(self, person: Person) -> dict[str, Any]:
        details: dict[str, Any] = {
            "userid": person.user_id,
            "unionid": union_id(person.user_id, person.union_id),
            "name": person.name,
            "avatar": "",
            "dept_id_list": list(person.department_ids),
            "active": True,
            "real_authed": True,
            "admin": False,
            "boss": False,
            "senior": False,
            "hide_mobile": False,
        }
        optional = {
            "mobile": person.phone,
            "state_code": "86" if person.phone else "",
            "email": person.email,
            "title": person.title,
            "manager_userid": person.direct_leader_id,
        }
        details |= {name: value for name, value in optional.items() if value}
        withheld = self._backstage.switches.withheld
        return {name: value for name, value in details.items() if name not in withheld}
