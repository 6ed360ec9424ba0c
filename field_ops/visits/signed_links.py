"""Links to photos that need no cookie and end by themselves: an <img> in any host opens them."""

from datetime import UTC, datetime, timedelta

from ..keys import Keys
from .models import Photo

LIVES = timedelta(hours=1)
STEP_S = 900  # ends are rounded up, so that the same picture has the same address for a while


def photo_url(keys: Keys, photo: Photo, now: datetime) -> str:
    """A link that is good for at least an hour."""
    ends = int((now + LIVES).timestamp()) // STEP_S * STEP_S + STEP_S
    named = f"{photo.tenant_id}/{photo.visit_id}/{photo.id}"
    signature = keys.sign("photo", f"{named}/{ends}")
    return f"/api/v1/photos/{named}?ends={ends}&signature={signature}"


def is_good(keys: Keys, named: str, ends: str, signature: str, now: datetime) -> bool:
    """Whether the link was made by us and has not ended. `named` is `tenant/visit/photo`."""
    if not ends.isdigit() or datetime.fromtimestamp(int(ends), UTC) < now:
        return False
    return keys.is_signed("photo", f"{named}/{ends}", signature)
