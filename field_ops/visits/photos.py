"""Photos of a visit: bytes checked, kept, chained; shown with a watermark through signed links."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import anyio.to_thread

from ..db import new_id
from ..files.pictures import NotAPicture, Picture, Watermark, prepared, watermarked
from ..files.store import FileStore
from ..history.chain import add_links, digest, prove
from ..logs import log
from ..people import queries as people
from ..people.models import Member
from ..work import Work
from . import actions, evidence, flags, queries
from .errors import PhotoUnreadable, TooManyPhotos
from .flags import Flag
from .models import Photo, Visit
from .queries import WholeVisit
from .types import VISIT_TYPES
from .verification import verification_code, verification_url

UPLOAD_LIMIT = 15 * 1024 * 1024  # bytes, as received; phones shrink before they send
MOST_PHOTOS = 6  # per visit


@dataclass(frozen=True, slots=True)
class KeptPicture:
    """A picture that is already in the store, before any row speaks of it."""

    picture: Picture
    sha256: str
    place: str
    size_bytes: int


async def keep(store: FileStore, tenant_id: int, raw: bytes) -> KeptPicture:
    """Check, shrink and store the bytes. Before any transaction: it takes half a second.

    The place is named after what is kept there, so a repeated upload is the same file, and a file
    that was changed no longer has its name.
    """
    try:
        picture = await anyio.to_thread.run_sync(prepared, raw)
    except NotAPicture as failure:
        raise PhotoUnreadable() from failure
    sha256 = hashlib.sha256(raw).hexdigest()
    own = digest(picture.content)
    place = f"{tenant_id}/photos/{own[:2]}/{own}.jpg"
    await store.put(place, picture.content)
    return KeptPicture(picture, sha256, place, len(raw))


@dataclass(frozen=True, slots=True)
class Told:
    """What the page says of a picture: when it had it, by which way, and when it was made.

    The moments are of the phone's clock; `made_at` is None where nothing says it.
    """

    taken_at: datetime | None = None
    captured_by: str = ""
    made_at: datetime | None = None


async def attach(work: Work, visit_id: str, kept: KeptPicture, told: Told) -> Photo:
    """Make the stored picture a photo of my visit. The same picture twice is one photo."""
    visit, _, _ = await actions.mine_to_change(work, visit_id)
    present = await queries.photos_of(work, visit.id)
    for photo in present:
        if photo.sha256 == kept.sha256:
            return photo
    if len(present) >= MOST_PHOTOS:
        raise TooManyPhotos(limit=MOST_PHOTOS)
    photo = Photo(
        tenant_id=work.tenant_id,
        id=new_id(),
        visit_id=visit.id,
        member_id=visit.owner_id,
        sha256=kept.sha256,
        verification_code=verification_code(kept.sha256, visit.id),
        place=kept.place,
        width=kept.picture.width,
        height=kept.picture.height,
        size_bytes=kept.size_bytes,
        taken_at=told.taken_at,
        captured_by=told.captured_by,
        uploaded_at=work.now,
    )
    work.session.add(photo)
    proofs = [prove(work, "photo", visit.id, evidence.of_photo(visit, photo))]
    found = [*await _seen_elsewhere(work, visit, kept), *await _not_live(work, visit, kept, told)]
    if found:
        proofs += actions.flag(work, visit, found, await queries.flags_of(work, visit.id))
    await add_links(work, proofs)
    return photo


async def _seen_elsewhere(work: Work, visit: Visit, kept: KeptPicture) -> list[Flag]:
    other = await queries.same_photo_elsewhere(work, kept.sha256, visit.id)
    return [] if other is None else [Flag("DUP_PHOTO", "high", {"other": other})]


async def _not_live(work: Work, visit: Visit, kept: KeptPicture, told: Told) -> list[Flag]:
    """Whether the picture, or else the page, says that it is from before the visit."""
    if not VISIT_TYPES[visit.visit_type].live_photos:
        return []
    made_at = kept.picture.made
    if made_at is None:
        made_at = told.made_at
    elif made_at.tzinfo is None:
        # A camera that wrote no zone meant its own: the one in which the page tells the time.
        zone = told.taken_at.tzinfo if told.taken_at else work.zone
        made_at = made_at.replace(tzinfo=zone)
    fixes = await queries.fixes_of(work, visit.id)
    arrived = next((fix.client_time for fix in fixes if fix.end == "check_in"), None)
    began_at = arrived or visit.checked_in_at
    return flags.of_photo(made_at, told.taken_at, began_at, work.zone)


async def shown(
    work: Work, store: FileStore, visit_id: str, photo_id: str, public_url: str
) -> bytes | None:
    """The photo with its watermark, drawn once for each public address and kept.

    None when its bytes are gone, or are no longer those that were chained: our watermark stands on
    no other picture.
    """
    whole = await queries.whole(work, visit_id)
    photo = next((p for p in whole.photos if p.id == photo_id), None)
    if photo is None:
        return None
    url = verification_url(public_url, whole.visit, photo)
    place = f"{work.tenant_id}/watermarked/{photo.id}-{digest(url.encode())[:8]}.jpg"
    drawn = await store.get(place)
    if drawn is not None:
        return drawn
    master = await store.get(photo.place)
    if master is None:
        return None
    if digest(master) != photo.master_sha256:
        log.error("photo.changed", tenant=work.tenant_id, photo=photo.id)
        return None
    mark = await _watermark(work, whole, photo, url)
    drawn = await anyio.to_thread.run_sync(watermarked, master, mark)
    await store.put(place, drawn)
    return drawn


async def _watermark(work: Work, whole: WholeVisit, photo: Photo, url: str) -> Watermark:
    """The five lines of domain.md §4.9; the time is the server's."""
    fix = whole.fixes.get("check_in")
    where = "无定位"
    if fix is not None and fix.lat is not None and fix.lng is not None:
        where = f"{fix.lat:.5f}, {fix.lng:.5f} ± {round(fix.accuracy_m or 0)} m"
    owner = await work.session.get_one(Member, (work.tenant_id, whole.visit.owner_id))
    department = await people.department_name(work, owner.main_department_id)
    moment = photo.uploaded_at.astimezone(work.zone)
    return Watermark(
        lines=(
            whole.customer.name,
            f"{moment:%Y-%m-%d %H:%M:%S}",
            whole.customer.address or "地址未登记",
            f"{whole.owner_name} {department}".strip(),
            where,
        ),
        corner=f"{whole.visit.number} · {photo.verification_code}",
        url=url,
    )
