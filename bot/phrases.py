"""Recognising sentences: 「查{customer}」 → what stands in the braces. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from .command import Command

SLOTS = {"customer": r"(?P<customer>\S.*?)", "text": r"(?P<text>\S.*)", "code": r"(?P<code>\w+)"}


@dataclass(frozen=True, slots=True)
class Heard:
    """A command and what was said in its slots, as typed."""

    command: Command
    customer: str = ""
    text: str = ""
    code: str = ""


def said(text: str) -> str:
    """A sentence as it is compared: full width made half, blanks single, no closing mark."""
    plain = unicodedata.normalize("NFKC", text)
    plain = re.sub(r"@\S+\s+", "", plain)  # another mention in a group is not part of the sentence
    return " ".join(plain.split()).rstrip("。.!！")


def recognise(text: str, commands: Iterable[Command]) -> Heard | None:
    """The first command with a phrase that fits the whole sentence."""
    sentence = said(text)
    for command in commands:
        for phrase in command.phrases:
            found = _pattern(phrase).fullmatch(sentence)
            if found:
                slots = {name: value.strip() for name, value in found.groupdict().items()}
                return Heard(command, **slots)
    return None


@lru_cache(maxsize=256)
def _pattern(phrase: str) -> re.Pattern[str]:
    """`查{customer}` as an expression. A blank may stand between word and slot, and must stand
    between two slots and after a Latin word."""
    parts = re.split(r"({\w+})", phrase)
    out, before = "", ""
    for part in filter(None, parts):
        slot = SLOTS.get(part.strip("{}")) if part.startswith("{") else None
        if slot is None:
            out += re.escape(part.strip()).replace(r"\ ", r"\s+")
        elif before.startswith("{") or re.search(r"[A-Za-z]\s*$", before):
            out += r"\s+" + slot
        else:
            out += r"\s*[,,::]?\s*" + slot
        before = part
    return re.compile(out, re.IGNORECASE)
