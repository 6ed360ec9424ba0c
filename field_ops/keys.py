"""Keys: one secret of the installation, and a separate key for each purpose derived from it."""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = b"\x01"  # first byte of everything encrypted, so that a later key can be told apart
NONCE_BYTES = 12


class Keys:
    """Derives, signs and encrypts. Losing the secret loses the stored credentials, nothing else."""

    def __init__(self, secret: str) -> None:
        if len(secret) < 16:
            raise ValueError("WAIQIN_SECRET_KEY must have at least 16 characters")
        self._secret = secret.encode()
        self._derived: dict[str, bytes] = {}  # purposes are few, and each request asks for one

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one purpose (HKDF-SHA256)."""
        if purpose not in self._derived:
            hkdf = HKDF(hashes.SHA256(), 32, salt=b"waiqin", info=purpose.encode())
            self._derived[purpose] = hkdf.derive(self._secret)
        return self._derived[purpose]

    def encrypt(self, plain: bytes, *, context: str) -> bytes:
        """AES-256-GCM; `context` (table and column, say) must be the same to decrypt."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(self.derive("at rest")).encrypt(nonce, plain, context.encode())
        return VERSION + nonce + sealed

    def decrypt(self, sealed: bytes, *, context: str) -> bytes:
        """Raises `cryptography.exceptions.InvalidTag` when key, context or bytes differ."""
        nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        return AESGCM(self.derive("at rest")).decrypt(nonce, body, context.encode())

    def sign(self, purpose: str, text: str) -> str:
        """A short signature of `text` that only this purpose accepts."""
        digest = hmac.digest(self.derive(purpose), text.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:18]).decode()

    def is_signed(self, purpose: str, text: str, signature: str) -> bool:
        return hmac.compare_digest(self.sign(purpose, text).encode(), signature.encode())


def secret_in(data_dir: Path) -> str:
    """The installation's own secret, made on first use and readable by its owner only."""
    path = data_dir / "secret_key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    data_dir.mkdir(parents=True, exist_ok=True)
    # Written aside and linked, so that two processes that start together agree on one secret.
    draft = data_dir / f".secret_key.{os.getpid()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text().strip()
