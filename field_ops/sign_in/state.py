"""What binds the host's answer to the browser that asked: a nonce in a signed, short-lived cookie.

The host carries the nonce there and back as `state`; the cookie says where the page wanted to go.
"""

import base64
import binascii
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from starlette.responses import Response

from ..connections.pages import page_url
from ..keys import Keys
from .errors import SignInInterrupted

COOKIE = "waiqin_sign_in"
LIFETIME = timedelta(minutes=10)
PURPOSE = "sign-in state"
LONGEST_NEXT = 1024
OUR_PAGE = re.compile(r"/(?:h5|admin)/[!-\[\]-~]*")  # printable ASCII without the backslash


@dataclass(frozen=True, slots=True)
class Door:
    """Through which connection somebody comes in: the two names in the address."""

    host: str
    connection: str

    @property
    def path(self) -> str:
        return f"/hosts/{self.host}/{self.connection}/"


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """`nonce` is 32 hex digits: WeCom allows [a-zA-Z0-9], at most 128 (page 91022)."""

    door: Door
    nonce: str
    next: str
    in_app: bool


def begin(door: Door, wanted: str, in_app: bool) -> PendingSignIn:
    """A new sign-in that will end at the page `wanted`, if that is one of ours."""
    return PendingSignIn(door, secrets.token_hex(16), local_page(wanted, door), in_app)


def local_page(wanted: str, door: Door) -> str:
    """`wanted` when it is a path below /h5/ or /admin/; otherwise the home page of this door."""
    is_ours = len(wanted) <= LONGEST_NEXT and OUR_PAGE.fullmatch(wanted) and ".." not in wanted
    return wanted if is_ours else page_url("", door.host, door.connection)


def set_cookie(
    response: Response, pending: PendingSignIn, keys: Keys, now: datetime, *, secure: bool
) -> None:
    ends = int((now + LIFETIME).timestamp())
    door = pending.door
    content = [door.host, door.connection, pending.nonce, pending.next, pending.in_app, ends]
    packed = base64.urlsafe_b64encode(orjson.dumps(content)).decode()
    response.set_cookie(
        COOKIE,
        f"{packed}.{keys.sign(PURPOSE, packed)}",
        max_age=int(LIFETIME.total_seconds()),
        path=door.path,
        secure=secure,
        httponly=True,
        # Not strict: the host's redirect comes from another site and must bring the cookie along.
        samesite="lax",
    )


def drop_cookie(response: Response, door: Door) -> None:
    response.delete_cookie(COOKIE, path=door.path)


def pending(cookie: str, door: Door, state: str, keys: Keys, now: datetime) -> PendingSignIn:
    """The sign-in that this browser began and that `state` belongs to.

    Raises `SignInInterrupted` when there is none, it is over, or either of them is forged.
    """
    packed, _, signature = cookie.partition(".")
    if not keys.is_signed(PURPOSE, packed, signature):
        raise SignInInterrupted()
    try:
        content = orjson.loads(base64.urlsafe_b64decode(packed))
    except (binascii.Error, orjson.JSONDecodeError) as failure:
        raise SignInInterrupted() from failure
    host, connection, nonce, wanted, in_app, ends = content
    same = hmac.compare_digest(nonce.encode(), state.encode())
    if not same or Door(host, connection) != door or now.timestamp() >= ends:
        raise SignInInterrupted()
    return PendingSignIn(door, nonce, wanted, in_app)
