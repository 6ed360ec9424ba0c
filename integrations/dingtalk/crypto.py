"""Signatures and encryption of what DingTalk sends to us.

Event callbacks are encrypted ("回调事件消息体加解密": AES-256-CBC, key and IV from the console's
EncodingAESKey, SHA-1 signature over the sorted parts). Robot messages and card callbacks are only
signed (HMAC-SHA256 over a timestamp).
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from field_ops.host.errors import CallbackNotAuthentic, CallbackUnreadable, CredentialsRejected

BLOCK = (
    32  # DingTalk pads to 32 bytes, not to AES's own 16; its Go sample pads to 16, so accept 1–32
)
PREFIX = 16  # random bytes in front of every message
AES_KEY_CHARACTERS = 43


class CallbackCipher:
    """Opens event callbacks and seals the answers to them.

    `owner_keys` are the values that may stand at the end of a message: the app key when the
    subscription was made in the console, the corp id when it was made through the API.
    `random_bytes` is a parameter so that the published sample values can be reproduced.
    """

    def __init__(
        self,
        token: str,
        aes_key: str,
        owner_keys: tuple[str, ...],
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        if len(aes_key) != AES_KEY_CHARACTERS or not (aes_key.isascii() and aes_key.isalnum()):
            raise CredentialsRejected("callback_aes_key must be 43 letters and digits")
        self._token = token
        self._key = base64.b64decode(aes_key + "=")
        self._owner_keys = owner_keys
        self._random_bytes = random_bytes

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        parts = sorted((self._token, timestamp, nonce, encrypted))
        # SHA-1 is the host's choice; the secret token in it is what protects.
        return hashlib.sha1("".join(parts).encode(), usedforsecurity=False).hexdigest()

    def open(self, signature: str, timestamp: str, nonce: str, encrypted: str) -> tuple[str, str]:
        """The message and the owner key it was made for. The signature is checked first."""
        expected = self.sign(timestamp, nonce, encrypted)
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise CallbackNotAuthentic("the signature of the event does not match")
        plain = self._decrypted(encrypted)
        length = struct.unpack(">I", plain[PREFIX : PREFIX + 4])[0]
        message = plain[PREFIX + 4 : PREFIX + 4 + length]
        owner_key = plain[PREFIX + 4 + length :].decode(errors="replace")
        if len(message) != length:
            raise CallbackUnreadable("the event is shorter than it says")
        if owner_key not in self._owner_keys:
            raise CallbackNotAuthentic("the event was made for another app")
        try:
            return message.decode(), owner_key
        except UnicodeDecodeError as failure:
            raise CallbackUnreadable("the event is not UTF-8") from failure

    def seal(self, message: str, owner_key: str) -> str:
        raw = message.encode()
        # The length counts bytes. DingTalk's own Python sample counts characters and so breaks
        # on anything that is not ASCII.
        plain = self._random_bytes(PREFIX) + struct.pack(">I", len(raw)) + raw + owner_key.encode()
        padding = BLOCK - len(plain) % BLOCK
        encryptor = self._cipher().encryptor()
        sealed = encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
        return base64.b64encode(sealed).decode()

    def _decrypted(self, encrypted: str) -> bytes:
        try:
            sealed = base64.b64decode(encrypted, validate=True)
            decryptor = self._cipher().decryptor()
            padded = decryptor.update(sealed) + decryptor.finalize()
        except (binascii.Error, ValueError) as failure:
            raise CallbackUnreadable("the event cannot be decrypted") from failure
        padding = padded[-1] if padded else 0
        if not 1 <= padding <= BLOCK or len(padded) < PREFIX + 4 + padding:
            raise CallbackUnreadable("the event cannot be decrypted")
        return padded[:-padding]

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))


def robot_sign(app_secret: str, timestamp: str) -> str:
    """The `sign` header of a robot message ("接收消息": HMAC-SHA256 over timestamp and secret)."""
    return _hmac_base64(app_secret, f"{timestamp}\n{app_secret}")


def card_sign(api_secret: str, timestamp: str) -> str:
    """The `x-ddpaas-signature` header of a card callback over HTTP ("注册卡片回调地址")."""
    return _hmac_base64(api_secret, timestamp)


def _hmac_base64(key: str, message: str) -> str:
    digest = hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()
