"""How the verification page looks: one small document without a script, in either language."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from ..errors import Refusal
from ..texts import Text
from .verification import PhotoProof

STYLE = """
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--line:#dfe3e8;--ground:#f4f6f8;
--sheet:#fff;--good:#0a7d43;--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--ink:#e8ecf1;--soft:#a3adba;--line:#323a45;
--ground:#12161b;--sheet:#1b2129;--good:#5fd39a;--bad:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;padding:1.5rem 1rem 3rem;background:var(--ground);color:var(--ink);
overflow-wrap:anywhere;font:1rem/1.6 -apple-system,'PingFang SC','HarmonyOS Sans SC',
'Microsoft YaHei','Noto Sans SC','Noto Sans CJK SC',sans-serif}
main{max-width:30rem;margin:0 auto;padding:1.25rem;background:var(--sheet);
border:1px solid var(--line);border-radius:.75rem}
.what{margin:0;color:var(--soft);font-size:.875rem}
h1{margin:.25rem 0 1rem;font-size:1.25rem;line-height:1.4}
h1 span{margin-right:.4em}
.good h1{color:var(--good)}.bad h1{color:var(--bad)}
dl{margin:0}
dt{color:var(--soft);font-size:.875rem}
dd{margin:0 0 .75rem}
code{font:.8125rem/1.5 ui-monospace,Menlo,Consolas,monospace}
.hint{margin:1rem 0 0;padding-top:1rem;border-top:1px solid var(--line)}
a{display:inline-block;min-height:2.75rem;padding:.6rem 0;color:inherit}
"""
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        f"style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
    ),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
    "vary": "Accept-Language, Cookie",
}

TITLE = Text("照片核验", "Photo check")
GOOD = Text("这张照片有存证，未被改动。", "This photo is on record and has not been changed.")
BAD = Text(
    "这张照片的存证已被改动，不能作为凭证。",
    "The record of this photo was changed. It proves nothing.",
)
COMPANY = Text("公司", "Company")
NUMBER = Text("编号", "Number")
TIME = Text("照片收到的时间", "Photo received at")
MOMENT = Text("{at:%Y-%m-%d %H:%M:%S}（{zone}）", "{at:%Y-%m-%d %H:%M:%S} ({zone})")
PLACE = Text("存证", "Evidence")
POSITION = Text(
    "照片指纹是存证链的第 {number} 环，校验通过。",
    "This photo's hash is link {number} of the evidence chain and verifies.",
)
SEALED = Text("{day} 全天的存证已封存。", "The whole of {day} is sealed.")
NOT_SEALED = Text("当天的存证将在次日零点后封存。", "The day is sealed after its midnight.")
GONE = Text(
    "原图已超过保存期限，指纹仍可核验。",
    "The picture itself is no longer kept; its hash still verifies.",
)
HASH = Text("照片指纹（SHA-256）", "The photo's hash (SHA-256)")
COMPARE = Text(
    "请核对：照片水印上的时间和编号应与本页一致。",
    "Please compare: the time and number on the picture must be those on this page.",
)
VISIT = Text("查看这次拜访", "Open the visit")
ASK = Text("请向该公司核实。", "Please ask the company.")


@dataclass(frozen=True, slots=True)
class Finding:
    """What the page may say about a photo. `visit_url` is empty for who may not see the visit."""

    company: str
    visit_number: str
    zone: ZoneInfo
    proof: PhotoProof
    visit_url: str

    @property
    def received_at(self) -> datetime:
        return self.proof.photo.uploaded_at.astimezone(self.zone)


def page(found: Finding | Refusal, language: str) -> str:
    """The whole document."""
    if isinstance(found, Refusal):
        kind, body = "bad", _heading("✕", found.say(language))
    elif found.proof.link is None or found.proof.problem:
        kind, body = "bad", _changed(found, language)
    else:
        kind, body = "good", _genuine(found, found.proof.link.number, language)
    lang, title = ("en" if language == "en" else "zh-CN"), TITLE.say(language)
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head>"
        f'<body><main class="{kind}"><p class="what">{title}</p>{body}</main></body></html>'
    )


def _genuine(found: Finding, number: int, language: str) -> str:
    proof = found.proof
    moment = MOMENT.say(language, at=found.received_at, zone=found.zone.key)
    evidence = [POSITION.say(language, number=number)]
    evidence.append(
        SEALED.say(language, day=proof.head.day) if proof.head else NOT_SEALED.say(language)
    )
    if proof.file == "gone":
        evidence.append(GONE.say(language))
    rows = (
        _row(COMPANY, escape(found.company), language),
        _row(NUMBER, escape(f"{found.visit_number} · {proof.photo.verification_code}"), language),
        _row(TIME, escape(moment), language),
        _row(PLACE, "<br>".join(map(escape, evidence)), language),
        _row(HASH, f"<code>{escape(proof.photo.sha256)}</code>", language),
    )
    return (
        _heading("✓", GOOD.say(language))
        + f"<dl>{''.join(rows)}</dl>"
        + f'<p class="hint">{escape(COMPARE.say(language))}</p>'
        + _link(found, language)
    )


def _changed(found: Finding, language: str) -> str:
    rows = (
        _row(COMPANY, escape(found.company), language),
        _row(NUMBER, escape(found.visit_number), language),
    )
    return (
        _heading("✕", BAD.say(language))
        + f"<dl>{''.join(rows)}</dl>"
        + f'<p class="hint">{escape(ASK.say(language))}</p>'
        + _link(found, language)
    )


def _heading(sign: str, sentence: str) -> str:
    return f'<h1><span aria-hidden="true">{sign}</span>{escape(sentence)}</h1>'


def _row(name: Text, value: str, language: str) -> str:
    return f"<dt>{escape(name.say(language))}</dt><dd>{value}</dd>"


def _link(found: Finding, language: str) -> str:
    if not found.visit_url:
        return ""
    return f'<a href="{escape(found.visit_url)}">{escape(VISIT.say(language))}</a>'
