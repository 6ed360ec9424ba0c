"""What the console's page may ask: the shapes of bodies, their size, and where they come from."""

from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from starlette.exceptions import HTTPException
from starlette.requests import Request

from .faults import KINDS

MOST_BYTES = 64 * 1024
MOST_CHARACTERS = 4000  # of a sentence

Latitude = Field(default=None, ge=-90, le=90, allow_inf_nan=False)
Longitude = Field(default=None, ge=-180, le=180, allow_inf_nan=False)


class Ask(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PhoneChange(Ask):
    """Whatever is left out stays. `place` is a place's name; `lat` and `lng` are WGS-84."""

    host: str | None = None
    user_id: str | None = None
    place: str | None = None
    lat: float | None = Latitude
    lng: float | None = Longitude
    accuracy_m: float | None = Field(default=None, ge=1, le=10_000, allow_inf_nan=False)
    provider: Literal["gps", "wifi", "cell"] | None = None
    is_mock: bool | None = None
    position: Literal["ok", "denied", "timeout"] | None = None
    online: bool | None = None
    language: Literal["zh", "en"] | None = None


class Saying(Ask):
    text: str = Field(min_length=1, max_length=MOST_CHARACTERS)
    group: str = ""


class Press(Ask):
    line_id: int
    key: str


class Punching(Ask):
    """`suspect`: the host doubts the position, in its own way."""

    kind: Literal["office", "outside"] = "outside"
    suspect: bool = False


class FaultChange(Ask):
    """`kind` adds a fault to the next `times` calls whose path contains `path`; a deed is done."""

    host: str
    down: bool | None = None
    duplicate_events: int | None = Field(default=None, ge=1, le=5)
    kind: str = ""
    path: str = ""
    times: int = Field(default=1, ge=1, le=100)
    delay_s: float = Field(default=0, ge=-86_400, le=3600, allow_inf_nan=False)
    revoke_tokens: bool = False
    clear: bool = False

    @field_validator("kind")
    @classmethod
    def _is_known(cls, kind: str) -> str:
        if kind and kind not in KINDS:
            raise ValueError(f"one of {', '.join(KINDS)}")
        return kind


class ScheduleChange(Ask):
    """Follow `plan` (see `schedule.read_plan`) from now on, or nothing; at one host, or at each."""

    host: str = ""
    plan: dict[str, Any] | None = None


class Member(Ask):
    host: str
    user_id: str


class Move(Member):
    department_id: int


Asked = TypeVar("Asked", bound=Ask)


async def asked(request: Request, shape: type[Asked]) -> Asked:
    """The body as `shape`. Raises `HTTPException`: 403 from elsewhere, 413, or 422 with why."""
    refuse_other_sites(request)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise HTTPException(413, "The request is too large.")
    try:
        return shape.model_validate_json(bytes(body) or b"{}")
    except ValidationError as failure:
        first = failure.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise HTTPException(422, f"{where}: {first['msg']}") from failure


def refuse_other_sites(request: Request) -> None:
    """The console can make anybody say anything, so no page of another site may press its buttons.

    Browsers send `Sec-Fetch-Site` or at least `Origin` with every POST; a program sends neither.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    if site not in ("same-origin", "none"):
        raise HTTPException(403, "The console only listens to its own page.")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host", ""):
        raise HTTPException(403, "The console only listens to its own page.")
