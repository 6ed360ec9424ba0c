"""The credentials of a connection: named by its host, encrypted at rest, never logged."""

from collections.abc import Mapping

import orjson
from cryptography.exceptions import InvalidTag

from ..host.errors import CredentialsRejected
from ..host.platform import HostKind
from ..keys import Keys
from .errors import CredentialsMissing, CredentialsUnknown

CONTEXT = "host_connection.credentials"


def seal(keys: Keys, credentials: Mapping[str, str]) -> bytes:
    return keys.encrypt(orjson.dumps(dict(credentials)), context=CONTEXT)


def unseal(keys: Keys, sealed: bytes) -> dict[str, str]:
    """Raises `CredentialsRejected` when the installation's secret key is not the one they had."""
    try:
        opened = keys.decrypt(sealed, context=CONTEXT)
    except (InvalidTag, ValueError) as failure:
        raise CredentialsRejected("stored under another WAIQIN_SECRET_KEY") from failure
    return {str(name): str(value) for name, value in orjson.loads(opened).items()}


def unseal_or_none(keys: Keys, sealed: bytes) -> dict[str, str] | None:
    """The same, with None for what cannot be read (any more)."""
    try:
        return unseal(keys, sealed)
    except CredentialsRejected:
        return None


def checked(kind: HostKind, given: Mapping[str, str]) -> dict[str, str]:
    """What was given, without blanks. Refuses unknown names and missing required ones."""
    credentials = {name: value.strip() for name, value in given.items() if value.strip()}
    if unknown := sorted(credentials.keys() - set(kind.credentials)):
        raise CredentialsUnknown(title=kind.title, unknown=", ".join(unknown))
    if missing := [name for name in kind.required if name not in credentials]:
        raise CredentialsMissing(title=kind.title, missing=", ".join(missing))
    return credentials
