"""An attachment as JSON, with links for whoever asked."""

from ..keys import Keys
from ..work import Work
from .links import url_of
from .models import Attachment
from .schemas import AttachmentOut


def attachment_out(
    work: Work, keys: Keys, one: Attachment, *, may_remove: bool, removed_by_name: str = ""
) -> AttachmentOut:
    is_removed = one.removed_at is not None
    has_thumbnail = bool(one.thumbnail_place) and not is_removed
    return AttachmentOut.model_validate(
        {
            "id": one.id,
            "name": one.name,
            "kind": one.kind,
            "size_bytes": one.size_bytes,
            "created_at": one.created_at,
            "is_removed": is_removed,
            "removed_by_name": removed_by_name,
            "may_remove": may_remove and not is_removed,
            "url": "" if is_removed else url_of(keys, one, "file", work.now),
            "thumbnail_url": url_of(keys, one, "small", work.now) if has_thumbnail else "",
        }
    )
