"""A certificate as one page of plain text, for a terminal or a printer."""

from collections.abc import Iterator
from datetime import datetime

from ..texts import Text, said
from . import flags
from .certificate import Certificate
from .messages import MINUTES, NUMBER, RESULT, RESULTS, STAYED, VERDICTS
from .models import FixRecord, VisitFlag
from .types import CAPTURED_BY, VISIT_TYPES
from .verification import PhotoProof
from .wording import distance

TITLE = Text("拜访存证证明", "CERTIFICATE OF A VISIT")
FIELD = Text("{name}：{value}", "{name}: {value}")
COMPANY = Text("公司", "Company")
PRINTED = Text("出具时间", "Printed at")
MEMBER = Text("业务员", "Member")
CUSTOMER = Text("客户", "Customer")
KIND = Text("类型", "Kind")
ENDED = Text("系统签退", "Ended by the system")
WRITTEN_AT = Text("日志提交", "Log written at")
SEEN = Text("观察", "Observed")
KINDS = {
    "check_in": Text("签到", "Checked in"),
    "check_out": Text("签退", "Checked out"),
    "forced_check_out": ENDED,
    "photo": Text("照片", "Photo"),
    "flag": SEEN,
    "log": Text("日志", "Log"),
}
POSITION = Text(
    "{lat:.6f}, {lng:.6f}（{datum}）± {accuracy} 米",
    "{lat:.6f}, {lng:.6f} ({datum}) ± {accuracy} m",
)
AWAY = Text(
    "距客户 {distance}，范围 {radius} 米", "{distance} from the customer, radius {radius} m"
)
PHOTOS = Text("照片指纹（SHA-256）", "PHOTOS (SHA-256)")
PHOTO = Text("{code}  {at}  第 {link} 环  {file}", "{code}  {at}  link {link}  {file}")
CAME = Text("来源（页面所报）", "came, as the page says")
AS_RECEIVED = Text("收到时", "as received")
AS_KEPT = Text("保存件", "as kept")
FILES = {
    "kept": Text("原图未改动", "the picture is unchanged"),
    "gone": Text("原图已不再保存", "the picture is no longer kept"),
    "changed": Text("原图已被改动", "the picture was changed"),
}
CHAIN = Text("存证链位置", "PLACE IN THE EVIDENCE CHAIN")
LINK = Text("第 {number} 环  {at}  {kind}", "link {number}  {at}  {kind}")
SEALED = Text(
    "{day} 已封存：第 {first} 至 {last} 环，根", "{day} is sealed: links {first} to {last}, root"
)
NOT_SEALED = Text(
    "有存证尚未封存（次日零点后封存）。", "Some links are sealed after their midnight."
)
WHOLE = Text(
    "结论：完整。以上内容与存证链一致，存证链第 1 至 {links} 环全部校验通过，链头：",
    "VERDICT: whole. The above agrees with the evidence chain; links 1 to {links} verify up to",
)
BROKEN = Text(
    "结论：已被改动，本证明无效：",
    "VERDICT: changed. This certificate proves nothing:",
)


def as_text(certificate: Certificate, language: str) -> str:
    """The page, in `zh` or `en`."""
    parts = (_facts, _photos, _chain, _verdict)
    return "\n\n".join("\n".join(part(certificate, language)) for part in parts)


def _facts(certificate: Certificate, language: str) -> Iterator[str]:
    whole, visit = certificate.whole, certificate.whole.visit
    customer = f"{whole.customer.name} {whole.customer.number} {whole.customer.address}"
    yield TITLE.say(language)
    yield _line(language, COMPANY, certificate.company)
    yield _line(language, NUMBER, f"{visit.number} ({visit.id})")
    yield _line(language, PRINTED, _moment(certificate, certificate.work.now))
    yield _line(language, MEMBER, f"{whole.owner_name} {certificate.department}")
    yield _line(language, CUSTOMER, customer)
    yield _line(language, KIND, _kind(visit.visit_type))
    for end, fix in whole.fixes.items():
        yield _line(language, KINDS[end], _end(certificate, fix, language))
    if visit.forced_check_out and visit.checked_out_at is not None:
        yield _line(language, ENDED, _moment(certificate, visit.checked_out_at))
    if visit.dwell_s is not None:
        yield _line(language, STAYED, MINUTES.filled(minutes=visit.dwell_s // 60))
    for flag in whole.flags:
        yield _line(language, SEEN, _observation(certificate, flag))
    if visit.log_submitted_at is not None:
        yield _line(language, WRITTEN_AT, _moment(certificate, visit.log_submitted_at))
        yield _line(language, RESULT, RESULTS.get(visit.log_result or "", ""))


def _kind(code: str) -> Text | str:
    return VISIT_TYPES[code].title if code in VISIT_TYPES else code


def _observation(certificate: Certificate, flag: VisitFlag) -> Text | str:
    """As a sentence, unless somebody wrote into the rows: then its facts may not fit any more."""
    return flag.flag if certificate.discrepancies else flags.sentence(flag.flag, flag.facts)


def _end(certificate: Certificate, fix: FixRecord, language: str) -> str:
    parts = [
        _moment(certificate, fix.at),
        str(said(VERDICTS.get(fix.verdict, fix.verdict), language)),
    ]
    if fix.original_lat is not None and fix.original_lng is not None:
        accuracy = round(fix.accuracy_m or 0)
        parts.append(
            POSITION.say(
                language,
                lat=fix.original_lat,
                lng=fix.original_lng,
                datum=fix.datum,
                accuracy=accuracy,
            )
        )
    if fix.distance_m is not None:
        parts.append(AWAY.say(language, distance=distance(fix.distance_m), radius=fix.radius_m))
    return "\n    ".join([" ".join(parts[:2]), *parts[2:]])


def _photos(certificate: Certificate, language: str) -> Iterator[str]:
    yield _line(language, PHOTOS, str(len(certificate.photos)))
    for proof in certificate.photos:
        yield from _photo(certificate, proof, language)


def _photo(certificate: Certificate, proof: PhotoProof, language: str) -> Iterator[str]:
    photo = proof.photo
    yield PHOTO.say(
        language,
        code=photo.verification_code,
        at=_moment(certificate, photo.uploaded_at),
        link=proof.link.number if proof.link else "?",
        file=FILES[proof.file],
    )
    if photo.captured_by in CAPTURED_BY:
        yield "    " + _line(language, CAME, CAPTURED_BY[photo.captured_by].say(language))
    yield "    " + _line(language, AS_RECEIVED, photo.sha256)
    yield "    " + _line(language, AS_KEPT, photo.master_sha256)


def _chain(certificate: Certificate, language: str) -> Iterator[str]:
    yield CHAIN.say(language)
    for link in certificate.links:
        kind = KINDS.get(link.kind, link.kind)
        at = _moment(certificate, link.at)
        yield LINK.say(language, number=link.number, at=at, kind=kind)
        yield f"    {link.hash}"
    for head in certificate.sealed:
        yield SEALED.say(language, day=head.day, first=head.first, last=head.last)
        yield f"    {head.root}"
    sealed_to = certificate.sealed[-1].last if certificate.sealed else 0
    if any(link.number > sealed_to for link in certificate.links):
        yield NOT_SEALED.say(language)


def _verdict(certificate: Certificate, language: str) -> Iterator[str]:
    problems, chain = certificate.problems, certificate.report.chain
    if not problems:
        yield WHOLE.say(language, links=chain.links)
        yield f"    {chain.head}"
        return
    yield BROKEN.say(language)
    for problem in problems:
        yield f"    BROKEN {problem}"


def _line(language: str, name: Text, value: Text | str) -> str:
    return FIELD.say(language, name=name, value=said(value, language)).rstrip()


def _moment(certificate: Certificate, moment: datetime) -> str:
    return f"{moment.astimezone(certificate.work.zone):%Y-%m-%d %H:%M:%S}"
