"""The signature of a delivery, as in the Standard Webhooks specification: HMAC-SHA256 over id,
moment and body, so that nobody can send another one, nor send this one again later."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(event_id: str, at: datetime, body: bytes, secrets_: Sequence[str]) -> dict[str, str]:
    """`webhook-signature` has one signature for each secret, with a space between."""
    stamp = str(int(at.timestamp()))
    signed = f"{event_id}.{stamp}.".encode() + body
    signatures = [f"v1,{_signature(secret, signed)}" for secret in secrets_]
    return {
        "webhook-id": event_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(signatures),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
