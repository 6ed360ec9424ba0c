"""Links to attachments that need no cookie and end by themselves: a host's viewer opens them."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from ..keys import Keys
from .models import Attachment

Form = Literal["file", "small"]
LIVES = timedelta(minutes=15)
STEP_S = 300  # ends are rounded up, so that one thumbnail has one address for a while


def url_of(keys: Keys, attachment: Attachment, form: Form, now: datetime) -> str:
    """A link that is good for at least a quarter of an hour."""
    ends = int((now + LIVES).timestamp()) // STEP_S * STEP_S + STEP_S
    named = f"{attachment.tenant_id}/{attachment.id}/{form}"
    signature = keys.sign("attachment", f"{named}/{ends}")
    return f"/api/v1/attachments/{named}?ends={ends}&signature={signature}"


def is_good(keys: Keys, named: str, ends: str, signature: str, now: datetime) -> bool:
    """Whether the link was made by us and has not ended. `named` is `tenant/attachment/form`."""
    if not (ends.isascii() and ends.isdigit() and len(ends) <= 11):
        return False
    if datetime.fromtimestamp(int(ends), UTC) < now:
        return False
    return keys.is_signed("attachment", f"{named}/{ends}", signature)
