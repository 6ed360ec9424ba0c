"""Passes: one write that a host's app makes for a page, without the page's cookie.

A native uploader sends no cookie, or not on every client. So the signed-in page asks for a pass
first and hands it on in a header. It names the session, one subject (a visit, say) and the key
under which the write is done once; it is signed, good for ten minutes, and worth nothing once the
session has ended. As a browser never adds it by itself, no other site can make it write (CSRF).
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request

from ..errors import NotAllowed
from ..keys import Keys
from ..texts import Text

# Not `Authorization`, which iPhones' own networking keeps for itself.
HEADER = "x-waiqin-pass"
LIVES = timedelta(minutes=10)
KEY = r"^[A-Za-z0-9-]{8,64}$"
SIGNED = re.compile(
    r"([0-9]{1,18})\.([A-Za-z0-9]{1,32})\.([0-9]{1,12})\.([A-Za-z0-9-]{8,64})\.([a-z]+/[^.]+)"
)


class PassOver(NotAllowed):
    sentence = Text(
        "这次上传的许可已失效，请重新上传。",
        "The permission for this upload has ended. Please send it again.",
    )


@dataclass(frozen=True, slots=True)
class Pass:
    """Who may write what, by which session, under which key, and until when (Unix seconds)."""

    tenant_id: int
    session_id: str
    ends: int
    key: str
    subject: str

    def signed(self, keys: Keys) -> str:
        """As it travels."""
        text = f"{self.tenant_id}.{self.session_id}.{self.ends}.{self.key}.{self.subject}"
        return f"{text}.{keys.sign('pass', text)}"


def ends_at(now: datetime) -> datetime:
    """When a pass ends that is given now; whole seconds."""
    return (now + LIVES).replace(microsecond=0)


def carried_by(request: Request, keys: Keys) -> Pass | None:
    """The authentic pass in the request's header, if any; whether it has ended is another thing."""
    text, _, signature = request.headers.get(HEADER, "").rpartition(".")
    parts = SIGNED.fullmatch(text)
    if parts is None or not keys.is_signed("pass", text, signature):
        return None
    return Pass(int(parts[1]), parts[2], int(parts[3]), parts[4], parts[5])


def shown_by(request: Request, keys: Keys, subject: str, now: datetime) -> Pass:
    """The pass that the request carries. Raises `PassOver` unless it is for this, and for now."""
    found = carried_by(request, keys)
    if found is None or found.subject != subject or found.ends < now.timestamp():
        raise PassOver()
    return found
