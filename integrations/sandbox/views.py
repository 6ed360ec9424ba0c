"""The world as the console's page sees it: plain JSON, and nothing secret of the apps."""

from dataclasses import asdict
from typing import Any

from .faults import Faults
from .schedule import Schedule
from .world import Company, Heard, Person

TITLES = {"wecom": "企业微信", "dingtalk": "钉钉"}


def company_view(company: Company, faults: Faults) -> dict[str, Any]:
    return {
        "host": company.host,
        "title": TITLES.get(company.host, company.host),
        "company": company.name,
        "corp_id": company.corp_id,
        "departments": [
            {"id": department.id, "name": department.name, "parent_id": department.parent_id}
            for department in company.departments.values()
        ],
        "people": [person_view(company, person) for person in company.people.values()],
        "groups": [{"id": id_, "title": title} for id_, title in company.groups.items()],
        "faults": faults_view(faults),
    }


def person_view(company: Company, person: Person) -> dict[str, Any]:
    return {
        "user_id": person.user_id,
        "name": person.name,
        "title": person.title,
        "role": "lead" if person.leads else "rep",
        "department_ids": person.department_ids,
        "department": _department_name(company, person),
        "lead_user_id": lead_of(company, person),
        "active": person.active,
    }


def faults_view(faults: Faults) -> dict[str, Any]:
    return {
        "down": faults.down,
        "duplicate_events": faults.duplicate_events,
        "waiting": [
            {"kind": fault.kind, "path": fault.path, "times": fault.times} for fault in faults.queue
        ],
        "late": len(faults.held),
        "schedule": schedule_view(faults.schedule),
    }


def schedule_view(schedule: Schedule | None) -> dict[str, Any] | None:
    if schedule is None:
        return None
    return {
        "began": schedule.began,
        "plan": [asdict(planned) for planned in schedule.plan],
        "happened": dict(schedule.happened),
    }


def line_view(line: Heard) -> dict[str, Any]:
    """One line of a chat. `wire` is left out: it may hold what only the app should know."""
    return {
        "id": line.id,
        "host": line.host,
        "user_id": line.user_id,
        "conversation_id": line.conversation_id,
        "mine": line.mine,
        "kind": line.kind,
        "title": line.title,
        "text": line.text,
        "fields": [list(pair) for pair in line.fields],
        "buttons": line.buttons,
        "url": line.url,
        "done": line.done,
        "at": line.at,
    }


def lead_of(company: Company, person: Person) -> str:
    """Who leads this person: his direct leader, else the nearest leader up the tree, else ""."""
    direct = company.people.get(person.direct_leader_id)
    if direct and direct.active:
        return direct.user_id
    department = company.departments.get(_main_department(person))
    while department is not None:
        for leader in company.leaders_of(department.id):
            if leader.user_id != person.user_id:
                return leader.user_id
        department = company.departments.get(department.parent_id)
    return ""


def _department_name(company: Company, person: Person) -> str:
    department = company.departments.get(_main_department(person))
    return department.name if department else ""


def _main_department(person: Person) -> int:
    return person.main_department_id or next(iter(person.department_ids), 0)
