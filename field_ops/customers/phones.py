"""Phone numbers: read however people and spreadsheets write them, kept as E.164, shown masked."""

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

EXTENSION = re.compile(r"\s*(?:转|分机|ext\.?|x)\s*(\d{1,6})\s*$", re.IGNORECASE)
SEVERAL = re.compile(r"[/、,;|\n]+")
FLOAT = re.compile(r"(\d+)\.0+")
SCIENTIFIC = re.compile(r"(\d)(?:\.(\d+))?[eE]\+?(\d{1,2})")
MOBILE = re.compile(r"\+861[3-9]\d{9}", re.ASCII)
BARE_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
HIDDEN_DIGITS = 4
SEPARATORS = re.compile(r"[\s\-]+")
SHARED = (PhoneNumberType.TOLL_FREE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN)


@dataclass(frozen=True, slots=True)
class Phone:
    """One number. `key` is E.164, or "" for numbers that say nothing about who it is (400, 800)."""

    e164: str
    extension: str = ""
    is_shared: bool = False

    @property
    def key(self) -> str:
        return "" if self.is_shared else self.e164

    @property
    def is_mobile(self) -> bool:
        return MOBILE.fullmatch(self.e164) is not None

    @property
    def digits(self) -> str:
        """What people type to find it: the national digits, 02765529988 with its zero."""
        if self.is_mobile:
            return self.e164.removeprefix("+86")
        number = phonenumbers.parse(self.e164)
        national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
        return "".join(filter(str.isdigit, national))


def read_phone(text: str) -> Phone | None:
    """One number, or None when it cannot be one. Without a country it is Chinese."""
    plain = unicodedata.normalize("NFKC", text).strip()
    extension = EXTENSION.search(plain)
    if extension:
        plain = plain[: extension.start()]
    bare = SEPARATORS.sub("", plain).removeprefix("+86")
    if BARE_MOBILE.fullmatch(bare):  # nearly all of them, and fifty times faster than the library
        return Phone(f"+86{bare}", extension[1] if extension else "")
    try:
        number = phonenumbers.parse(plain, "CN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    shared = phonenumbers.number_type(number) in SHARED or e164[3:6] in ("400", "800")
    return Phone(e164, extension[1] if extension else "", shared)


def read_phones(text: str) -> list[Phone] | None:
    """Every number in a field that may hold several (138…/139…), or None if one is unreadable."""
    pieces = [
        piece for piece in SEVERAL.split(unicodedata.normalize("NFKC", text)) if piece.strip()
    ]
    phones = [read_phone(piece) for piece in pieces]
    return None if None in phones else [phone for phone in phones if phone]


def phone_key(text: str) -> str:
    """The E.164 form of the first number that tells who it is, or ""."""
    return next((phone.key for phone in read_phones(text) or () if phone.key), "")


def masked(text: str) -> str:
    """138****5678: enough to recognise a number that one knows, too little to call it.

    Of a short one, such as a land line without its area code, four digits are hidden, too.
    """
    digits = "".join(filter(str.isdigit, text))
    seen = max(len(digits) - HIDDEN_DIGITS, 0)
    head = min(seen // 2, 3)
    tail = min(seen - head, 4)
    return digits[:head] + "*" * (len(digits) - head - tail) + digits[len(digits) - tail :]


def phone_from_cell(value: object) -> str | None:
    """What a spreadsheet cell says as text, or None when it has lost digits.

    A number cell usually holds every digit (13800138000.0). A text such as 1.38E+10 was rounded
    for display when the sheet was saved: only one that spells out all digits is read back.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        whole_digits = value == int(value)
        # Nobody's mobile ends in six zeros: such a number was rounded before it became a cell.
        was_rounded = value >= 10**10 and value % 10**6 == 0
        return str(int(value)) if whole_digits and not was_rounded else None
    text = unicodedata.normalize("NFKC", str(value)).strip().lstrip("'")
    if whole := FLOAT.fullmatch(text):
        return whole[1]
    if rounded := SCIENTIFIC.fullmatch(text):
        decimals, exponent = rounded[2] or "", int(rounded[3])
        return rounded[1] + decimals if len(decimals) == exponent else None
    return text
