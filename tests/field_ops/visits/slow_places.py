"""Where a customer's doors are, reckoned again from all that happened: slowly, over plain dicts.

It shares nothing with the product but the distance between two points. Of the check-ins that count
it tries every subset, where the product looks for circles of friends.
"""

from itertools import combinations
from typing import Any

from field_ops.geo import Point

WITHIN_M, FREE_M = 100, 200
Row = dict[str, Any]


class SlowPlaces:
    """`rows` are the places that ever were, the oldest first; `events` the check-ins so far."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows
        self.events: list[Row] = []

    def present(self) -> list[Row]:
        return [row for row in self.rows if row["status"] != "past"]

    def check_in(self, event: Row) -> None:
        """Of `event`: at, day, who, point, accuracy_m, mock; `short` is added when it is over."""
        self.events.append(event)
        if event["mock"]:
            return
        here = event["point"]
        if not self.present():
            self.add(here, ("main", ""), "proposed", event["at"], by=event["who"])
            return
        if event["accuracy_m"] > 100:
            return
        door = self.door_at(here)
        mine = [row for row in self.present() if row["door"] == door]
        confirmed = [row for row in mine if row["status"] == "confirmed"]
        if confirmed and confirmed[0]["point"].distance_m(here) <= WITHIN_M:
            return
        seen = self.seen_at(door)
        if confirmed:
            since = confirmed[0]["confirmed_at"]
            self.move(confirmed[0], mine, [one for one in seen if one["at"] > since], event)
        else:
            self.settle(door, mine, seen, event)

    def seen_at(self, door: tuple[str, str]) -> list[Row]:
        """The honest ones at this door since somebody answered, the newest first."""
        answers = [
            row["closed_at"]
            for row in self.rows
            if row["door"] == door
            and row["closed_at"]
            and (row["source"] == "check_in" or row["confirmed_at"])
        ]
        return [
            event
            for event in reversed(self.events)
            if event["accuracy_m"] <= 100
            and not event["mock"]
            and not event.get("short")
            and self.door_at(event["point"]) == door
            and all(event["at"] > one for one in answers)
        ]

    def settle(self, door: tuple[str, str], mine: list[Row], seen: list[Row], event: Row) -> None:
        for row in reversed(mine):
            if group := agreement(seen[:12], row["point"]):
                for one in mine:
                    one["status"] = "past"
                self.add(middle(group), door, "confirmed", event["at"], how="check_ins", old=row)
                return
        if all(row["point"].distance_m(event["point"]) > WITHIN_M for row in mine):
            self.add(event["point"], door, "proposed", event["at"], by=event["who"])

    def move(self, old: Row, mine: list[Row], seen: list[Row], event: Row) -> None:
        group = agreement(seen[:12], None)
        if not group:
            return
        there = middle(group)
        away = old["point"].distance_m(there)
        if away <= WITHIN_M:
            return
        firm = old
        while firm["how"] == "moved":
            firm = firm["old"]
        waiting = [row for row in mine if row["status"] == "proposed"]
        in_all = max(away, firm["point"].distance_m(there))
        if in_all <= FREE_M and len({one["who"] for one in group}) > 1:
            for row in waiting:
                if row["point"].distance_m(there) <= row["point"].distance_m(old["point"]):
                    row["status"] = "past"
            old["status"] = "past"
            self.add(there, old["door"], "confirmed", event["at"], how="moved", old=old)
        elif all(row["point"].distance_m(there) > WITHIN_M for row in waiting):
            self.add(there, old["door"], "proposed", event["at"], old=old)

    def confirm(self, row: Row, now: Any) -> None:
        old = None
        for one in self.present():
            if one["door"] == row["door"] and one is not row:
                old = one if one["status"] == "confirmed" else old
                one["status"] = "past"
        row |= {"status": "confirmed", "confirmed_at": now, "how": "lead", "old": old}

    def close(self, row: Row, now: Any) -> None:
        row |= {"status": "past", "closed_at": now}

    def undo(self, row: Row, now: Any) -> None:
        self.close(row, now)
        row["old"]["status"] = "confirmed" if row["old"]["confirmed_at"] else "proposed"

    def door_at(self, point: Point) -> tuple[str, str]:
        places = self.present()
        if not places:
            return ("main", "")
        found: tuple[str, str] = min(places, key=lambda row: row["point"].distance_m(point))["door"]
        return found

    def add(
        self, point: Point, door: tuple[str, str], status: str, now: Any, *, how: str = "",
        by: str | None = None, old: Row | None = None, source: str = "check_in",
    ) -> Row:  # fmt: skip
        row = {
            "point": point, "door": door, "status": status, "how": how, "by": by, "old": old,
            "confirmed_at": now if status == "confirmed" else None, "closed_at": None,
            "source": source,
        }  # fmt: skip
        self.rows.append(row)
        return row


def agreement(seen: list[Row], near: Point | None) -> list[Row]:
    """Of the fewest newest that settle it, the best subset by brute force."""
    for count in range(3, len(seen) + 1):
        newest = seen[:count]
        fitting = []
        for size in range(count, 2, -1):
            for places in combinations(range(count), size):
                group = [newest[place] for place in places]
                if near and any(near.distance_m(one["point"]) > WITHIN_M for one in group):
                    continue
                if any(
                    one["point"].distance_m(other["point"]) > WITHIN_M
                    for one, other in combinations(group, 2)
                ):
                    continue
                days = len({one["day"] for one in group})
                if days >= 2 and size > count / 2:
                    fitting.append((-size, -days, places))
        if fitting:
            return [newest[place] for place in min(fitting)[2]]
    return []


def middle(group: list[Row]) -> Point:
    def half_way(values: list[float]) -> float:
        values = sorted(values)
        upper, lower = values[len(values) // 2], values[(len(values) - 1) // 2]
        return (upper + lower) / 2

    return Point(
        half_way([one["point"].lat for one in group]), half_way([one["point"].lng for one in group])
    )
