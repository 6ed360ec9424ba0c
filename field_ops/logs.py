"""Structured logs: one line an event, with request and event ids, and never a secret.

Values are masked by name (token, secret, code, cookie…) and by shape (mobile numbers), because the
next person who logs something will not remember this file.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

SECRET_NAMES = re.compile(
    r"(secret|token|password|cookie|authorization|aes_?key|ticket|credential|echostr|^code$|sign)",
    re.IGNORECASE,
)
MOBILE = re.compile(r"(?<!\d)(?:\+?86)?(1[3-9]\d)\d{4}(\d{4})(?!\d)")
SECRET_IN_URL = re.compile(
    r"((?:access_token|corpsecret|appsecret|secret|code|ticket|session|signature|sign)=)[^&\s\"']+",
    re.IGNORECASE,
)


def masked(text: str) -> str:
    """`text` with mobile numbers and secrets in addresses made unreadable."""
    return SECRET_IN_URL.sub(r"\1***", MOBILE.sub(r"\1****\2", text))


def _mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if name != "event" and SECRET_NAMES.search(name):
            event[name] = "***"
        elif isinstance(value, str):
            event[name] = masked(value)
        elif isinstance(value, dict | list | tuple):
            event[name] = masked(str(value))
    return event


class _MaskLibraries(logging.Filter):
    """Lines of libraries (httpx prints whole addresses) pass the same mask."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = masked(record.getMessage())
        record.args = None
        return True


def set_up(log_format: str = "text", level: str = "info") -> None:
    """Configure logging for the process: `json` for machines, `text` for people."""
    as_json = log_format == "json"
    renderer: Any = (
        structlog.processors.JSONRenderer(serializer=lambda v, **_: orjson.dumps(v).decode())
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _mask,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_MaskLibraries())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


log: structlog.stdlib.BoundLogger = structlog.get_logger("waiqin")
