"""DingTalk's own side of signing and encrypting, written without a look at the adapter.

Sources: "回调事件消息体加解密" for events, "接收消息" for robot messages, "JSAPI鉴权" for pages.
"""

import base64
import hashlib
import hmac
import os
from urllib.parse import unquote

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

PAD_BITS = 32 * 8


class Envelope:
    """The encrypted envelope of one app's event subscription."""

    def __init__(self, token: str, encoding_aes_key: str, owner_key: str) -> None:
        self.token = token
        self.secret = base64.b64decode(f"{encoding_aes_key}=")
        self.owner_key = owner_key.encode()

    def close(self, message: str, noise: bytes | None = None) -> str:
        noise = os.urandom(16) if noise is None else noise
        body = message.encode()
        content = b"".join((noise, len(body).to_bytes(4, "big"), body, self.owner_key))
        padder = padding.PKCS7(PAD_BITS).padder()
        padded = padder.update(content) + padder.finalize()
        machine = Cipher(AES256(self.secret), CBC(self.secret[:16])).encryptor()
        return base64.b64encode(machine.update(padded) + machine.finalize()).decode("ascii")

    def unclose(self, encrypted: str) -> str:
        machine = Cipher(AES256(self.secret), CBC(self.secret[:16])).decryptor()
        padded = machine.update(base64.b64decode(encrypted)) + machine.finalize()
        unpadder = padding.PKCS7(PAD_BITS).unpadder()
        content = unpadder.update(padded) + unpadder.finalize()
        end = 20 + int.from_bytes(content[16:20], "big")
        if content[end:] != self.owner_key:
            raise ValueError("made for another app")
        return content[20:end].decode()

    def signature(self, *parts: str) -> str:
        """Over timestamp, nonce and encrypted text, in any order: they are sorted."""
        joined = "".join(sorted([self.token, *parts]))
        return hashlib.new("sha1", joined.encode(), usedforsecurity=False).hexdigest()


def robot_signature(app_secret: str, timestamp: str) -> str:
    return _mac(app_secret, "\n".join((timestamp, app_secret)))


def card_signature(api_secret: str, timestamp: str) -> str:
    return _mac(api_secret, timestamp)


def page_signatures(ticket: str, nonce: str, timestamp: str, url: str) -> dict[str, str]:
    """What `dd.config` would accept for the page, by name of the hash."""
    page = url.split("#", 1)[0]
    if "?" in page:
        path, query = page.split("?", 1)
        page = path + "?" + unquote(query)
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={page}".encode()
    return {
        "sha256": hashlib.sha256(text).hexdigest(),
        "sha1": hashlib.sha1(text, usedforsecurity=False).hexdigest(),
    }


def _mac(key: str, text: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), text.encode(), "sha256")).decode("ascii")
