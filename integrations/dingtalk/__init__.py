"""DingTalk (钉钉): an enterprise-internal app with a robot. `connect()` assembles the platform."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from field_ops.host.errors import CredentialsRejected
from field_ops.host.platform import HostKind, HostLimits, HostPlatform
from field_ops.texts import Text

from .attendance import DingtalkAttendance
from .calendar import DingtalkCalendar
from .callbacks import DingtalkCallbacks
from .cards import CardCallbacks, DingtalkCards
from .client import DingtalkClient
from .crypto import CallbackCipher
from .delivery import DingtalkDelivery
from .directory import DingtalkDirectory
from .messenger import DingtalkMessenger
from .missed import DingtalkMissed
from .page_signer import DingtalkPageSigner
from .self_check import DingtalkSelfCheck
from .sign_in import LOGIN, DingtalkSignIn
from .stream import DingtalkStream
from .todo import DingtalkTodoList
from .urgent import DingtalkUrgent

NAME = "dingtalk"
TITLE = Text("钉钉", "DingTalk")
API = "https://api.dingtalk.com"
OAPI = "https://oapi.dingtalk.com"

CREDENTIALS = (
    "corp_id",
    "agent_id",
    "client_id",
    "client_secret",
    "robot_code",
    "callback_token",
    "callback_aes_key",
    "stream",
    "card_template_id",
)
REQUIRED = ("corp_id", "agent_id", "client_id", "client_secret")
SECRETS = ("client_secret", "callback_token", "callback_aes_key")

# DingTalk publishes 20 calls a second per app and API, and 500 work notices a day to one member. It
# publishes no figure per minute for a robot, so the figures per member are our own courtesy.
LIMITS = HostLimits(
    per_member_minute=20,
    per_member_hour=50,
    per_app_second=20,
    # It does drop identical work notices, but the messenger makes every one differ.
    identical_text_daily=False,
    per_app_month=5_000,  # of the whole organisation, in the standard edition
)


def connect(
    credentials: Mapping[str, str],
    http: Any,
    base_urls: Mapping[str, str],
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> HostPlatform:
    """Build the platform. `base_urls` may name `dingtalk_api` and `dingtalk_oapi`, and `doors`: our
    own address, where the host's callbacks come.

    Raises `CredentialsRejected` when a setting cannot be right.
    """
    if missing := [name for name in REQUIRED if not credentials.get(name)]:
        raise CredentialsRejected(f"not set: {', '.join(missing)}")
    if not credentials["agent_id"].isdecimal():
        raise CredentialsRejected("agent_id must be a number")
    api_base_url = base_urls.get("dingtalk_api") or API
    client = DingtalkClient(
        http,
        client_id=credentials["client_id"],
        client_secret=credentials["client_secret"],
        api_base_url=api_base_url,
        oapi_base_url=base_urls.get("dingtalk_oapi") or OAPI,
    )
    by_stream = _is_on(credentials.get("stream", ""))
    cipher = _cipher(credentials)
    return HostPlatform(
        name=NAME,
        title=TITLE,
        callbacks=DingtalkCallbacks(
            corp_id=credentials["corp_id"],
            client_secret=credentials["client_secret"],
            card_secret=_card_secret(credentials),
            cipher=cipher,
        ),
        messenger=DingtalkMessenger(
            client,
            robot_code=credentials.get("robot_code", ""),
            agent_id=credentials["agent_id"],
            cards=_cards(credentials, client, "" if by_stream else base_urls.get("doors", "")),
            now=now,
        ),
        sign_in=DingtalkSignIn(
            client,
            client_id=credentials["client_id"],
            # The sign-in page lives on another host than the API; a stand-in has both on one.
            login_url=LOGIN if api_base_url.rstrip("/") == API else api_base_url,
        ),
        directory=DingtalkDirectory(client),
        page_signer=DingtalkPageSigner(
            client, corp_id=credentials["corp_id"], agent_id=credentials["agent_id"]
        ),
        limits=LIMITS,
        calendar=DingtalkCalendar(client, now),
        todo=DingtalkTodoList(client),
        long_connection=(
            DingtalkStream(client, corp_id=credentials["corp_id"], now=now) if by_stream else None
        ),
        delivery=DingtalkDelivery(
            client,
            robot_code=credentials.get("robot_code", ""),
            agent_id=credentials["agent_id"],
        ),
        missed=DingtalkMissed(client) if cipher and not by_stream else None,
        self_check=DingtalkSelfCheck(client, http, credentials, cipher, by_stream=by_stream),
        attendance=DingtalkAttendance(client),
        urgent=_urgent(credentials, client),
    )


def _cards(
    credentials: Mapping[str, str], client: DingtalkClient, doors: str
) -> DingtalkCards | None:
    """`doors` is our own address, where presses come over HTTP; "" in Stream mode."""
    template_id = credentials.get("card_template_id", "")
    robot_code = credentials.get("robot_code", "")
    by_stream = _is_on(credentials.get("stream", ""))
    if not (template_id and robot_code and (by_stream or doors)):
        return None
    callbacks = None
    if not by_stream:
        secret = _card_secret(credentials)
        callbacks = CardCallbacks(client, address=f"{doors}/robot", secret=secret)
    return DingtalkCards(
        client, template_id=template_id, robot_code=robot_code, callbacks=callbacks
    )


def _card_secret(credentials: Mapping[str, str]) -> str:
    """With which presses over HTTP are signed: the callback token, or one made from the secret."""
    if token := credentials.get("callback_token", ""):
        return token
    return hmac.new(credentials["client_secret"].encode(), b"cards", hashlib.sha256).hexdigest()


def _urgent(credentials: Mapping[str, str], client: DingtalkClient) -> DingtalkUrgent | None:
    """Only a robot can send a DING."""
    robot_code = credentials.get("robot_code", "")
    return DingtalkUrgent(client, robot_code) if robot_code else None


def _is_on(given: str) -> bool:
    return given.strip().lower() in ("1", "true", "yes", "on")


def _cipher(credentials: Mapping[str, str]) -> CallbackCipher | None:
    token = credentials.get("callback_token", "")
    aes_key = credentials.get("callback_aes_key", "")
    if not (token and aes_key):
        return None
    # The console's subscription ends messages with the app key, the registration API's with the
    # corp id.
    return CallbackCipher(token, aes_key, (credentials["client_id"], credentials["corp_id"]))


KIND = HostKind(
    name=NAME,
    title=TITLE,
    credentials=CREDENTIALS,
    required=REQUIRED,
    secrets=SECRETS,
    connect=connect,
)
