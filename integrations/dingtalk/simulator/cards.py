"""Interactive cards ("互动卡片"): created, delivered, changed, pressed.

The templates of this pretend console all have the variables `title`, `body`, `url` and, for n from
1 to 5, `button<n>`, `button<n>_url` and `button<n>_says`. A button with an address opens it, one
with a sentence calls back with that sentence in its parameters.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.routing import Route

from integrations.sandbox.world import Heard

from .backstage import Backstage
from .drawing import Drawn, draw_markdown
from .gate import Call, NewNo
from .pushes import Pushes

LONGEST_ID = 64
MOST_BUTTONS = 5
STREAMED_BYTES = 1024

Params = dict[str, str]


@dataclass(slots=True)
class Card:
    """`params` are what everybody sees, `private` what one member sees instead."""

    id: str
    callback_type: str
    route_key: str
    params: Params
    private: dict[str, Params] = field(default_factory=dict)
    lines: list[Heard] = field(default_factory=list)

    def seen_by(self, user_id: str) -> Params:
        return {**self.params, **self.private.get(user_id, {})}


class Cards:
    def __init__(self, backstage: Backstage, pushes: Pushes) -> None:
        self._backstage = backstage
        self._pushes = pushes
        self._cards: dict[str, Card] = {}
        self._callbacks: dict[str, dict[str, str]] = {}  # by route key

    def routes(self) -> list[Route]:
        new, under = self._backstage.gate.new, "/v1.0/card"
        return [
            new(f"{under}/instances/createAndDeliver", self._create_and_deliver),
            new(f"{under}/instances/deliver", self._deliver_again),
            new(f"{under}/instances", self._create),
            new(f"{under}/instances", self._update, method="PUT"),
            new(f"{under}/streaming", self._stream, method="PUT"),
            new(f"{under}/callbacks/register", self._register),
        ]

    def holds(self, line: Heard) -> bool:
        return any(line in card.lines for card in self._cards.values())

    def change(self, card_id: str, values: Mapping[str, str]) -> None:
        """Give these variables new values."""
        card = self._cards[card_id]
        card.params.update(values)
        self._redraw(card)

    async def press(self, line: Heard, says: str, user_id: str) -> int:
        """The member presses the button that says this. The card changes as the app answers."""
        card = next(card for card in self._cards.values() if line in card.lines)
        number = next(
            n for n in range(1, MOST_BUTTONS + 1) if card.params.get(f"button{n}_says") == says
        )
        content = {"cardPrivateData": {"actionIds": [f"button{number}"], "params": {"says": says}}}
        press = {
            "type": "actionCallback",
            "outTrackId": card.id,
            "corpId": self._backstage.company.corp_id,
            "userId": user_id,
            "userIdType": 1,
            "spaceType": self._backstage.switches.card_space_type,
            "spaceId": line.conversation_id or user_id,
            "extension": "{}",
            "content": json.dumps(content, ensure_ascii=False),
        }
        status = 0
        for _ in range(self._backstage.faults.duplicate_events):
            callback = None
            if card.callback_type != "STREAM":
                callback = self._callbacks.get(card.route_key)
                if callback is None:  # nobody has registered an address: nobody is told
                    return status
            status, answer = await self._pushes.card_press(press, callback)
            self._change(card, answer)
            self._change_private(card, answer, {user_id: answer.get("userPrivateData")})
        self._redraw(card)
        return status

    def _create_and_deliver(self, call: Call) -> dict[str, Any]:
        card = self._made(call)
        return {"success": True, "result": self._delivered(card, call)}

    def _create(self, call: Call) -> dict[str, Any]:
        return {"success": True, "result": self._made(call).id}

    def _deliver_again(self, call: Call) -> dict[str, Any]:
        return {"success": True, "result": self._delivered(self._card(call), call)}

    def _update(self, call: Call) -> dict[str, Any]:
        card = self._card(call)
        if not (call.body.get("cardData") or call.body.get("privateData")):
            raise NewNo(400, "param.cardDataAndPrivateDataBothEmpty", "卡片数据不能都为空")
        if not call.dropped:
            self._change(card, call.body)
            self._change_private(card, call.body, call.body.get("privateData") or {})
            self._redraw(card)
        return {"success": True, "result": True}

    def _stream(self, call: Call) -> dict[str, Any]:
        card = self._card(call)
        key, content = str(call.body.get("key", "")), str(call.body.get("content", ""))
        if len(content.encode()) > STREAMED_BYTES:
            raise NewNo(400, "param.contentTooLong", "content超长")
        before = "" if call.body.get("isFull") else card.params.get(key, "")
        card.params[key] = before + content
        self._redraw(card)
        return {"success": True, "result": True}

    def _register(self, call: Call) -> dict[str, Any]:
        key = str(call.body.get("callbackRouteKey", ""))
        given = {
            "callbackUrl": str(call.body.get("callbackUrl", "")),
            "apiSecret": str(call.body.get("apiSecret") or secrets.token_hex(16)),
        }
        if key not in self._callbacks or call.body.get("forceUpdate"):
            self._callbacks[key] = given
        return {"success": True, "result": self._callbacks[key]}

    def _made(self, call: Call) -> Card:
        card_id, template = call.body.get("outTrackId"), call.body.get("cardTemplateId")
        if not card_id:
            raise NewNo(400, "param.outTrackIdEmpty", "outTrackId不能为空")
        if len(str(card_id)) > LONGEST_ID:
            raise NewNo(400, "param.outTrackIdInvalid", "outTrackId长度不能超过64")
        if not template:
            raise NewNo(400, "param.cardTemplateIdEmpty", "cardTemplateId不能为空")
        if template not in self._backstage.switches.card_templates:
            raise NewNo(400, "param.templateNotExist", "卡片模板不存在")
        if not self._backstage.switches.card_templates[template]:
            raise NewNo(400, "param.templateUnpublished", "卡片模板未发布")
        if card_id in self._cards:
            raise NewNo(400, "param.cardAlreadyExist", "卡片已存在")
        card = Card(
            str(card_id),
            str(call.body.get("callbackType", "HTTP")),
            str(call.body.get("callbackRouteKey", "")),
            _params(call.body.get("cardData")),
        )
        self._change_private(card, {}, call.body.get("privateData") or {})
        if not call.dropped:
            self._cards[card.id] = card
        return card

    def _delivered(self, card: Card, call: Call) -> dict[str, Any]:
        spaces = str(call.body.get("openSpaceId", ""))
        if not spaces:
            raise NewNo(400, "param.openSpaceIdEmpty", "openSpaceId不能为空")
        prefix, _, spaces = spaces.partition("//")
        if prefix != "dtv1.card" or not spaces:
            raise NewNo(400, "param.openSpaceIdInvalid", "openSpaceId格式错误")
        results = [self._to_space(card, call, space) for space in spaces.split(";")]
        return {"outTrackId": card.id, "deliverResults": results}

    def _to_space(self, card: Card, call: Call, space: str) -> dict[str, Any]:
        kind, _, space_id = space.partition(".")
        kind = kind.upper()  # the official sample has it in small letters
        carrier = secrets.token_urlsafe(18)
        reached: list[str] = []
        if kind == "IM_ROBOT":
            _check_robot(call, "imRobotOpenDeliverModel", self._backstage.company.app.robot_code)
            reached = [space_id] if self._backstage.person(space_id) else []
        elif kind == "IM_GROUP":
            _check_robot(call, "imGroupOpenDeliverModel", self._backstage.company.app.robot_code)
            known = space_id in self._backstage.company.groups
            reached = self._backstage.everybody() if known else []
        if not call.dropped:
            card.lines += self._shown(card, call, reached, carrier, space_id, kind == "IM_GROUP")
        return {
            "spaceType": kind,
            "spaceId": space_id,
            "success": bool(reached),
            "carrierId": carrier if reached else "",
            "errorMsg": "" if reached else "spaceId is illegal",
        }

    def _shown(
        self, card: Card, call: Call, reached: list[str], carrier: str, space: str, in_group: bool
    ) -> list[Heard]:
        return [
            line
            for user_id in reached
            for line in self._backstage.deliver(
                [user_id],
                _drawn(card.seen_by(user_id)),
                call.body,
                handle=carrier,
                conversation_id=space if in_group else "",
            )
        ]

    def _card(self, call: Call) -> Card:
        card = self._cards.get(str(call.body.get("outTrackId", "")))
        if card is None:
            raise NewNo(400, "param.cardNotExist", "卡片不存在")
        return card

    def _change(self, card: Card, asked: Mapping[str, Any]) -> None:
        """Without the option, what is not sent is lost."""
        if not isinstance(asked.get("cardData"), dict):
            return
        options = asked.get("cardUpdateOptions") or {}
        kept = card.params if options.get("updateCardDataByKey") else {}
        card.params = {**kept, **_params(asked["cardData"])}

    def _change_private(
        self, card: Card, asked: Mapping[str, Any], given: Mapping[str, Any]
    ) -> None:
        options = asked.get("cardUpdateOptions") or {}
        for user_id, data in given.items():
            if isinstance(data, dict):
                keeps = options.get("updatePrivateDataByKey")
                kept = card.private.get(user_id, {}) if keeps else {}
                card.private[user_id] = {**kept, **_params(data)}

    def _redraw(self, card: Card) -> None:
        for line in card.lines:
            drawn = _drawn(card.seen_by(line.user_id))
            line.title, line.text, line.url = drawn.title, drawn.text, drawn.url
            line.fields, line.buttons = list(drawn.fields), [dict(each) for each in drawn.buttons]
            self._backstage.world.touch(line)


def _params(data: Any) -> Params:
    """Values that are no strings are ignored by phones."""
    given = data.get("cardParamMap") if isinstance(data, dict) else None
    values = given if isinstance(given, dict) else {}
    return {str(name): value for name, value in values.items() if isinstance(value, str)}


def _drawn(params: Params) -> Drawn:
    drawn = draw_markdown("card", params.get("title", ""), params.get("body", ""), [])
    buttons = []
    for n in range(1, MOST_BUTTONS + 1):
        text, url = params.get(f"button{n}", ""), params.get(f"button{n}_url", "")
        if text:
            key = "" if url else params.get(f"button{n}_says", "")
            buttons.append({"text": text, "url": url, "key": key})
    return Drawn(
        "card", drawn.title, drawn.text, drawn.fields, tuple(buttons), params.get("url", "")
    )


def _check_robot(call: Call, model: str, robot_code: str) -> None:
    given = call.body.get(model)
    if not isinstance(given, dict):
        raise NewNo(400, "param.openDeliverModelEmpty", f"{model}不能为空")
    if given.get("robotCode") != robot_code:
        raise NewNo(400, "param.openDeliverModelError", "robotCode错误")
