"""What an import should do, the slow way: every row against every customer, one after the other.

It shares no code with the import but the normal forms of names and phones. Companies only.
"""

from dataclasses import dataclass, field, replace

from field_ops.customers.names import city_key, full_name_key
from field_ops.customers.phones import phone_key

Row = dict[str, str]


@dataclass(frozen=True)
class Person:
    name: str
    title: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Record:
    """A customer of the model, as far as files change it."""

    name: str
    phone: str = ""
    city: str = ""
    level: str = "C"
    note: str = ""
    code: str = ""
    owner: str = ""
    external: frozenset[str] = frozenset()
    people: tuple[Person, ...] = ()
    number: str = ""

    @property
    def mobiles(self) -> set[str]:
        keys = {phone_key(one) for one in (self.phone, *(one.phone for one in self.people))}
        return {key for key in keys if key.startswith("+861")}


@dataclass
class Model:
    """`records` is the company; `outcomes` what became of each row."""

    records: list[Record]
    owners: set[str]
    mode: str = "create"
    key: str = "name_city"
    outcomes: list[str] = field(default_factory=list)
    seen: list[Record] = field(default_factory=list)  # what rows of this file were about

    def take_in(self, rows: list[Row]) -> None:
        for row in rows:
            self.outcomes.append(self._row({key: text for key, text in row.items() if text}))

    def _row(self, row: Row) -> str:
        if row.get("level", "A") not in "ABCD":  # a cell that cannot be read
            return "wrong"
        found = [one for one in self.records if self._fits(one, row)]
        if self.key == "name_city" and (city := city_key(row.get("city", ""), row["name"])):
            here = [one for one in found if city_key(one.city, one.name) == city]
            found = here or [one for one in found if not city_key(one.city, one.name)]
        if len(found) > 1:
            return "wrong"
        if found and any(found[0] is one for one in self.seen):
            return "skipped" if self.mode == "skip" else "wrong"
        if found:
            return self._change(found[0], row)
        return self._create(row)

    def _fits(self, one: Record, row: Row) -> bool:
        match self.key:
            case "name_city":
                return full_name_key(one.name) == full_name_key(row["name"])
            case "phone":
                asked = phone_key(row.get("phone", "")) or phone_key(row.get("contact_phone", ""))
                return bool(asked) and (asked in one.mobiles or asked == phone_key(one.phone))
            case "credit_code":
                return bool(row.get("credit_code")) and one.code == row["credit_code"]
            case "external_id":
                return row.get("external_id", "") in one.external
            case _:
                return bool(row.get("number")) and one.number == row["number"]

    def _create(self, row: Row) -> str:
        if self.mode == "update" or (self.key == "number" and row.get("number")):
            return "wrong"
        if not (row.get("phone") or row.get("contact_phone")) or self._is_bad(row):
            return "wrong"
        people = (self._person(row),) if self._person(row) else ()
        external = frozenset(filter(None, [row.get("external_id", "")]))
        new = Record(
            row["name"], row.get("phone", ""), row.get("city", ""), row.get("level", "C"),
            row.get("note", ""), row.get("credit_code", ""), row.get("owner", "管理员"), external,
            tuple(filter(None, people)),
        )  # fmt: skip
        return self._put(new, None, "created")

    def _change(self, one: Record, row: Row) -> str:
        if self.mode == "create":
            return "wrong"
        if self.mode == "skip":
            return "skipped"
        if self._is_bad(row):
            return "wrong"
        now = replace(
            one,
            level=row.get("level", one.level), note=row.get("note", one.note),
            code=row.get("credit_code", one.code), owner=row.get("owner", one.owner),
            external=frozenset([row["external_id"]]) if "external_id" in row else one.external,
            people=self._people(one, row),
        )  # fmt: skip
        if "phone" in row and phone_key(row["phone"]) != phone_key(one.phone):
            now = replace(now, phone=row["phone"])
        if self.key != "name_city":
            now = replace(now, name=row["name"], city=row.get("city", one.city))
        elif not one.city:
            now = replace(now, city=row.get("city", ""))
        return self._put(now, one, "same" if now == one else "updated")

    def _put(self, now: Record, before: Record | None, outcome: str) -> str:
        """Unless somebody else has its name, a mobile, its code or its number elsewhere."""
        others = [one for one in self.records if one is not before]
        for other in others:
            if (
                full_name_key(other.name) == full_name_key(now.name)
                or other.mobiles & now.mobiles
                or (now.code and other.code == now.code)
                or other.external & now.external
            ):
                return "wrong"
        self.records = [*others, now]
        self.seen.append(now)
        return outcome

    def _is_bad(self, row: Row) -> bool:
        return row.get("owner", "李雷") not in self.owners

    def _person(self, row: Row) -> Person | None:
        name, phone = row.get("contact_name", ""), row.get("contact_phone", "")
        return Person(name or "联系人", "", phone) if name or phone else None

    def _people(self, one: Record, row: Row) -> tuple[Person, ...]:
        given = self._person(row)
        if given is None:
            return one.people
        phone = phone_key(given.phone)
        known = next((p for p in one.people if phone and phone_key(p.phone) == phone), None)
        known = known or next((p for p in one.people if p.name == given.name), None)
        if known is None:
            return (*one.people, given)
        name = known.name if given.name == "联系人" else given.name
        changed = Person(name, known.title, given.phone or known.phone)
        return tuple(changed if p is known else p for p in one.people)
