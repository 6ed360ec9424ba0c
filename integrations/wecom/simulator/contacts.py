"""Departments and members (pages 90196, 90200, 90201, 90208, 95350)."""

from collections.abc import Iterator
from typing import Any

from integrations.sandbox.world import Company, Department, Person

from .answers import Failed, success
from .office import Call, Office


class Contacts:
    def __init__(self, office: Office) -> None:
        self._office = office

    def department_list(self, call: Call) -> dict[str, Any]:
        return success(department=[self.department(d) for d in self._subtree(call)])

    def department_simplelist(self, call: Call) -> dict[str, Any]:
        return success(
            department_id=[
                {"id": d.id, "parentid": d.parent_id, "order": d.order} for d in self._subtree(call)
            ]
        )

    def department_get(self, call: Call) -> dict[str, Any]:
        return success(department=self.department(self._find(call.wanted("id", 60123))))

    def user_list(self, call: Call) -> dict[str, Any]:
        return success(userlist=[self.user(person) for person in self._members(call)])

    def user_simplelist(self, call: Call) -> dict[str, Any]:
        return success(userlist=[self.user_in_short(person) for person in self._members(call)])

    def user_get(self, call: Call) -> dict[str, Any]:
        wanted = call.wanted("userid", 41009).casefold()  # userids are not case-sensitive
        person = self._office.company.index.by_folded_id.get(wanted)
        if person is None:
            raise Failed(60111)
        return success(**self.user(person))

    def _subtree(self, call: Call) -> Iterator[Department]:
        company = self._office.company
        if wanted := call.query.get("id", ""):
            yield from below(company, self._find(wanted))
            return
        for department in company.departments.values():
            if department.parent_id not in company.departments:
                yield from below(company, department)

    def _find(self, department_id: str) -> Department:
        departments = self._office.company.departments
        if not department_id.isdecimal() or int(department_id) not in departments:
            raise Failed(60123)
        return departments[int(department_id)]

    def _members(self, call: Call) -> list[Person]:
        department = self._find(call.wanted("department_id", 60123))
        return self._office.company.members_of(department.id)

    def department(self, department: Department) -> dict[str, Any]:
        leaders = self._office.company.leaders_of(department.id)
        return self._seen(
            {
                "id": department.id,
                "name": department.name,
                "name_en": "",
                "department_leader": [leader.user_id for leader in leaders],
                "parentid": department.parent_id,
                "order": department.order,
            }
        )

    def user_in_short(self, person: Person) -> dict[str, Any]:
        return {
            "userid": person.user_id,
            "name": person.name,
            "department": person.department_ids,
        }

    def user(self, person: Person) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "userid": person.user_id,
            "name": person.name,
            "department": list(person.department_ids),
            "order": [0] * len(person.department_ids),
            "position": person.title,
            "is_leader_in_dept": [int(d in person.leads) for d in person.department_ids],
            "direct_leader": [person.direct_leader_id] if person.direct_leader_id else [],
            "status": 1,
            "main_department": person.main_department_id or person.department_ids[0],
        }
        if self._office.shows_private_fields:
            shown |= {"mobile": person.phone, "email": person.email}
        return self._seen(shown)

    def _seen(self, shown: dict[str, Any]) -> dict[str, Any]:
        """Without what this app may not see."""
        switches = self._office.switches
        withheld = switches.withheld & shown.keys()
        if switches.withheld_is_blank:
            return shown | {name: type(shown[name])() for name in withheld}
        return {name: value for name, value in shown.items() if name not in withheld}


def below(company: Company, department: Department) -> Iterator[Department]:
    yield department
    for child in company.children_of(department.id):
        yield from below(company, child)
