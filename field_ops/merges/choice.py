"""Which of two values a merged customer keeps: the newest that is not empty, unless picked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Side = Literal["master", "loser"]

FIELDS = (
    "name",
    "customer_kind",
    "type",
    "level",
    "lifecycle_stage",
    "place_class",
    "radius_m",
    "phone",
    "credit_code",
    "email",
    "city",
    "address",
    "source",
    "note",
)

OWN = "custom."  # before the key of a field that the company made


@dataclass(frozen=True, slots=True)
class Choice:
    """Both values of a field, and whose is kept."""

    field: str
    master: Any
    loser: Any
    kept: Side

    @property
    def value(self) -> Any:
        return self.master if self.kept == "master" else self.loser


def choose(
    field: str,
    master: Any,
    loser: Any,
    changed_at: Mapping[Side, datetime],
    picked: Side | None = None,
) -> Choice:
    """`changed_at`: when each record's value was entered. Of two equally new the master's stays."""
    if picked is not None:
        return Choice(field, master, loser, picked)
    if _is_empty(loser) or master == loser:
        return Choice(field, master, loser, "master")
    if _is_empty(master) or changed_at["loser"] > changed_at["master"]:
        return Choice(field, master, loser, "loser")
    return Choice(field, master, loser, "master")


def _is_empty(value: Any) -> bool:
    return value is None or value == ""
