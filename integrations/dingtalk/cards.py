"""Interactive cards ("互动卡片"): our words in a template that an administrator made, and revised.

The README says which variables the template must have. A button that says a sentence calls back
with that sentence, so the card can be told that it was pressed; an ActionCard cannot.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from field_ops.host.errors import HostRefused
from field_ops.host.messages import Card
from field_ops.host.platform import Receipt

from . import lenient, payloads
from .client import DingtalkClient

MOST_BUTTONS = 5
VALUE_BYTES = 1_024  # of one variable ("卡片数据")
EXISTS = "param.cardAlreadyExist"
NOT_DELIVERED = "card.notDelivered"
NOT_REGISTERED = "card.notRegistered"


class CardCallbacks:
    """The address where presses come over HTTP ("注册卡片回调地址").

    Registered before the first card, again in each process and with `forceUpdate`, so that address
    and secret are those of now.
    """

    def __init__(self, client: DingtalkClient, *, address: str, secret: str) -> None:
        self._client = client
        self._address = address
        self._secret = secret
        self.key = f"waiqin-{hashlib.sha256(address.encode()).hexdigest()[:16]}"
        self._is_registered = False

    async def register(self) -> None:
        """Raises a `SendError`."""
        if self._is_registered:
            return
        body = {
            "callbackRouteKey": self.key,
            "callbackUrl": self._address,
            "apiSecret": self._secret,
            "forceUpdate": True,
        }
        try:
            await self._client.api("v1.0/card/callbacks/register", body)
        except HostRefused as refused:
            raise HostRefused(str(refused), code=NOT_REGISTERED) from refused
        self._is_registered = True


class DingtalkCards:
    """Cards of one template, sent by one robot. Presses come back by Stream mode, or with
    `callbacks` over HTTP."""

    def __init__(
        self,
        client: DingtalkClient,
        *,
        template_id: str,
        robot_code: str,
        callbacks: CardCallbacks | None = None,
    ) -> None:
        self._client = client
        self._template_id = template_id
        self._robot_code = robot_code
        self._callbacks = callbacks

    async def to_member(self, host_user_id: str, card: Card, once: str) -> Receipt:
        return await self._send(f"dtv1.card//IM_ROBOT.{host_user_id}", "imRobot", card, once)

    async def into_group(self, conversation_id: str, card: Card, once: str) -> Receipt:
        return await self._send(f"dtv1.card//IM_GROUP.{conversation_id}", "imGroup", card, once)

    async def revise(self, card_id: str, card: Card) -> None:
        await self._client.api(
            "v1.0/card/instances",
            {
                "outTrackId": card_id,
                "cardData": {"cardParamMap": variables(card)},
                # Without this, variables that are not sent are lost.
                "cardUpdateOptions": {"updateCardDataByKey": True},
            },
            method="PUT",
        )

    async def _send(self, space: str, kind: str, card: Card, once: str) -> Receipt:
        way = {"callbackType": "STREAM"}
        if self._callbacks is not None:
            await self._callbacks.register()
            way = {"callbackType": "HTTP", "callbackRouteKey": self._callbacks.key}
        body = {
            "cardTemplateId": self._template_id,
            "outTrackId": once,  # the host's own duplicate check
            "userIdType": 1,
            **way,
            "cardData": {"cardParamMap": variables(card)},
            "openSpaceId": space,
            f"{kind}OpenSpaceModel": {
                "supportForward": False,
                "lastMessageI18n": {"ZH_CN": payloads.short_title(card)},
            },
            f"{kind}OpenDeliverModel": {"robotCode": self._robot_code},
        }
        try:
            path = "v1.0/card/instances/createAndDeliver"
            answer = await self._client.api(path, body, changes=True)
        except HostRefused as refused:
            if refused.code == EXISTS:  # an earlier try arrived, and its answer was lost
                return Receipt(revise_with=once)
            raise
        return Receipt(host_message_id=_carrier(answer), revise_with=once)


def variables(card: Card) -> dict[str, str]:
    """The template's variables. All of them, every time: a revision must empty what is gone.

    Raises `HostRefused` when the card does not fit.
    """
    wanted = [*card.choices, *card.buttons]
    values = {
        "title": payloads.short_title(card),
        "body": payloads.card_body(card, wanted[MOST_BUTTONS:], VALUE_BYTES),
        "url": card.url,
    }
    for number in range(1, MOST_BUTTONS + 1):
        button = wanted[number - 1] if number <= len(wanted) else None
        values[f"button{number}"] = payloads.caption(button.text) if button else ""
        values[f"button{number}_url"] = button.url if button else ""
        values[f"button{number}_says"] = button.says if button else ""
    if any(len(value.encode()) > VALUE_BYTES for value in values.values()):
        raise HostRefused("a link or a sentence is too long for a card", code="too_long")
    return values


def is_about_the_card(refused: HostRefused) -> bool:
    """Whether the card is what was refused, so that the same words may arrive in another shape."""
    return refused.code in (NOT_DELIVERED, NOT_REGISTERED, "too_long") or (
        refused.code.startswith("param.") and refused.code != "param.userIdNotExist"
    )


def _carrier(answer: Mapping[str, Any]) -> str:
    """The handle of what was delivered. A partial failure is HTTP 200 and says so in its list."""
    results = lenient.mappings(lenient.mapping(answer, "result"), "deliverResults")
    for result in results:
        if not lenient.flag(result, "success"):
            raise HostRefused(lenient.text(result, "errorMsg"), code=NOT_DELIVERED)
    return next((lenient.text(result, "carrierId") for result in results), "")
