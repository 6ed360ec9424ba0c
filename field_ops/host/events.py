"""What a host can tell us, in our words. Each event has an id that is equal when it is repeated."""

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Conversation:
    """Where something was said.

    `kind` is `single` or `group`. `reply_to` is the host's own handle for answering there
    (DingTalk's session webhook), usable until `reply_until`; empty when the host has none. With
    `by_connection` only the process that holds the host's long connection can answer.
    """

    kind: str = "single"
    id: str = ""
    title: str = ""
    reply_to: str = ""
    reply_until: datetime | None = None
    by_connection: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HostEvent:
    event_id: str
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReceived(HostEvent):
    """Somebody wrote to the bot. `text` has no @mention and no outer blanks."""

    host_user_id: str
    text: str
    conversation: Conversation = field(default_factory=Conversation)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPressed(HostEvent):
    """A button of one of our cards was pressed; `says` is the sentence the button stands for.

    `card_id` is the id we gave the card; `revise_with` the host's one-time code to change it.
    """

    host_user_id: str
    says: str
    card_id: str = ""
    revise_with: str = ""
    conversation: Conversation = field(default_factory=Conversation)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppOpened(HostEvent):
    """A member opened the app's chat or home page."""

    host_user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersChanged(HostEvent):
    """A hint: these members should be read again. The host's API is the truth."""

    host_user_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersLeft(HostEvent):
    """A hint that these members left; confirmed by reading them."""

    host_user_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentsChanged(HostEvent):
    host_department_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalContactChanged(HostEvent):
    """A hint: what this member and this person outside are to each other should be read again.

    `change` is `added`, `changed`, `removed` (the member deleted him) or `left` (he deleted the
    member, which a host may not show when it is asked).
    """

    host_user_id: str
    external_id: str
    change: str = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsupported(HostEvent):
    """Authentic and understood, and nothing we use: answered politely and counted."""

    kind: str = ""


EVENTS: dict[str, type[HostEvent]] = {
    cls.__name__: cls
    for cls in (
        TextReceived,
        CardPressed,
        AppOpened,
        MembersChanged,
        MembersLeft,
        DepartmentsChanged,
        ExternalContactChanged,
        Unsupported,
    )
}


def to_payload(event: HostEvent) -> dict[str, Any]:
    """The event as JSON-ready data, for the inbox."""
    return {"event": type(event).__name__, **_plain(asdict(event))}


def from_payload(payload: dict[str, Any]) -> HostEvent:
    """The event back from `to_payload`."""
    values = dict(payload)
    cls = EVENTS[values.pop("event")]
    values["happened_at"] = datetime.fromisoformat(values["happened_at"])
    if "conversation" in values:
        talk = dict(values["conversation"])
        until = talk.get("reply_until")
        talk["reply_until"] = datetime.fromisoformat(until) if until else None
        values["conversation"] = Conversation(**talk)
    for name in ("host_user_ids", "host_department_ids"):
        if name in values:
            values[name] = tuple(values[name])
    return cls(**values)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
