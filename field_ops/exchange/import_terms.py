"""How a file is to be taken in, and what can become of a row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..texts import Text

Mode = Literal["create", "update", "upsert", "skip"]
Key = Literal["name_city", "phone", "credit_code", "number", "external_id"]
Outcome = Literal["created", "updated", "same", "skipped", "doubtful", "wrong"]

MODES: dict[Mode, Text] = {
    "create": Text("只新建", "create only"),
    "update": Text("只更新", "update only"),
    "upsert": Text("有则更新，无则新建", "update or create"),
    "skip": Text("有则跳过，无则新建", "skip or create"),
}
KEYS: dict[Key, Text] = {
    "name_city": Text("客户名称和城市", "name and city"),
    "phone": Text("电话", "phone"),
    "credit_code": Text("统一社会信用代码", "credit code"),
    "number": Text("客户编号", "number"),
    "external_id": Text("外部编号", "external id"),
}
# Of these columns one must be there, or no row could be told by the key.
COLUMNS_OF: dict[Key, tuple[str, ...]] = {
    "name_city": ("name",),
    "phone": ("phone", "mobile", "contact_phone"),
    "credit_code": ("credit_code",),
    "number": ("number",),
    "external_id": ("external_id",),
}


@dataclass(frozen=True, slots=True)
class Terms:
    """Which column is which field, and how a row meets a customer that is there already. `system`
    has given the external ids; a program whose token has this name has the same."""

    columns: Mapping[str, int]
    mode: Mode
    key: Key
    system: str = ""

    @property
    def creates(self) -> bool:
        return self.mode != "update"

    @property
    def updates(self) -> bool:
        return self.mode in ("update", "upsert")
