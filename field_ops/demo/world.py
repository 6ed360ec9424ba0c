"""The pretend companies as the sandbox plays them: the same after every start.

The world lives in memory and the connections' rows in the database, so what both must agree on
(secrets, ids, phones) is derived from the seed and the installation's own secret key.
"""

import base64
from collections.abc import Callable
from random import Random
from string import ascii_letters, digits
from urllib.parse import urlsplit

from integrations.sandbox.world import App, Company, Department, Person, World

from ..keys import Keys
from .companies import COMPANIES, SEED, Colleague, DemoCompany
from .outsiders import outsiders_of
from .phones import device_of
from .shops import a_mobile, shops_of

CONNECTION = "demo"
ROOT = 1
AGENT_ID = 1000002
ENDS_32_BYTES = "AEIMQUYcgkosw048"


def build_world(
    clock: Callable[[], float], *, public_url: str, keys: Keys, seed: int = SEED
) -> World:
    """Both companies. `clock` gives seconds since the epoch; `public_url` is where we are served.

    Their apps push to `/hosts/<host>/demo/…` there, and trust its pages.
    """
    world = World(clock)
    for company in COMPANIES:
        world.add(_company(company, public_url.rstrip("/"), keys, seed))
    return world


def _company(plan: DemoCompany, public_url: str, keys: Keys, seed: int) -> Company:
    company = Company(plan.host, plan.corp_id, plan.name, _app(plan.host, public_url, keys, seed))
    region, office, *teams = plan.department_ids
    for department in (
        Department(ROOT, plan.name, 0),
        Department(region, plan.region, ROOT, order=1),
        Department(office, plan.office, ROOT, order=2),
        *(
            Department(id_, name, region, order=place)
            for place, (id_, name) in enumerate(zip(teams, plan.teams, strict=True), 1)
        ),
    ):
        company.departments[department.id] = department
    chance = Random(f"{seed}/{plan.host}/people")
    for colleague in plan.people:
        person = _person(plan, colleague, a_mobile(chance))
        company.people[person.user_id] = person
    if plan.host == "wecom":
        company.outsiders = outsiders_of(plan, shops_of(plan, seed), seed)
    if plan.group:
        company.groups[f"group-{plan.host}-{CONNECTION}"] = plan.group
    return company


def _app(host: str, public_url: str, keys: Keys, seed: int) -> App:
    def derived(what: str) -> bytes:
        return keys.derive(f"demo/{seed}/{host}/{what}")

    client_id = f"ding{derived('client id').hex()[:16]}" if host == "dingtalk" else ""
    hosts = f"{public_url}/hosts/{host}/{CONNECTION}"
    return App(
        agent_id=AGENT_ID,
        client_id=client_id,
        secret=base64.urlsafe_b64encode(derived("secret")).decode().rstrip("="),
        callback_token=derived("callback token").hex()[:24],
        callback_aes_key=_aes_key(derived("callback key") + derived("callback key, second half")),
        robot_code=client_id,
        callback_url=f"{hosts}/callback",
        robot_url=f"{hosts}/robot",
        trusted_hosts=[urlsplit(public_url).netloc],
    )


def _aes_key(randomness: bytes) -> str:
    """43 letters and digits, as the consoles draw it: 32 bytes of Base64 without its last "="."""
    letters = ascii_letters + digits
    # The last character carries only four bits; strict decoders refuse one with more.
    last = ENDS_32_BYTES[randomness[42] % len(ENDS_32_BYTES)]
    return "".join(letters[byte % len(letters)] for byte in randomness[:42]) + last


def _person(plan: DemoCompany, colleague: Colleague, phone: str) -> Person:
    region, office, *teams = plan.department_ids
    if colleague.team is not None:
        department = teams[colleague.team]
    else:
        department = {plan.boss: ROOT, plan.regional: region}.get(colleague, office)
    is_leader = colleague.leads_team or colleague in (plan.boss, plan.regional)
    return Person(
        user_id=colleague.user_id,
        name=colleague.name,
        department_ids=[department],
        leads=[department] if is_leader else [],
        phone=phone,
        title=colleague.title,
        union_id=f"union-{plan.host}-{colleague.user_id}",
        main_department_id=department,
        direct_leader_id=_leader_of(plan, colleague),
        device_id=device_of(plan.host, colleague.user_id),
    )


def _leader_of(plan: DemoCompany, colleague: Colleague) -> str:
    if colleague == plan.boss:
        return ""
    if colleague.team is None:
        return plan.boss.user_id
    return plan.regional.user_id if colleague.leads_team else plan.leads[colleague.team].user_id
