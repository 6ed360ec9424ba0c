"""The short address on a photo, and whether the photo behind it is the one that was chained.

    {public address}/v/{tenant}-{visit number without V-}/{code}
    https://crm.example.com/v/1-20260310-0007/9F86D081

Visit numbers are per company, so the company's own number stands in front of them.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Row, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..files.store import FileStore
from ..history import chain, heads
from ..history.heads import Head
from ..history.models import EvidenceLink
from ..history.queries import links_of
from ..tenants.models import Tenant
from ..work import Work
from . import evidence
from .models import Photo, Visit

ADDRESS = "/v/{token}/{code}"
TOKEN = re.compile(r"([1-9][0-9]{0,8})-([0-9]{8}-[0-9]{4,9})", re.ASCII)
CODE = re.compile(r"[0-9A-F]{8}", re.ASCII)
OF_A_VISIT = "V-"


@dataclass(frozen=True, slots=True)
class Named:
    """What an address names."""

    tenant_id: int
    visit_number: str
    code: str


@dataclass(frozen=True, slots=True)
class PhotoProof:
    """Where a photo stands in the chain. `problem` is empty when everything agrees.

    `head` is None until the day is over. `file` is of the picture as it is kept: `gone` is no
    fault, because pictures are kept for a shorter time than their hashes.
    """

    photo: Photo
    link: EvidenceLink | None
    head: Head | None
    file: Literal["kept", "gone", "changed"]
    problem: str


def verification_code(sha256: str, visit_id: str) -> str:
    """Eight characters on the picture that only this picture of this visit has."""
    return hashlib.sha256(f"{sha256}.{visit_id}".encode()).hexdigest()[:8].upper()


def verification_url(public_url: str, visit: Visit, photo: Photo) -> str:
    """The address that says whether the photo is genuine; empty where there is no public one."""
    if not public_url:
        return ""
    token = f"{visit.tenant_id}-{visit.number.removeprefix(OF_A_VISIT)}"
    path = ADDRESS.format(token=token, code=photo.verification_code)
    return public_url.rstrip("/") + path


def named_by(token: str, code: str) -> Named | None:
    """What the two parts of an address name; None when they cannot be ours."""
    found = TOKEN.fullmatch(token)
    if found is None or not CODE.fullmatch(code.upper()):
        return None
    return Named(int(found[1]), OF_A_VISIT + found[2], code.upper())


async def photo_named(session: AsyncSession, named: Named) -> Row[Tenant, Visit, Photo] | None:
    """The photo that an address names, with its company. One statement, so that an unknown visit
    takes no less time than a wrong code."""
    found = await session.execute(
        select(Tenant, Visit, Photo)
        .join(Visit, Visit.tenant_id == Tenant.id)
        .join(Photo, and_(Photo.tenant_id == Visit.tenant_id, Photo.visit_id == Visit.id))
        .where(
            Tenant.id == named.tenant_id,
            Visit.number == named.visit_number,
            Photo.verification_code == named.code,
        )
        .limit(1)
    )
    return found.first()


async def proof_of(work: Work, store: FileStore, visit: Visit, photo: Photo) -> PhotoProof:
    """Compare a photo's row, its link, the link's neighbours, its day, and the kept picture."""
    links = await links_of(work, visit.id)
    link = evidence.link_over(links, "photo", evidence.of_photo(visit, photo))
    head, problem = None, ""
    if link is None or photo.verification_code != verification_code(photo.sha256, visit.id):
        problem = "the row differs from its link"
    else:
        head, of_day = await heads.head_over(work, link.number)
        problem = await chain.verify_link(work, link.number) or of_day
    master = await store.get(photo.place)
    file: Literal["kept", "gone", "changed"] = "gone"
    if master is not None:
        file = "kept" if chain.digest(master) == photo.master_sha256 else "changed"
        problem = problem or ("" if file == "kept" else "the kept picture was changed")
    return PhotoProof(photo, link, head, file, problem)
