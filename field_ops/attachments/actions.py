"""Adding a file to a customer, and taking it away with a trace."""

import hashlib
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePath

import anyio.to_thread
from sqlalchemy import func, select, update

from ..access import find_visible, may
from ..customers.actions.holding import held
from ..customers.models import Customer
from ..customers.queries import may_edit
from ..db import new_id
from ..errors import NotAllowed
from ..files.documents import HasMacros, NotADocument, recognised
from ..files.pictures import NotAPicture, Picture, prepared, smaller
from ..files.store import FileStore
from ..history import audit
from ..work import Work
from .errors import (
    AttachmentHasMacros,
    AttachmentUnreadable,
    NotYourAttachment,
    TooManyAttachments,
)
from .models import Attachment

UPLOAD_LIMIT = 20 * 1024 * 1024  # bytes
MOST_ATTACHMENTS = 200  # of a customer
LONGEST_NAME = 120  # characters before the suffix
THUMBNAIL_PX = 320
BYTES_STAY = timedelta(days=7)  # after the removal: somebody may have pressed the wrong one
AT_ONCE = 200  # of one transaction
SMALL = "-small"  # beside the file of a picture


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that is in the store already, before any row speaks of it."""

    name: str
    kind: str
    media_type: str
    size_bytes: int
    sha256: str
    place: str
    thumbnail_place: str = ""


async def keep(store: FileStore, tenant_id: int, raw: bytes, name: str) -> KeptFile:
    """Check and store the bytes, before any transaction, at a place of their own: what is not
    shared with another attachment can be deleted with its own.

    A picture is kept upright and without metadata, which would tell where it was taken. Raises
    AttachmentUnreadable and AttachmentHasMacros.
    """
    sha256 = hashlib.sha256(raw).hexdigest()
    try:
        picture = await anyio.to_thread.run_sync(prepared, raw)
    except NotAPicture:
        return await _keep_document(store, tenant_id, raw, name, sha256)
    return await _keep_picture(store, tenant_id, picture, name, sha256)


async def attach(work: Work, customer_id: str, kept: KeptFile) -> Attachment:
    """Make the stored file an attachment. The same file under the same name twice is one."""
    refuse_onlookers(work)
    customer = await held(work, customer_id)
    here = (
        Attachment.tenant_id == work.tenant_id,
        Attachment.customer_id == customer.id,
        Attachment.removed_at.is_(None),
    )
    same = select(Attachment).where(
        *here, Attachment.sha256 == kept.sha256, Attachment.name == kept.name
    )
    known: Attachment | None = await work.session.scalar(same.limit(1))
    if known is not None:
        return known
    count = await work.session.scalar(select(func.count()).select_from(Attachment).where(*here))
    if count and count >= MOST_ATTACHMENTS:
        raise TooManyAttachments(customer=customer.name, limit=MOST_ATTACHMENTS)
    attachment = Attachment(
        tenant_id=work.tenant_id,
        id=new_id(),
        customer_id=customer.id,
        member_id=work.actor.me,
        name=kept.name,
        kind=kept.kind,
        media_type=kept.media_type,
        size_bytes=kept.size_bytes,
        sha256=kept.sha256,
        place=kept.place,
        thumbnail_place=kept.thumbnail_place,
        created_at=work.now,
    )
    work.session.add(attachment)
    await work.session.flush()
    return attachment


async def remove(work: Work, attachment_id: str) -> Attachment:
    """Take one away; that it was there stays in the timeline. Again changes nothing."""
    attachment: Attachment = await find_visible(work, Attachment, attachment_id)
    await work.session.refresh(attachment, with_for_update=True)
    if attachment.removed_at is not None:
        return attachment
    if not await may_remove(work, attachment):
        raise NotYourAttachment()
    attachment.removed_at, attachment.removed_by = work.now, work.actor.member_id
    trace = {"file": (attachment.name, None), "sha256": (attachment.sha256, None)}
    audit.record(work, "attachment.removed", "attachment", attachment.id, trace)
    await work.session.flush()
    return attachment


def refuse_onlookers(work: Work) -> None:
    """Who visits customers or looks after them adds files; who only reads does not."""
    if not (may(work, "visits.create") or may(work, "customers.edit")):
        raise NotAllowed()


async def may_remove(work: Work, attachment: Attachment) -> bool:
    """Who added it, and who may change the customer."""
    if attachment.member_id == work.actor.member_id:
        return True
    customer = await work.session.get_one(Customer, (work.tenant_id, attachment.customer_id))
    return await may_edit(work, customer)


async def to_forget(work: Work) -> list[Attachment]:
    """Those that were removed a while ago and whose bytes are still there."""
    found = await work.session.scalars(
        select(Attachment)
        .where(
            Attachment.tenant_id == work.tenant_id,
            Attachment.removed_at < work.now - BYTES_STAY,
            Attachment.place != "",
        )
        .limit(AT_ONCE)
    )
    return list(found)


async def files_of(work: Work, places: Collection[str]) -> set[str]:
    """Those of these files that an attachment names, as the file itself or as its small picture."""
    found = await work.session.execute(
        select(Attachment.place, Attachment.thumbnail_place).where(
            Attachment.tenant_id == work.tenant_id,
            Attachment.place.in_({place.removesuffix(SMALL) for place in places}),
        )
    )
    return {place for row in found for place in row}.intersection(places)


async def forget(work: Work, ids: Sequence[str]) -> None:
    """The bytes of these are gone."""
    await work.session.execute(
        update(Attachment)
        .where(Attachment.tenant_id == work.tenant_id, Attachment.id.in_(ids))
        .values(place="", thumbnail_place="")
    )


async def _keep_picture(
    store: FileStore, tenant_id: int, picture: Picture, name: str, sha256: str
) -> KeptFile:
    thumbnail = await anyio.to_thread.run_sync(smaller, picture.content, THUMBNAIL_PX)
    place = _place(tenant_id)
    await store.put(place, picture.content)
    await store.put(place + SMALL, thumbnail)
    return KeptFile(
        name=named(name, "jpg"),
        kind="picture",
        media_type="image/jpeg",
        size_bytes=len(picture.content),
        sha256=sha256,
        place=place,
        thumbnail_place=place + SMALL,
    )


async def _keep_document(
    store: FileStore, tenant_id: int, raw: bytes, name: str, sha256: str
) -> KeptFile:
    try:
        found = await anyio.to_thread.run_sync(recognised, raw, name)
    except HasMacros as failure:
        raise AttachmentHasMacros() from failure
    except NotADocument as failure:
        raise AttachmentUnreadable() from failure
    place = _place(tenant_id)
    await store.put(place, raw)
    return KeptFile(
        name=named(name, found.suffix),
        kind=found.kind,
        media_type=found.media_type,
        size_bytes=len(raw),
        sha256=sha256,
        place=place,
    )


def _place(tenant_id: int) -> str:
    name = new_id()
    return f"{tenant_id}/attachments/{name[-2:]}/{name}"


async def drop(store: FileStore, kept: KeptFile | Attachment) -> None:
    """Delete the bytes; gone already is as good."""
    for place in filter(None, (kept.place, kept.thumbnail_place)):
        await store.remove(place)


def named(name: str, suffix: str) -> str:
    """The name that it is kept under: no path, no control characters, and the suffix of its bytes,
    so that `report.pdf.exe` can never be opened as what it is not."""
    last = PurePath(name.replace("\\", "/")).name
    stem = last[: last.rfind(".")] if "." in last[1:] else last
    plain = "".join(mark for mark in stem if unicodedata.category(mark)[0] != "C")
    plain = " ".join(plain.split()).strip(". ")[:LONGEST_NAME]
    return f"{plain or 'file'}.{suffix}"
