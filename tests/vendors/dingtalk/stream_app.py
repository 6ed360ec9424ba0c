"""An app as DingTalk's own Python package makes it.

Says on standard output what it heard, a JSON a line. The address of the host is in the environment
(`DINGTALK_OPENAPI_ENDPOINT`), as the package wants it. Ends with standard input.
"""

import asyncio
import json
import logging
import os
import sys

import dingtalk_stream
from dingtalk_stream import AckMessage, CallbackMessage, ChatbotMessage, EventMessage


def tell(what: str, **facts: object) -> None:
    print(json.dumps({"what": what, **facts}), flush=True)


class Events(dingtalk_stream.EventHandler):
    async def process(self, event: EventMessage) -> tuple[int, str]:
        headers = {"eventType": event.headers.event_type, "eventId": event.headers.event_id}
        tell("event", headers=headers, data=event.data)
        return AckMessage.STATUS_OK, "OK"


class Messages(dingtalk_stream.ChatbotHandler):
    async def process(self, callback: CallbackMessage) -> tuple[int, str]:
        message = ChatbotMessage.from_dict(callback.data)
        tell("message", said=callback.data, text=message.text.content)
        self.reply_text(f"收到：{message.text.content}", message)
        return AckMessage.STATUS_OK, "OK"


class Presses(dingtalk_stream.CallbackHandler):
    async def process(self, callback: CallbackMessage) -> tuple[int, dict[str, object]]:
        press = dingtalk_stream.CardCallbackMessage.from_dict(callback.data)
        tell("press", press=callback.data, content=press.content)
        return AckMessage.STATUS_OK, {
            "cardUpdateOptions": {"updateCardDataByKey": True},
            "cardData": {"cardParamMap": {"body": "已确认"}},
        }


def main() -> None:
    logging.disable()
    client = dingtalk_stream.DingTalkStreamClient(dingtalk_stream.Credential(*sys.argv[1:3]))
    client.register_all_event_handler(Events())
    client.register_callback_handler(ChatbotMessage.TOPIC, Messages())
    client.register_callback_handler(dingtalk_stream.CallbackHandler.TOPIC_CARD_CALLBACK, Presses())
    tell("token", token=client.get_access_token())
    asyncio.run(listen(client))


async def listen(client: dingtalk_stream.DingTalkStreamClient) -> None:
    listening = asyncio.create_task(client.start())
    await asyncio.to_thread(sys.stdin.read)
    # Not cancelled: the package takes that for a lost network and goes on after a while.
    os._exit(listening.done())


main()
