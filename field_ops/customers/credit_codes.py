"""The unified social credit code (统一社会信用代码, GB 32100-2015): which company it legally is."""

import unicodedata

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V and Z, which are misread
LENGTH = 18
WEIGHTS = tuple(pow(3, at, 31) for at in range(LENGTH - 1))


def read_credit_code(written: str) -> str | None:
    """The code as it is registered, or None when its length, letters or check digit are wrong."""
    code = "".join(unicodedata.normalize("NFKC", written).split()).upper()
    if len(code) != LENGTH or any(char not in ALPHABET for char in code):
        return None
    total = sum(ALPHABET.index(char) * weight for char, weight in zip(code, WEIGHTS, strict=False))
    return code if code[-1] == ALPHABET[(31 - total % 31) % 31] else None
