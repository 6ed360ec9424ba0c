"""How characters are read: every reading of a polyphone, without tones."""

import asyncio
import json
import unicodedata
from functools import cache, lru_cache
from importlib.metadata import distribution
from pathlib import Path

FIRST_COMMON, LAST_COMMON = 0x4E00, 0x9FFF  # the block in which company names live
TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0304\u030c"))


@lru_cache(maxsize=32_768)
def readings(char: str) -> tuple[str, ...]:
    """重 → (chong, tong, zhong); ü is typed v or u, so 绿 → (lu, lv). () when it has none."""
    written = _dictionary().get(ord(char), "")
    return tuple(sorted({typed for tone in written.split(",") if tone for typed in _typed(tone)}))


@lru_cache(maxsize=32_768)
def initials(char: str) -> tuple[str, ...]:
    """First letters of its readings; a letter, digit or sign stands for itself."""
    return tuple(sorted({reading[0] for reading in readings(char)})) or (char,)


@cache
def syllables() -> frozenset[str]:
    """Every syllable that somebody may type."""
    common = map(chr, range(FIRST_COMMON, LAST_COMMON + 1))
    return frozenset(reading for char in common for reading in readings(char))


@cache
def syllables_from(beginning: str) -> tuple[str, ...]:
    """The syllables that begin so: `hu` → hu, hua, huai, …"""
    return tuple(sorted(name for name in syllables() if name.startswith(beginning)))


def _typed(reading: str) -> set[str]:
    bare = unicodedata.normalize("NFC", unicodedata.normalize("NFD", reading).translate(TONES))
    bare = bare.replace("ê", "e")
    # Grunts such as ń and hm are in the dictionary, and nobody types them.
    return {bare.replace("ü", "v"), bare.replace("ü", "u")} if set(bare) & set("aeiouü") else set()


def warm_up() -> None:
    """Read the dictionary now: it takes a third of a second, so never on an event loop."""
    syllables()


async def ready() -> None:
    """Wait for the dictionary; a process that warmed up goes on at once."""
    if not syllables.cache_info().currsize:
        await asyncio.to_thread(warm_up)


@cache
def _dictionary() -> dict[int, str]:
    # The file alone: the package would load a dictionary of phrases beside it, ten times as large,
    # and we remember every reading of a character instead of guessing the right one.
    path = distribution("pypinyin").locate_file("pypinyin/pinyin_dict.json")
    readings_by_code: dict[str, str] = json.loads(Path(str(path)).read_bytes())
    return {int(code): written for code, written in readings_by_code.items()}
