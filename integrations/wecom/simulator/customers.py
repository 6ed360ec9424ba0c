"""客户联系: whom members know outside (pages 92571, 92113, 92114, 92994), and what customers and
members do to each other (page 92130)."""

import base64
import json
from collections.abc import Sequence
from typing import Any, TypeVar

from integrations.sandbox.outsiders import WECOM, Acquaintance, Outsider
from integrations.sandbox.world import Person

from .answers import Failed, success
from .office import Call, Office
from .pushes import Pushes, cdata

MOST_MEMBERS, MOST_ROWS, USUAL_ROWS = 100, 100, 50
MOST_FOLLOWERS = 500
Row = TypeVar("Row")


class Customers:
    """`followers_at_once`: how many who know one customer an answer has; less for a test."""

    def __init__(self, office: Office, pushes: Pushes) -> None:
        self._office, self._pushes = office, pushes
        self.followers_at_once = MOST_FOLLOWERS

    def get_follow_user_list(self, call: Call) -> dict[str, Any]:
        self._check_app()
        people = self._office.company.people.values()
        return success(follow_user=[p.user_id for p in people if p.active and self._may(p.user_id)])

    def list_(self, call: Call) -> dict[str, Any]:
        self._check_app()
        person = self._member(call.wanted("userid", 41009))
        known = self._listed(person.user_id)
        if not known:
            raise Failed(84061)
        return success(external_userid=[one.outsider.external_id for one in known])

    def get(self, call: Call) -> dict[str, Any]:
        self._check_app()
        external_id = call.wanted("external_userid", 41035)
        if not external_id.startswith(("wm", "wo")):
            raise Failed(40096)
        known = [
            one
            for one in self._office.company.outsiders.knowing(external_id)
            if self._is_shown(one) and self._is_in_sight(one.user_id)
        ]
        if not known:
            raise Failed(84061)
        rows, cursor = _page(known, call.query.get("cursor", ""), self.followers_at_once)
        more = {"next_cursor": cursor} if cursor else {}
        return success(
            external_contact=_outsider(known[0].outsider),
            follow_user=[{**_followed(one), "tags": _tags(one)} for one in rows],
            **more,
        )

    def batch_get_by_user(self, call: Call) -> dict[str, Any]:
        self._check_app()
        wanted = call.body.get("userid_list")
        if not isinstance(wanted, list) or not wanted:
            raise Failed(41009)
        limit, cursor = call.body.get("limit", USUAL_ROWS), call.body.get("cursor", "")
        if len(wanted) > MOST_MEMBERS or not isinstance(limit, int) or not isinstance(cursor, str):
            raise Failed(40058)
        members = [self._member(str(who)) for who in wanted]
        known = [one for member in members for one in self._listed(member.user_id)]
        if not known:
            raise Failed(84061)
        # What is more than the most is the most (page 92994).
        rows, following = _page(known, cursor, min(max(limit, 1), MOST_ROWS))
        return success(
            external_contact_list=[
                {
                    "external_contact": _outsider(one.outsider),
                    "follow_info": {**_followed(one), "tag_id": [f"et{tag}" for tag in one.tags]},
                }
                for one in rows
            ],
            next_cursor=following,
        )

    async def add(self, acquaintance: Acquaintance, *, confirmed: bool = True) -> int:
        """The member and the customer have each other from now on."""
        self._office.company.outsiders.add(acquaintance)
        change = "add_external_contact" if confirmed else "add_half_external_contact"
        more = f"<State>{cdata(acquaintance.state)}</State>" if acquaintance.state else ""
        if self._office.switches.welcome_code_is_told:
            more += f"<WelcomeCode>{cdata('WC')}</WelcomeCode>"
        return await self._tell(change, acquaintance, more)

    async def edit(self, acquaintance: Acquaintance) -> int:
        """The member changed the remark. A change of the mobiles alone is told to nobody."""
        return await self._tell("edit_external_contact", acquaintance)

    async def deleted_by_member(self, acquaintance: Acquaintance) -> int:
        self.forget(acquaintance)
        return await self._tell("del_external_contact", acquaintance)

    async def deleted_by_customer(self, acquaintance: Acquaintance) -> int:
        acquaintance.is_left = True
        return await self._tell("del_follow_user", acquaintance)

    def forget(self, acquaintance: Acquaintance) -> None:
        """As after a deletion whose event was lost."""
        external_id = acquaintance.outsider.external_id
        self._office.company.outsiders.remove(acquaintance.user_id, external_id)

    async def _tell(self, change: str, one: Acquaintance, more: str = "") -> int:
        inside = (
            f"<ChangeType>{cdata(change)}</ChangeType><UserID>{cdata(one.user_id)}</UserID>"
            f"<ExternalUserID>{cdata(one.outsider.external_id)}</ExternalUserID>{more}"
        )
        return await self._pushes.event("sys", "change_external_contact", inside)

    def _check_app(self) -> None:
        if self._office.switches.customers_are_closed:
            raise Failed(48002)
        if self._office.switches.app_is_inactive:
            raise Failed(48011)

    def _member(self, user_id: str) -> Person:
        person = self._office.colleague(user_id)
        if person is None:
            raise Failed(60111)
        if not self._is_in_sight(person.user_id):
            raise Failed(60011)
        if not self._may(person.user_id):
            raise Failed(84074)
        return person

    def _may(self, user_id: str) -> bool:
        may = self._office.company.outsiders.may
        return may is None or user_id in may

    def _is_in_sight(self, user_id: str) -> bool:
        return user_id not in self._office.switches.out_of_sight

    def _is_shown(self, one: Acquaintance) -> bool:
        return not one.is_left or self._office.switches.who_left_is_listed

    def _listed(self, user_id: str) -> list[Acquaintance]:
        return [
            one
            for one in self._office.company.outsiders.of(user_id).values()
            if self._is_shown(one)
        ]


def _page(rows: Sequence[Row], cursor: str, size: int) -> tuple[Sequence[Row], str]:
    """A part of `rows`, and the cursor of the next; "" at the end."""
    begin = 0
    if cursor:
        try:
            begin = int(json.loads(base64.urlsafe_b64decode(cursor))["from"])
        except (ValueError, KeyError, TypeError) as failure:
            raise Failed(40058) from failure
    end = begin + size
    if end >= len(rows):
        return rows[begin:], ""
    return rows[begin:end], base64.urlsafe_b64encode(json.dumps({"from": end}).encode()).decode()


def _outsider(outsider: Outsider) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "external_userid": outsider.external_id,
        "name": outsider.name,
        "avatar": "",
        "type": outsider.kind,
        "gender": outsider.gender,
    }
    if outsider.kind == WECOM:
        shown |= {
            "position": "",
            "corp_name": outsider.corp_name,
            "corp_full_name": outsider.corp_name,
            "external_profile": {"external_attr": []},
        }
    return shown


def _followed(one: Acquaintance) -> dict[str, Any]:
    return {
        "userid": one.user_id,
        "remark": one.remark or one.outsider.name,
        "description": "",
        "createtime": one.added_at,
        "remark_corp_name": one.remark_corp_name,
        "remark_mobiles": list(one.mobiles),
        "oper_userid": one.user_id,
        "add_way": one.add_way,
        "state": one.state,
    }


def _tags(one: Acquaintance) -> list[dict[str, Any]]:
    return [
        {"group_name": "客户", "tag_name": tag, "tag_id": f"et{tag}", "type": 1} for tag in one.tags
    ]
