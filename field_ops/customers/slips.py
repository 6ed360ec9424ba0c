"""Slips of whoever types: what he may have meant, asked only when nothing fits as it stands.

One character that is wrong, missing, too many or changed places with its neighbour; characters
that sound as the right ones do; in pinyin one such letter, or a sound that half of the country does
not tell from another (z and zh, n and l, in and ing); in a number one digit, or two that changed
places.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise, product

from .pinyin import readings
from .questions import Alternative, Word, alternatives_in_pinyin, pieces_of, segmentations
from .terms import PHONE_PART, pair_term, phone_term, syllables_term

SHORTEST_PHONE = 6
SHORTEST_TEXT = 3  # of two characters with one wrong nothing is left
SHORTEST_PINYIN = 4
MOST_VARIANTS = 60
SOUNDS_ALIKE = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("f", "h"), ("l", "r"),
                ("ang", "an"), ("eng", "en"), ("ing", "in"))  # fmt: skip
OFTEN_LEFT_OUT = "aeiounhg"


def loosely(word: Word) -> Word:
    """The word as it stands, or with a slip in it. The same word when there can be none."""
    text = word.text
    variants: tuple[str, ...] = ()
    if text.isdecimal():
        meant = list(_numbers(text)) if len(text) >= SHORTEST_PHONE else []
    elif text.isascii():
        variants = _variants(text) if len(text) >= SHORTEST_PINYIN else ()
        meant = [one for variant in variants for one in alternatives_in_pinyin(variant)]
    else:
        meant = [*(_characters(text) if len(text) >= SHORTEST_TEXT else ()), *_homophones(text)]
    if not meant:
        return word
    alternatives = tuple(dict.fromkeys((*word.alternatives, *meant)))
    return replace(word, alternatives=alternatives, is_loose=True, variants=variants)


def has_slip(typed: str, text: str) -> bool:
    """Whether a part of `text` is what was typed with one slip, or sounds like it."""
    if len(typed) >= SHORTEST_TEXT:
        lengths = range(len(typed) - 1, len(typed) + 2)
        for start in range(len(text)):
            if any(_is_one_off(typed, text[start : start + length]) for length in lengths):
                return True
    return any(
        all(map(_sound_alike, typed, text[start : start + len(typed)]))
        for start in range(len(text) - len(typed) + 1)
    )


def has_wrong_digit(typed: str, phones: str) -> bool:
    """Whether a phone has these digits but one, or two neighbours of them the other way round."""
    return any(
        _is_one_off(typed, phones[start : start + len(typed)])
        for start in range(len(phones) - len(typed) + 1)
    )


def _is_one_off(typed: str, text: str) -> bool:
    """One character replaced, left out, put in, or two neighbours changed places."""
    if abs(len(typed) - len(text)) > 1:
        return False
    at = 0
    while at < min(len(typed), len(text)) and typed[at] == text[at]:
        at += 1
    if len(typed) > len(text):  # two characters of three are no name
        return len(text) >= SHORTEST_TEXT and typed[at + 1 :] == text[at:]
    if len(typed) < len(text):
        return typed[at:] == text[at + 1 :]
    swapped = typed[at : at + 2] == text[at : at + 2][::-1]
    return typed[at + 1 :] == text[at + 1 :] or (swapped and typed[at + 2 :] == text[at + 2 :])


@lru_cache(maxsize=65_536)
def _sound_alike(char: str, other: str) -> bool:
    return char == other or not set(readings(char)).isdisjoint(readings(other))


def _characters(text: str) -> Iterator[Alternative]:
    for at in range(len(text)):
        yield _having(text[:at], text[at + 1 :])  # another one here, or one too many
    for at in range(1, len(text)):
        yield _having(text[:at], text[at:])  # one is missing here
        yield _having(text[: at - 1], text[at] + text[at - 1], text[at + 1 :])


def _having(*parts: str) -> Alternative:
    pieces = [piece for part in parts if part for piece in pieces_of(part)]
    return tuple((pair_term(piece),) for piece in dict.fromkeys(pieces))


def _homophones(text: str) -> Iterator[Alternative]:
    groups = []
    for first, second in pairwise(text):
        sounds = tuple(syllables_term(*two) for two in product(readings(first), readings(second)))
        groups.append(sounds or (pair_term(first + second),))
    if groups:
        yield tuple(groups)


def _numbers(digits: str) -> Iterator[Alternative]:
    parts = [digits[at : at + PHONE_PART] for at in range(len(digits) - PHONE_PART + 1)]
    for wrong in range(len(digits)):
        sure = [part for at, part in enumerate(parts) if not at <= wrong < at + PHONE_PART]
        if sure:
            yield tuple((phone_term(part),) for part in sorted(set(sure)))
    for at in range(len(digits) - 1):
        swapped = digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
        cut = {swapped[at : at + PHONE_PART] for at in range(len(swapped) - PHONE_PART + 1)}
        yield tuple((phone_term(part),) for part in sorted(cut))


def _variants(letters: str) -> tuple[str, ...]:
    """What may have been meant, as far as it is made of syllables: letters alone could be any."""
    wanted: dict[str, None] = {}
    for variant in (*_other_sounds(letters), *_other_letters(letters)):
        if variant != letters and _is_spoken(variant):
            wanted[variant] = None
    return tuple(wanted)[:MOST_VARIANTS]


def _other_sounds(letters: str) -> Iterator[str]:
    for pair in SOUNDS_ALIKE:
        for sound, other in (pair, pair[::-1]):
            at = letters.find(sound)
            while at >= 0:
                yield letters[:at] + other + letters[at + len(sound) :]
                at = letters.find(sound, at + 1)


def _other_letters(letters: str) -> Iterator[str]:
    for at in range(1, len(letters)):
        yield letters[: at - 1] + letters[at] + letters[at - 1] + letters[at + 1 :]
    for at in range(len(letters)):
        yield letters[:at] + letters[at + 1 :]
    for at in range(1, len(letters) + 1):
        for letter in OFTEN_LEFT_OUT:
            yield letters[:at] + letter + letters[at:]


def _is_spoken(letters: str) -> bool:
    return any(all(len(unit) > 1 for unit in units) for units in segmentations(letters)[:1])
