"""The bot by long connection: the WebSocket server that real bots reach at openws (page 101463)."""

import asyncio
import base64
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from integrations.sandbox.faults import CALLS, Faults

from .answers import MEANINGS, Failed
from .bot import Bot, Talk
from .media import Media, Upload
from .office import File, Office

ANSWER_S = 24 * 3600
AT_ONCE_S = 5
UPLOAD_S = 30 * 60
MOST_CHUNKS = 100
LARGEST_CHUNK = 512 * 1024
ERRCODE_OF_FAULT = {
    "busy": 45009, "busy_minute": 45009, "busy_hour": 45009, "system_busy": -1,
    "refused": 40058, "credentials": 853000, "token_expired": 846609,
}  # fmt: skip
ONLY_OVER_HTTP = frozenset(CALLS) - ERRCODE_OF_FAULT.keys() - {
    "down", "slow", "lost_answer", "dropped",
}  # fmt: skip

Wire = Mapping[str, Any]


@dataclass(slots=True)
class Asked:
    """A frame that was pushed, and how it may be answered."""

    talk: Talk
    at: float
    event: str = ""
    task_id: str = ""
    stream: str = ""  # the id of the stream that answers it and goes on
    answered: bool = False


class BotSocket:
    """Serves any number of connections, and lets the newest of the bot have it."""

    def __init__(self, office: Office, bot: Bot, media: Media, faults: Faults) -> None:
        self._office = office
        self._bot = bot
        self._media = media
        self._faults = faults
        self._current: WebSocket | None = None
        self._deaf: WeakSet[WebSocket] = WeakSet()  # half open: nothing comes over them any more
        self._asked: dict[str, Asked] = {}
        self._uploads: dict[str, Upload] = {}
        self.subscriptions = 0
        self.frames: list[Wire] = []  # what bots sent, oldest first
        self._commands: dict[str, Callable[[str, Wire, bool], Wire]] = {
            "aibot_respond_msg": self._respond,
            "aibot_respond_welcome_msg": self._welcome,
            "aibot_respond_update_msg": self._update,
            "aibot_send_msg": self._send,
            "aibot_upload_media_init": self._upload_init,
            "aibot_upload_media_chunk": self._upload_chunk,
            "aibot_upload_media_finish": self._upload_finish,
        }

    @property
    def is_connected(self) -> bool:
        return self._current is not None

    async def serve(self, socket: WebSocket) -> None:
        """One connection, until it ends."""
        await socket.accept()
        try:
            while True:
                async with asyncio.timeout(self._office.switches.bot_idle_s or None):
                    text = await socket.receive_text()
                frame = json.loads(text)
                self.frames.append(frame)
                await self._take(socket, frame)
        except TimeoutError:
            await self._end(socket)
        except (WebSocketDisconnect, ValueError):
            pass
        finally:
            if self._current is socket:
                self._current = None

    async def push(self, talk: Talk, body: Wire, *, event: str = "", task_id: str = "") -> int:
        """Bring a message or an event to the bot. 504 when it is not connected: then it is lost."""
        is_event = body["msgtype"] == "event"
        cmd = "aibot_event_callback" if is_event else "aibot_msg_callback"

        async def frame() -> int:
            socket = self._current
            if socket is None:
                return 504
            request = secrets.token_urlsafe(12)
            self._asked[request] = Asked(talk, self._office.clock(), event, task_id)
            if socket not in self._deaf and not self._faults.take("frame_lost"):
                await _send(socket, {"cmd": cmd, "headers": {"req_id": request}, "body": body})
            return 200

        status = 504
        for _ in range(self._faults.duplicate_events):
            status = await self._faults.through(frame)
        return status

    async def hang_up(self) -> None:
        """The connection breaks without a word, as on a bad day."""
        if self._current is not None:
            await self._end(self._current)

    async def go_deaf(self) -> None:
        """The connection stays, and nothing ever comes over it again."""
        if self._current is not None:
            self._deaf.add(self._current)

    async def give_away(self) -> None:
        """Another process has subscribed for the bot, so that this connection is over."""
        if self._current is not None:
            await self._say_over(self._current)

    async def send_raw(self, text: str) -> None:
        """Any frame at all, for those who want to know what a bot makes of it."""
        if self._current is not None:
            await self._current.send_text(text)

    async def _take(self, socket: WebSocket, frame: Wire) -> None:
        if self._office.switches.bot_server_is_silent or socket in self._deaf:
            return
        cmd, request = str(frame.get("cmd")), str((frame.get("headers") or {}).get("req_id", ""))
        fault = await self._faults.next(f"/openws/{cmd}", ONLY_OVER_HTTP)
        if fault == "down":
            await self._end(socket)
            return
        answer: dict[str, Any] = {"headers": {"req_id": request}, "errcode": 0, "errmsg": "ok"}
        try:
            if code := ERRCODE_OF_FAULT.get(fault):
                raise Failed(code)
            body = await self._obey(socket, cmd, request, frame.get("body") or {}, fault)
            answer |= {"body": body} if body else {}
        except Failed as failed:
            answer |= {"errcode": failed.code, "errmsg": MEANINGS[failed.code]}
        if fault != "lost_answer":
            await _send(socket, answer)

    async def _obey(
        self, socket: WebSocket, cmd: str, request: str, body: Wire, fault: str
    ) -> Wire:
        if cmd == "aibot_subscribe":
            await self._subscribe(socket, body)
            return {}
        if cmd == "ping":
            return {}
        if socket is not self._current:
            raise Failed(846609)
        if (obey := self._commands.get(cmd)) is None:
            raise Failed(40058)
        return obey(request, body, fault != "dropped")

    async def _subscribe(self, socket: WebSocket, body: Wire) -> None:
        if not self._bot.by_connection:
            raise Failed(846601)
        if (body.get("bot_id"), body.get("secret")) != (self._bot.id, self._bot.secret):
            raise Failed(853000)
        before, self._current = self._current, socket
        self.subscriptions += 1
        if before is not None and before is not socket:
            await self._say_over(before)

    async def _say_over(self, socket: WebSocket) -> None:
        over = self._bot.event(Talk(""), "disconnected_event", {})
        headers = {"req_id": secrets.token_urlsafe(12)}
        await _send(socket, {"cmd": "aibot_event_callback", "headers": headers, "body": over})
        await self._end(socket)

    def _respond(self, request: str, body: Wire, arrives: bool) -> Wire:
        asked = self._find(request, ANSWER_S)
        self._bot.count(asked.talk)
        kind = body.get("msgtype")
        if kind == "stream":
            stream_id = str((body.get("stream") or {}).get("id", ""))
            if asked.answered and asked.stream != stream_id:
                raise Failed(846606)
            self._bot.streams(asked.talk, body, arrives=arrives)
            asked.answered, asked.stream = True, stream_id
            return {}
        if asked.answered:
            raise Failed(846606)
        if kind not in ("markdown", "template_card"):
            raise Failed(40008)
        self._bot.says(asked.talk, body, arrives=arrives)
        asked.answered = True
        return {}

    def _welcome(self, request: str, body: Wire, arrives: bool) -> Wire:
        asked = self._find(request, AT_ONCE_S, "enter_chat")
        said = body
        if body.get("msgtype") == "text":
            said = {"msgtype": "markdown", "markdown": body.get("text")}
        elif body.get("msgtype") != "template_card":
            raise Failed(40008)
        self._bot.says(asked.talk, said, arrives=arrives)
        asked.answered = True
        return {}

    def _update(self, request: str, body: Wire, arrives: bool) -> Wire:
        asked = self._find(request, AT_ONCE_S, "template_card_event")
        self._bot.changes_card(body, asked.task_id)
        asked.answered = True
        return {}

    def _find(self, request: str, lasts_s: float, event: str = "") -> Asked:
        asked = self._asked.get(request)
        if asked is None or (event and asked.event != event):
            raise Failed(846605)
        if self._office.clock() - asked.at > lasts_s:
            raise Failed(846604)
        if event and asked.answered:
            raise Failed(846606)
        return asked

    def _send(self, request: str, body: Wire, arrives: bool) -> Wire:
        chat = str(body.get("chatid", ""))
        groups = self._office.company.groups
        is_group = chat in groups and body.get("chat_type", 0) in (0, 2)
        talk = Talk("", chat) if is_group else Talk(chat)
        if not is_group and talk.user_id not in {heard.user_id for heard in self._bot.has_heard}:
            raise Failed(846607)
        self._bot.count(talk)
        if body.get("msgtype") not in ("markdown", "template_card"):
            raise Failed(40008)
        self._bot.says(talk, body, arrives=arrives)
        return {}

    def _upload_init(self, request: str, body: Wire, arrives: bool) -> Wire:
        kind, count = str(body.get("type")), int(body.get("total_chunks", 0))
        if kind not in ("file", "image", "voice", "video"):
            raise Failed(846697)
        if not 1 <= count <= MOST_CHUNKS:
            raise Failed(846612)
        upload_id = secrets.token_urlsafe(12)
        until = self._office.clock() + UPLOAD_S
        name, size, md5 = str(body["filename"]), int(body["total_size"]), str(body.get("md5", ""))
        self._uploads[upload_id] = Upload(kind, name, size, {}, count, md5, until)
        return {"upload_id": upload_id}

    def _upload_chunk(self, request: str, body: Wire, arrives: bool) -> Wire:
        upload, nth = self._upload(body), int(body.get("chunk_index", -1))
        if not 0 <= nth < upload.count:
            raise Failed(846612)
        piece = base64.b64decode(str(body.get("base64_data", "")))
        if not 0 < len(piece) <= LARGEST_CHUNK:
            raise Failed(846613)
        upload.pieces[nth] = piece
        return {}

    def _upload_finish(self, request: str, body: Wire, arrives: bool) -> Wire:
        upload = self._upload(body)
        file = File(upload.name, "application/octet-stream", upload.whole())
        kept = self._media.keep(upload.kind, file)
        return {name: kept[name] for name in ("type", "media_id", "created_at")}

    def _upload(self, body: Wire) -> Upload:
        upload = self._uploads.get(str(body.get("upload_id")))
        if upload is None or self._office.clock() > upload.until:
            raise Failed(846611)
        return upload

    async def _end(self, socket: WebSocket) -> None:
        if self._current is socket:
            self._current = None
        if socket.application_state is WebSocketState.CONNECTED:
            await socket.close()


async def _send(socket: WebSocket, frame: Wire) -> None:
    if socket.application_state is WebSocketState.CONNECTED:
        await socket.send_text(json.dumps(frame, ensure_ascii=False))
