"""客户联系: whom members know in WeChat and WeCom (pages 92114, 92994, 96315).

The app's own secret asks, once the app is listed under 客户联系 → 可调用接口的应用 (else 48002).
Of a member outside of the app's visible range WeCom tells nothing (60011), nor of one who was not
given the function 客户联系 (84074).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from field_ops.host.errors import (
    CredentialsRejected,
    HostRefused,
    HostUnavailable,
    PermissionMissing,
)
from field_ops.host.external_contacts import ExternalContactsPage, HostExternalContact
from field_ops.host.services import Colleague
from field_ops.texts import Text

from .client import WecomClient

AT_ONCE = 100  # members of one question, and pairs of one answer
MOST_PAGES = 40  # of those who know one person: WeCom tells 500 at a time
MAY_NOT = {"48002", "48004", "48011"}  # not listed; no such permission; an app that nobody uses
NOT_KNOWN = {"40096", "84061"}  # no such person; nobody knows him
WANTS = Text(
    "在管理后台「客户联系」里给成员开通此功能，并把应用加入「可调用接口的应用」。",
    "In the admin console, under Customer Contact: give the function to the members, and add the "
    "app to those that may call its API.",
)


class WecomExternalContacts:
    """The port's `ExternalContacts`."""

    members_at_once = AT_ONCE
    wants = WANTS

    def __init__(self, client: WecomClient) -> None:
        self._client = client

    async def look(self, somebody: Colleague) -> None:
        await self.members()

    async def members(self) -> tuple[str, ...]:
        try:
            answer = await self._get("externalcontact/get_follow_user_list")
        except HostRefused as refusal:
            if refusal.code == "84061":  # nobody was given the function
                return ()
            raise
        return tuple(str(who) for who in _list(answer, "follow_user"))

    async def of_members(
        self, host_user_ids: Sequence[str], page: str = ""
    ) -> ExternalContactsPage:
        body = {"userid_list": list(host_user_ids), "cursor": page, "limit": AT_ONCE}
        try:
            answer = await self._post("externalcontact/batch/get_by_user", body)
        except HostRefused as refusal:
            if refusal.code == "84061":  # nobody is known to any of them
                return ExternalContactsPage(())
            raise
        pairs = (
            _contact(_part(row, "external_contact"), _part(row, "follow_info"))
            for row in _list(answer, "external_contact_list")
        )
        return ExternalContactsPage(tuple(pairs), str(answer.get("next_cursor") or ""))

    async def known_to(self, external_id: str) -> tuple[HostExternalContact, ...]:
        found: list[HostExternalContact] = []
        asked = {"external_userid": external_id}
        for _ in range(MOST_PAGES):
            try:
                answer = await self._get("externalcontact/get", **asked)
            except HostRefused as refusal:
                if refusal.code in NOT_KNOWN:
                    return tuple(found)
                raise
            person = _part(answer, "external_contact")
            found += [_contact(person, row) for row in _list(answer, "follow_user")]
            if not (cursor := str(answer.get("next_cursor") or "")):
                return tuple(found)
            asked["cursor"] = cursor
        raise HostUnavailable("externalcontact/get: the pages do not end")

    async def _get(self, path: str, **params: str) -> dict[str, Any]:
        with _permission_needed():
            return await self._client.get(path, **params)

    async def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        with _permission_needed():
            return await self._client.post(path, body)


@contextmanager
def _permission_needed() -> Iterator[None]:
    """What would be a wrong secret elsewhere is a permission that nobody gave to the app."""
    try:
        yield
    except CredentialsRejected as failure:
        if failure.code in MAY_NOT:
            raise PermissionMissing(failure.reason, code=failure.code) from failure
        raise


def _list(answer: Mapping[str, Any], name: str) -> list[Any]:
    """An answer without its list is not an empty list: contacts would be taken for gone."""
    rows = answer.get(name)
    if not isinstance(rows, list):
        raise HostUnavailable(f"an answer without {name}")
    return rows


def _part(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = row.get(name)
    if not isinstance(part, Mapping):
        raise HostUnavailable(f"an answer without {name}")
    return part


def _contact(person: Mapping[str, Any], follow: Mapping[str, Any]) -> HostExternalContact:
    added = follow.get("createtime")
    # One person's answer has the names of tags, the answer about many has ids only.
    tags = [str(tag.get("tag_name") or "") for tag in follow.get("tags") or ()]
    tags = tags or [str(tag) for tag in follow.get("tag_id") or ()]
    return HostExternalContact(
        external_id=str(person["external_userid"]),
        host_user_id=str(follow["userid"]),
        name=str(person.get("name") or ""),
        corp_name=str(person.get("corp_full_name") or person.get("corp_name") or ""),
        remark=str(follow.get("remark") or ""),
        remark_corp_name=str(follow.get("remark_corp_name") or ""),
        remark_mobiles=tuple(str(one) for one in follow.get("remark_mobiles") or () if one),
        tags=tuple(tag for tag in tags if tag),
        added_at=datetime.fromtimestamp(int(added), UTC) if added else None,
        add_way="" if follow.get("add_way") is None else str(follow["add_way"]),
        state=str(follow.get("state") or ""),
    )
