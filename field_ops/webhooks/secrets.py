"""The secrets of a webhook: encrypted at rest, and two of them for a day after a rotation."""

from datetime import datetime, timedelta

from ..keys import Keys
from .models import Webhook

CONTEXT = "webhook.secret"
SIGNS_TWICE_FOR = timedelta(hours=24)


def seal(keys: Keys, secret: str) -> bytes:
    return keys.encrypt(secret.encode(), context=CONTEXT)


def secrets_of(keys: Keys, webhook: Webhook, now: datetime) -> list[str]:
    """By which a delivery is signed now, the newest first."""
    sealed = [webhook.secret]
    if webhook.secret_before and webhook.signs_twice_until and now < webhook.signs_twice_until:
        sealed.append(webhook.secret_before)
    return [keys.decrypt(one, context=CONTEXT).decode() for one in sealed]
