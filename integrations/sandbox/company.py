"""A small company for tests, and for a sandbox that nobody gave a company."""

import secrets
from collections.abc import Iterable
from string import ascii_letters, digits

from .phones import Place
from .world import App, Company, Department, Person

GROUP = "group-chenguang-north"
ENDS_32_BYTES = "AEIMQUYcgkosw048"  # the last of 43 characters carries four bits only
SOME_PLACES = (
    Place("华联超市", 31.2304, 121.4737),
    Place("红星便利店", 31.2346, 121.4795),
    Place("新华书店", 31.2272, 121.4698),
)


def a_small_company(host: str) -> Company:
    """晨光商贸 on `host`: six people in three levels. 王主管 leads 李雷 and 韩梅梅.

    There is a group too, where the robot can be mentioned. The app's secrets are fresh; set
    `app.callback_url` and `robot_url` to where events go.
    """
    company = Company(
        host=host,
        corp_id="ww5andb0xc0rp00001" if host == "wecom" else "dingsandboxcorp0001",
        name="晨光商贸",
        app=an_app(host),
    )
    company.departments = {
        1: Department(1, "晨光商贸", 0),
        2: Department(2, "销售部", 1, order=1),
        3: Department(3, "华东一组", 2, order=1),
        4: Department(4, "华东二组", 2, order=2),
        5: Department(5, "综合部", 1, order=2),
    }
    people = (
        _person("boss", "陈总", 1, "总经理", leads=[1, 2]),
        _person("wang", "王主管", 3, "销售主管", leads=[3], direct_leader_id="boss"),
        _person("lilei", "李雷", 3, "业务员", direct_leader_id="wang"),
        _person("hanmeimei", "韩梅梅", 3, "业务员", direct_leader_id="wang"),
        _person("zhao", "赵主管", 4, "销售主管", leads=[4], direct_leader_id="boss"),
        _person("sun", "小孙", 5, "销售支持"),
    )
    company.people = {person.user_id: person for person in people}
    company.groups = {GROUP: "华东一组群"}
    return company


def an_app(host: str) -> App:
    """Our app as a fresh installation on `host` would get it: random secrets, no addresses yet."""
    client_id = f"ding{secrets.token_hex(8)}" if host == "dingtalk" else ""
    return App(
        agent_id=1000002,
        client_id=client_id,
        secret=secrets.token_urlsafe(32),
        callback_token=secrets.token_hex(12),
        callback_aes_key=_aes_key(),
        robot_code=client_id,
    )


def _aes_key() -> str:
    """As both consoles draw it: 43 letters and digits, which are 32 bytes of Base64."""
    drawn = "".join(secrets.choice(ascii_letters + digits) for _ in range(42))
    return drawn + secrets.choice(ENDS_32_BYTES)


def _person(
    user_id: str,
    name: str,
    department_id: int,
    title: str,
    leads: Iterable[int] = (),
    direct_leader_id: str = "",
) -> Person:
    return Person(
        user_id,
        name,
        [department_id],
        leads=list(leads),
        title=title,
        union_id=f"union-{user_id}",
        main_department_id=department_id,
        direct_leader_id=direct_leader_id,
        device_id=f"device-{user_id}",
    )
