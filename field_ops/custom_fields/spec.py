"""What a field is: its type, its rules, who sees it. Kept as JSON with its row, checked both ways.

The form engine describes its questions by the same words.
"""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool

from ..http.schemas import In
from ..texts import Text

FieldType = Literal[
    "text", "long_text", "number", "integer", "money", "score", "date", "moment", "yes_no",
    "choice", "choices", "phone", "email", "url", "barcode", "region", "member", "department",
    "customer", "formula",
]  # fmt: skip
Result = Literal["number", "text", "date", "yes_no"]
Level = Literal["HIDDEN", "MASKED", "READ", "EDIT"]
State = Literal["owned", "pool"]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$", examples=["shop_area"])]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["CNY"])]
Bound = Annotated[
    str,
    Field(
        max_length=32, description="A number, a date or a moment, as its type is", examples=["0"]
    ),
]
Color = Literal["grey", "blue", "green", "amber", "red"]
FieldValueIn = (
    StrictBool
    | int
    | float
    | Annotated[str, Field(max_length=5000)]
    | Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=100)]
    | dict[Literal["amount", "currency"], Annotated[str, Field(max_length=32)]]
    | None
)
FieldValueOut = bool | int | str | list[str] | dict[str, str] | None

MOST_OPTIONS = 500
MOST_WAVERING = 3  # parts of a pattern whose length is not fixed: more of them could take for ever

# A pattern is parts in a row, each a sign, a class or a set, with how often it comes.
SIGN, CLASS = r"[^\\\[\](){}|*+?^$.]|\.", r"\\[dwsDWS.\\\-+*?()\[\]{}|/^$]"
SET = r"\[\^?(?:[^\\\[\]]|\\[dwsDWS\\\]\[\-^])+\]"
ONCE = f"(?:{SIGN}|{CLASS}|{SET})"
OFTEN = r"(?:[*+?]|\{[0-9]{1,3}(?:,[0-9]{0,3})?\})?"
PATTERN = re.compile(f"(?:{ONCE}{OFTEN})+")
WAVERS = re.compile(f"{ONCE}(?:[*+?]|\\{{[0-9]{{1,3}},[0-9]{{0,3}}\\}})")


class Words(In):
    """One text in both languages; without English the Chinese is shown."""

    zh: str = Field(min_length=1, max_length=60, examples=["门店面积"])
    en: str = Field("", max_length=60, examples=["Shop area"])

    @property
    def text(self) -> Text:
        return Text(self.zh, self.en or self.zh)


class Help(In):
    zh: str = Field("", max_length=300)
    en: str = Field("", max_length=300)


class Option(In):
    """One of the values of a choice. A retired one stays readable and is not offered any more."""

    key: Key
    label: Words
    color: Color = "grey"
    is_retired: bool = False


class ShowIf(In):
    """Shown only while another field is one of these; or of a customer `level`, `type` or
    `customer_kind`, of a contact `role`."""

    field: Key
    any_of: list[Annotated[str, Field(max_length=200)]] = Field(min_length=1, max_length=50)


class FieldSpec(In):
    """A field as an administrator describes it. Rules that its type does not know are refused."""

    type: FieldType
    label: Words
    help: Help = Help()
    group: Words | None = Field(None, description="Under which heading it is shown")
    required: bool = Field(False, description="Whoever creates a record must fill it in")
    searchable: bool = Field(False, description="Found by the lookup, too")
    default: FieldValueIn = None
    min: Bound | None = None
    max: Bound | None = None
    decimals: int | None = Field(None, ge=0, le=6)
    unit: str = Field("", max_length=16, examples=["㎡"])
    min_length: int | None = Field(None, ge=1, le=5000)
    max_length: int | None = Field(None, ge=1, le=5000)
    pattern: str = Field(
        "",
        max_length=100,
        description="A regular expression for the whole text, without groups and alternatives",
        examples=[r"[A-Z]{2}\d{6}"],
    )
    pattern_hint: str = Field("", max_length=60, examples=["两个大写字母加六位数字"])
    currencies: list[Currency] = Field(default=["CNY"], min_length=1, max_length=20)
    options: list[Option] = Field(default_factory=list, max_length=MOST_OPTIONS)
    most_chosen: int | None = Field(None, ge=1, le=50)
    show_if: list[ShowIf] = Field(
        default_factory=list, max_length=5, description="All of them must hold"
    )
    access: dict[Annotated[str, Field(max_length=32)], dict[State, Level]] = Field(
        default_factory=dict,
        max_length=50,
        description="By role, where it is not open. A role that is not named may edit it",
    )
    formula: str = Field("", max_length=1000, examples=["round(yearly / 12, 2)"])

    def option(self, key: str) -> Option | None:
        return next((one for one in self.options if one.key == key), None)

    def with_result(self, result: Result) -> Self:
        """A formula's values are kept as those of what it results in."""
        return self.model_copy(update={"type": result})


def is_safe_pattern(pattern: str) -> bool:
    """Whether every text is told apart by it in no time."""
    if not PATTERN.fullmatch(pattern) or len(WAVERS.findall(pattern)) > MOST_WAVERING:
        return False
    try:
        re.compile(pattern)
    except (re.error, OverflowError):
        return False
    return True


def fits_pattern(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text, re.ASCII) is not None
