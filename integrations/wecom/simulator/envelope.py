"""How WeCom seals what it pushes: AES-256-CBC in base64, signed with sha1 (page 90968)."""

import base64
import hashlib
import os
import secrets
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from integrations.sandbox.faults import Fault

BLOCK = 32  # WeCom pads to 32 bytes, twice what AES needs


@dataclass(frozen=True, slots=True)
class Seal:
    """The secrets of one callback address. `receive_id` is the company's id."""

    token: str
    aes_key: str
    receive_id: str

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        joined = "".join(sorted([self.token, timestamp, nonce, encrypted]))
        return hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()

    def encrypt(self, text: str, random: bytes | None = None) -> str:
        message = text.encode()
        block = (random or os.urandom(16)) + struct.pack("!I", len(message)) + message
        block += self.receive_id.encode()
        missing = BLOCK - len(block) % BLOCK
        block += bytes([missing]) * missing
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(block) + encryptor.finalize()).decode()

    def decrypt(self, encrypted: str) -> str:
        """The text inside. Raises ValueError when it is not for us."""
        decryptor = self._cipher().decryptor()
        block = decryptor.update(base64.b64decode(encrypted)) + decryptor.finalize()
        block = block[: -block[-1]]
        (length,) = struct.unpack("!I", block[16:20])
        if block[20 + length :].decode() != self.receive_id:
            raise ValueError("another receive id")
        return block[20 : 20 + length].decode()

    def query(self, encrypted: str, timestamp: int) -> dict[str, str]:
        """What stands in the address of a push."""
        nonce = str(secrets.randbelow(10**10))
        return {
            "msg_signature": self.sign(str(timestamp), nonce, encrypted),
            "timestamp": str(timestamp),
            "nonce": nonce,
        }

    def query_on_a_bad_day(self, encrypted: str, now: float, fault: Fault | None) -> dict[str, str]:
        """The same, by a clock that is wrong, or with a signature that is not WeCom's."""
        ahead_s = fault.delay_s if fault and fault.kind == "push_skewed" else 0.0
        query = self.query(encrypted, int(now + ahead_s))
        if fault and fault.kind == "push_forged":
            query["msg_signature"] = self.sign(query["timestamp"], query["nonce"], "forged")
        return query

    def _cipher(self) -> Cipher[modes.CBC]:
        key = base64.b64decode(self.aes_key + "=")
        return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
