"""The certificate of one visit (domain.md §21): its facts, its photos' hashes, its place in the
chain, and the verdict. `certificate_text.py` puts it on a page."""

from dataclasses import dataclass
from typing import Any

from ..files.store import FileStore
from ..history import heads
from ..history.heads import EvidenceReport
from ..history.models import EvidenceLink
from ..history.queries import links_of
from ..people import queries as people
from ..people.models import Member
from ..tenants.models import Tenant
from ..work import Work
from . import evidence, queries
from .queries import WholeVisit
from .verification import PhotoProof, proof_of


@dataclass(frozen=True, slots=True)
class Certificate:
    """All that is known about one visit and its evidence. `work` says for whom and when."""

    work: Work
    company: str
    department: str
    whole: WholeVisit
    links: list[EvidenceLink]
    photos: list[PhotoProof]
    discrepancies: list[str]
    report: EvidenceReport
    sealed: list[heads.Head]

    @property
    def problems(self) -> list[str]:
        """What is wrong, one sentence each; empty for a whole one."""
        found = list(self.discrepancies)
        found += [f"photo {p.photo.id}: {p.problem}" for p in self.photos if p.problem]
        return list(dict.fromkeys(found + self.report.problems))


async def certificate_of(work: Work, store: FileStore, visit_id: str) -> Certificate:
    """Read and check everything; raises `NotFound` when rows of the visit are missing."""
    whole = await queries.whole(work, visit_id)
    owner = await work.session.get_one(Member, (work.tenant_id, whole.visit.owner_id))
    links = await links_of(work, visit_id)
    numbers = [link.number for link in links]
    return Certificate(
        work=work,
        company=(await work.session.get_one(Tenant, work.tenant_id)).name,
        department=await people.department_name(work, owner.main_department_id),
        whole=whole,
        links=links,
        photos=[await proof_of(work, store, whole.visit, photo) for photo in whole.photos],
        discrepancies=await evidence.discrepancies(work, visit_id),
        report=await heads.verify(work),
        sealed=[
            head
            for head in await heads.heads_of(work)
            if any(head.first <= number <= head.last for number in numbers)
        ],
    )


def as_data(certificate: Certificate) -> dict[str, Any]:
    """The same for a program."""
    whole = certificate.whole
    visit = whole.visit
    facts = {end: evidence.of_fix(visit, fix) for end, fix in whole.fixes.items()}
    return {
        "company": certificate.company,
        "printed_at": certificate.work.now,
        "visit": visit.number,
        "visit_id": visit.id,
        "member": whole.owner_name,
        "department": certificate.department,
        "customer": {"number": whole.customer.number, "name": whole.customer.name},
        "facts": {
            **facts,
            "forced_check_out": visit.forced_check_out,
            "dwell_s": visit.dwell_s,
            "flags": [
                {"flag": flag.flag, "severity": flag.severity, "facts": flag.facts}
                for flag in whole.flags
            ],
            "log": evidence.of_log(visit) if visit.log_submitted_at else None,
        },
        "photos": [_photo_data(proof) for proof in certificate.photos],
        "visit_links": [
            {"number": n.number, "kind": n.kind, "at": n.at, "hash": n.hash}
            for n in certificate.links
        ],
        "heads": certificate.sealed,
        "problems": certificate.problems,
        "whole": not certificate.problems,
    }


def _photo_data(proof: PhotoProof) -> dict[str, Any]:
    photo = proof.photo
    return {
        "id": photo.id,
        "code": photo.verification_code,
        "sha256": photo.sha256,
        "master_sha256": photo.master_sha256,
        "received_at": photo.uploaded_at,
        "captured_by": photo.captured_by,
        "link": proof.link.number if proof.link else None,
        "file": proof.file,
        "problem": proof.problem,
    }
