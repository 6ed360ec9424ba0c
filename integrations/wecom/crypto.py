"""Signature and envelope of callbacks. The only file that knows wechatpy.

wechatpy opens and closes the envelope and reads the message; what it leaves out is done here: the
signature in constant time, hardened XML, and one error instead of its six.
"""

import hashlib
import hmac
import struct
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError

from defusedxml.ElementTree import fromstring
from wechatpy.exceptions import WeChatException
from wechatpy.work import parse_message
from wechatpy.work.crypto import PrpCrypto, WeChatCrypto
from wechatpy.work.exceptions import InvalidCorpIdException

from field_ops.host.errors import CallbackError, CallbackNotAuthentic, CallbackUnreadable

from .flat_xml import flat_xml

MAX_BODY_BYTES = 256 * 1024
MAX_TAGS = 64  # a push has four children; thousands of them would keep the parser busy
MAX_TAGS_INSIDE = 10_000  # a message has a few dozen, but what people type may be full of `<`


class CallbackCrypto:
    """Opens what WeCom sealed for this company and app. Raises ValueError for a malformed key.

    `receive_id` is the company's id for an app, and empty for the smart bot of a company. `older`
    opens what was sealed before somebody changed token or key in WeCom's console: pushes that were
    on their way then, and everything until the console is saved.
    """

    def __init__(
        self, token: str, aes_key: str, receive_id: str, older: "CallbackCrypto | None" = None
    ) -> None:
        if len(aes_key) != 43:
            raise ValueError("the callback AES key has 43 characters")
        self._older = older
        self._token = token
        self._receive_id = receive_id
        self._wechat = WeChatCrypto(token, aes_key, receive_id)
        self._envelope = PrpCrypto(self._wechat.key)

    def signature(self, timestamp: str, nonce: str, encrypted: str) -> str:
        parts = sorted(p.encode() for p in (self._token, timestamp, nonce, encrypted))
        return hashlib.sha1(b"".join(parts), usedforsecurity=False).hexdigest()

    def open(self, signature: str, timestamp: str, nonce: str, encrypted: str) -> str:
        """The text that was sealed. Raises `CallbackNotAuthentic` or `CallbackUnreadable`."""
        try:
            return self._open(signature, timestamp, nonce, encrypted)
        except CallbackError:
            if self._older is None:
                raise
            return self._older.open(signature, timestamp, nonce, encrypted)

    def seal(self, text: str, timestamp: str, nonce: str) -> str:
        """The XML of a passive reply."""
        return str(self._wechat.encrypt_message(text, nonce, timestamp))

    def seal_json(self, text: str, timestamp: str, nonce: str) -> tuple[str, str]:
        """What stands in `encrypt` of a passive reply of the smart bot, and its signature."""
        encrypted = self._envelope.encrypt(text, self._receive_id).decode()
        return encrypted, self.signature(timestamp, nonce, encrypted)

    def _open(self, signature: str, timestamp: str, nonce: str, encrypted: str) -> str:
        expected = self.signature(timestamp, nonce, encrypted)
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise CallbackNotAuthentic("signature")
        try:
            return str(self._envelope.decrypt(encrypted, self._receive_id))
        except InvalidCorpIdException as failure:
            raise CallbackNotAuthentic("sealed for another company") from failure
        except (WeChatException, ValueError, LookupError, struct.error) as failure:
            raise CallbackUnreadable("signed, but not sealed with our AES key") from failure


def sealed_part(body: bytes) -> str:
    """What stands in `<Encrypt>` of a push. Nothing in the body is authentic yet."""
    if len(body) > MAX_BODY_BYTES or body.count(b"<") > MAX_TAGS:
        raise CallbackUnreadable("too large")
    if (children := _flat(body)) is not None:
        return children.get("Encrypt", "")
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, ValueError) as failure:
        raise CallbackUnreadable("not an XML that we read") from failure
    return root.findtext("Encrypt") or ""


def message_in(xml: str) -> Mapping[str, Any]:
    """The children of an opened message by name: a text, a mapping when nested, a list when
    repeated. Its parser has entities switched off too."""
    if xml.count("<") > MAX_TAGS_INSIDE:
        raise CallbackUnreadable("too many tags")
    if (children := flat_xml(xml)) is not None:
        children = {name: text.strip() for name, text in children.items()}
        kind = children.get("MsgType", "").lower()
        if kind and (kind != "event" or children.get("Event")):
            return children
    try:
        message = parse_message(xml)
        # wechatpy has no class for card and contacts events; what it read is in `_data` for all.
        return dict(message._data)
    except (ExpatError, KeyError, TypeError, AttributeError, ValueError) as failure:
        raise CallbackUnreadable("not a message") from failure


def _flat(body: bytes) -> dict[str, str] | None:
    try:
        return flat_xml(body.decode())
    except UnicodeDecodeError:
        return None
