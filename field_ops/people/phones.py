"""Mobile numbers in one form, so that two hosts' directories can be compared."""

import re

CHINESE_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")
FOREIGN = re.compile(r"\+[1-9]\d{7,14}")
BETWEEN = re.compile(r"[\s()-]+")


def comparable(phone: str | None) -> str:
    """`+8613800000000` whatever it was written like; "" for what is no mobile number for sure."""
    written = BETWEEN.sub("", phone or "")
    if chinese := CHINESE_MOBILE.fullmatch(written):
        return f"+86{chinese[1]}"
    if FOREIGN.fullmatch(written) and not written.startswith("+86"):
        return written
    return ""
