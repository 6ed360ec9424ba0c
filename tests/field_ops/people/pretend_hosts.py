"""Both pretend hosts with their real adapters, and what our tables must say of their people.

The truth is computed here from the pretend company alone, in its own plain way, so that a mistake
of the sync is not repeated.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import httpx

from field_ops.host.platform import HostKind, HostPlatform
from integrations import dingtalk, wecom
from integrations.dingtalk.simulator import DingtalkSimulator
from integrations.sandbox.faults import Faults
from integrations.sandbox.stage import HostSimulator
from integrations.sandbox.world import Company, Person, World
from integrations.wecom.simulator import WecomSimulator

KINDS: dict[str, HostKind] = {"wecom": wecom.KIND, "dingtalk": dingtalk.KIND}
ADDRESS = "http://host.test"


@asynccontextmanager
async def played(
    company: Company, now: datetime
) -> AsyncIterator[tuple[HostSimulator, HostPlatform]]:
    """The company's host, and our platform that talks to it. Nobody hears its events."""
    world = World(now.timestamp)
    world.add(company)
    nobody = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    make = WecomSimulator if company.host == "wecom" else DingtalkSimulator
    simulator: HostSimulator = make(world, company, nobody, world.clock, Faults())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(simulator.app)) as http:
        yield simulator, a_platform(company, http)
    await nobody.aclose()


def a_platform(company: Company, http: httpx.AsyncClient) -> HostPlatform:
    app = company.app
    credentials = {
        "corp_id": company.corp_id,
        "agent_id": str(app.agent_id),
        "secret": app.secret,
        "client_id": app.client_id,
        "client_secret": app.secret,
        "robot_code": app.robot_code,
        "callback_token": app.callback_token,
        "callback_aes_key": app.callback_aes_key,
    }
    kind = KINDS[company.host]
    given = {name: value for name, value in credentials.items() if name in kind.credentials}
    addresses = dict.fromkeys(("wecom", "dingtalk_api", "dingtalk_oapi"), ADDRESS)
    return kind.connect(given, http, addresses)


def true_people(company: Company) -> dict[str, dict[str, Any]]:
    """Everybody who is there, by user id."""
    return {
        person.user_id: {
            "name": person.name,
            "title": person.title or None,
            "phone": person.phone or None,
            "places": {
                str(one): one in person.leads for one in {*person.department_ids, *person.leads}
            },
            "main": str(_main(company, person)),
            "leader": _leaders(company, person),
        }
        for person in company.people.values()
        if person.active
    }


def true_tree(company: Company) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Name and the way up to the root, by department id."""
    tree = {}
    for department in company.departments.values():
        way, at = [], department
        while at.parent_id:
            at = company.departments[at.parent_id]
            way.append(str(at.id))
        tree[str(department.id)] = (department.name, tuple(way))
    return tree


def _main(company: Company, person: Person) -> int:
    """DingTalk does not tell a main department: the first one counts."""
    if company.host == "wecom":
        return person.main_department_id
    return person.department_ids[0]


def _leaders(company: Company, person: Person) -> set[str | None]:
    """One of these is his direct leader: of several who lead a department, any."""
    told = company.people.get(person.direct_leader_id)
    if told is not None and told.active:
        return {told.user_id}
    at = _main(company, person)
    while at:
        leading = {
            leader.user_id
            for leader in company.people.values()
            if leader.active and at in leader.leads and leader is not person
        }
        if leading:
            return set(leading)
        at = company.departments[at].parent_id
    return {None}
