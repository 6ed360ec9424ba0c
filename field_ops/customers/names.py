"""Company names as they are compared (domain.md §7.4). What the user typed is kept for display."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from opencc import OpenCC

from .places import LONGEST, PLACES

BRACKETED = re.compile(r"[(\[{【〔<《]([^()\[\]{}【】〔〕<>《》]*)[)\]}】〕>》]")
# Longer ones first: 股份有限公司 must not leave 股份 behind.
SUFFIXES = (
    "有限责任公司",
    "股份有限公司",
    "有限公司",
    "合作社",
    "经营部",
    "工作室",
    "集团",
    "公司",
    "商行",
    "中心",
    "厂",
    "店",
)
BRANCH = "分公司"
RANKS = ("壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "特别行政区", "省", "市")
LONGEST_PLACE = LONGEST + max(map(len, RANKS))
COUNTY = re.compile(r"^[\u4e00-\u9fff]{1,3}?[区县市](?=.{2})")
FIRST_HAN, LAST_HAN = 0x3400, 0x9FFF
REMEMBERED = 8192  # names: one that is stored is asked about five times or more
SHORTEST_CORE = 2  # 上海银行 keeps its 上海 only if less than two characters would be left


@dataclass(frozen=True, slots=True)
class NameParts:
    """`core` says who it is, `place` where, `suffix` in which legal form."""

    core: str
    place: str = ""
    suffix: str = ""


def full_name_key(name: str) -> str:
    """Equal for two spellings of one name: width, case, spaces and punctuation do not count."""
    return matching_form(name)[:200]


@lru_cache(REMEMBERED)
def matching_form(text: str) -> str:
    """Half-width, lower-case, simplified, without spaces and punctuation: what is compared."""
    return _letters(_plain(text))


def core_name(name: str) -> str:
    """Who it is, without place and legal form: 武汉海明电子商务有限公司 → 海明电子商务."""
    return split_name(name).core


@lru_cache(REMEMBERED)
def split_name(name: str) -> NameParts:
    """The name in its parts. A name that is nothing but place and form keeps them as its core."""
    rest, place = _set_places_aside(_plain(name))
    rest = _letters(rest)
    rest, suffix, branch_place = _without_suffixes(rest)
    rest, leading_place = _without_leading_places(rest)
    core = rest or full_name_key(name)
    return NameParts(core[:200], branch_place or place or leading_place, suffix)


def city_key(city: str, name: str) -> str:
    """The city for comparing: as it was entered, 武汉市 → 武汉, else the place in the name."""
    entered = matching_form(city)
    return _without_rank(entered) if entered else split_name(name).place


def is_place(text: str) -> bool:
    """Whether this is a province or city, with or without 省, 市 and the like."""
    return _place_at_start(text) == text


def warm_up() -> None:
    """Read the dictionary of traditional characters now."""
    _simplified()


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).lower().translate(_simplified())


@cache
def _simplified() -> dict[int, str]:
    """Each traditional character with its simplified one: 華 → 华.

    One by one and not by words, so that every part of a text is written as in the whole of it.
    """
    characters = [chr(code) for code in range(FIRST_HAN, LAST_HAN + 1)]
    written = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {ord(one): other for one, other in zip(characters, written, strict=True) if one != other}


def _letters(text: str) -> str:
    """Without spaces, punctuation and control characters. Emoji stay: they are part of the name."""
    if text.isalnum():
        return text
    return "".join(char for char in text if unicodedata.category(char)[0] not in "ZPC")


def _set_places_aside(name: str) -> tuple[str, str]:
    """The name without bracketed places, and the last of them. Other brackets keep their words."""
    places: list[str] = []

    def put_aside(bracket: re.Match[str]) -> str:
        inside = _letters(bracket[1])
        if inside and is_place(inside):
            places.append(_without_rank(inside))
            return ""
        return bracket[1]

    return BRACKETED.sub(put_aside, name), places[-1] if places else ""


def _without_suffixes(name: str) -> tuple[str, str, str]:
    """(rest, suffixes in order, place of the branch)."""
    suffix, branch_place = "", ""
    while True:
        if name.endswith(BRANCH):
            rest, branch_place = _without_trailing_place(name.removesuffix(BRANCH))
            found = BRANCH
        else:
            found = next((form for form in SUFFIXES if name.endswith(form)), "")
            rest = name.removesuffix(found)
        if not found or len(rest) < SHORTEST_CORE:
            return name, suffix, branch_place
        name, suffix = rest, found + suffix


def _without_trailing_place(name: str) -> tuple[str, str]:
    for length in range(min(LONGEST_PLACE, len(name)), 1, -1):
        if is_place(name[-length:]):
            return name[:-length], _without_rank(name[-length:])
    return name, ""


def _without_leading_places(name: str) -> tuple[str, str]:
    """Province, then city, then county; the last province or city is the place."""
    place = ""
    while found := _place_at_start(name):
        if len(name) - len(found) < SHORTEST_CORE:
            break
        name, place = name[len(found) :], _without_rank(found)
    if place and (county := COUNTY.match(name)):
        name = name[county.end() :]
    return name, place


def _place_at_start(name: str) -> str:
    for length in range(min(LONGEST, len(name)), 1, -1):
        if name[:length] in PLACES:
            for rank in RANKS:
                if name.startswith(rank, length):
                    return name[: length + len(rank)]
            return name[:length]
    return ""


def _without_rank(place: str) -> str:
    return next((place.removesuffix(r) for r in ("自治区", "省", "市") if place.endswith(r)), place)
