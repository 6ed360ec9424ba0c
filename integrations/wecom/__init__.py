"""WeCom (企业微信): a self-built app of one company, and its smart bot."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from field_ops.host.errors import CredentialsRejected
from field_ops.host.platform import HostKind, HostLimits, HostPlatform
from field_ops.texts import Text

from .attendance import WecomAttendance
from .bot_answers import BotAnswers
from .bot_callbacks import BotCallbacks
from .calendar import WecomCalendar
from .callbacks import WecomCallbacks
from .client import REAL_BASE_URL, WecomClient
from .crypto import CallbackCrypto
from .delivery import WecomDelivery
from .directory import WecomDirectory
from .external_contacts import WecomExternalContacts
from .long_connection import REAL_BOT_URL, WecomLongConnection
from .messenger import WecomMessenger
from .page_signer import WecomPageSigner
from .self_check import WecomSelfCheck
from .sign_in import WecomSignIn

# Page 90312. message/send has no limit by the second; its neighbours have 10 000 a minute.
LIMITS = HostLimits(per_member_minute=30, per_member_hour=1000, per_app_second=160)


def connect(
    credentials: Mapping[str, str],
    http: Any,
    base_urls: Mapping[str, str],
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> HostPlatform:
    """Assemble the platform; nothing is asked of WeCom yet.

    `base_urls` may name `wecom` and `wecom_bot`, where the long connection goes.

    Raises `CredentialsRejected` for settings that cannot be right.
    """
    corp_id, secret = credentials["corp_id"], credentials["secret"]
    base_url = (base_urls.get("wecom") or REAL_BASE_URL).rstrip("/")
    try:
        agent_id = int(credentials["agent_id"])
        crypto, bot_crypto = _crypto(credentials, corp_id), _crypto(credentials, "")
    except ValueError as failure:
        raise CredentialsRejected("agent_id or callback_aes_key is malformed") from failure

    client = WecomClient(http, base_url, corp_id=corp_id, secret=secret)
    contacts = client
    if contacts_secret := credentials.get("contacts_secret"):
        contacts = WecomClient(http, base_url, corp_id=corp_id, secret=contacts_secret)
    connection = _long_connection(credentials, base_urls, now)
    bot = BotAnswers(client, connection, now)
    return HostPlatform(
        name=KIND.name,
        title=KIND.title,
        callbacks=WecomCallbacks(crypto, BotCallbacks(bot_crypto)),
        messenger=WecomMessenger(client, agent_id, bot),
        sign_in=WecomSignIn(client, base_url, corp_id, agent_id),
        directory=WecomDirectory(contacts),
        page_signer=WecomPageSigner(client, corp_id, agent_id),
        limits=LIMITS,
        calendar=WecomCalendar(client, now),
        long_connection=connection,
        delivery=WecomDelivery(client),
        external_contacts=WecomExternalContacts(client),
        self_check=WecomSelfCheck(
            client, http, agent_id, crypto, bot_crypto, bot_connects=connection is not None
        ),
        attendance=WecomAttendance(client),
    )


def _crypto(credentials: Mapping[str, str], receive_id: str) -> CallbackCrypto:
    token, aes_key = credentials["callback_token"], credentials["callback_aes_key"]
    old_token = credentials.get("callback_token_old", "")
    old_aes_key = credentials.get("callback_aes_key_old", "")
    older = None
    if old_token or old_aes_key:
        older = CallbackCrypto(old_token or token, old_aes_key or aes_key, receive_id)
    return CallbackCrypto(token, aes_key, receive_id, older)


def _long_connection(
    credentials: Mapping[str, str], base_urls: Mapping[str, str], now: Callable[[], datetime]
) -> WecomLongConnection | None:
    """The bot's, when its id and secret are given: WeCom shows them for a bot in that mode only."""
    bot_id, secret = credentials.get("bot_id", ""), credentials.get("bot_secret", "")
    if not (bot_id and secret):
        return None
    url = (base_urls.get("wecom_bot") or REAL_BOT_URL).rstrip("/")
    return WecomLongConnection(url, bot_id, secret, now=now)


KIND = HostKind(
    name="wecom",
    title=Text("企业微信", "WeCom"),
    credentials=(
        "corp_id",
        "agent_id",
        "secret",
        "callback_token",
        "callback_aes_key",
        "callback_token_old",
        "callback_aes_key_old",
        "contacts_secret",
        "bot_id",
        "bot_secret",
    ),
    required=("corp_id", "agent_id", "secret", "callback_token", "callback_aes_key"),
    secrets=(
        "secret",
        "callback_token",
        "callback_aes_key",
        "callback_token_old",
        "callback_aes_key_old",
        "contacts_secret",
        "bot_secret",
    ),
    connect=connect,
)
