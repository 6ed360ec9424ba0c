"""The pretend phones: who holds one, where it lies, and what it lets an app see.

Each browser has its own phone, so a rep and his lead can be played side by side.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .world import Company

MOST_PHONES = 500  # the console is a development tool: the oldest phone is forgotten
ANYWHERE = (31.2304, 121.4737)  # WGS-84; the middle of Shanghai, where no place is given


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to stand. WGS-84 degrees."""

    name: str
    lat: float
    lng: float
    customer_number: str = ""


@dataclass(slots=True)
class Phone:
    """`lat` and `lng` are WGS-84; `place` is where they were taken from, "" for a free spot.

    `position` is what an app that asks gets: `ok`, `denied` or `timeout`.
    """

    host: str
    user_id: str
    lat: float
    lng: float
    place: str = ""
    accuracy_m: float = 20
    provider: str = "gps"
    is_mock: bool = False
    position: str = "ok"
    online: bool = True
    language: str = "zh"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Phones:
    """A phone for each browser, found by the random value in its cookie."""

    def __init__(
        self, companies: Mapping[str, Company], places: Mapping[str, Sequence[Place]]
    ) -> None:
        self._companies = companies  # by host, as the places
        self._places = places
        self._phones: dict[str, Phone] = {}

    def find(self, key: str) -> tuple[str, Phone]:
        """The phone of that key, or a new one with a new key. A person who left gives it back."""
        phone = self._phones.get(key)
        if phone is None:
            key, phone = secrets.token_urlsafe(18), self._a_new_phone()
            self.keep(key, phone)
        company = self._companies.get(phone.host)
        if company is None or phone.user_id not in company.people:
            self._hand_to_the_first(phone)
        return key, phone

    def carry(self, phone: Phone, lat: float, lng: float) -> None:
        """Put the phone there, which may be one of the places that its company knows."""
        phone.lat, phone.lng = lat, lng
        at = (place.name for place in self.around(phone) if (place.lat, place.lng) == (lat, lng))
        phone.place = next(at, "")

    def arrive(self, phone: Phone) -> None:
        """Stand where a day of this company begins, unless the phone already lies at a place."""
        self.carry(phone, phone.lat, phone.lng)
        for first in self.around(phone)[:1]:
            if not phone.place:
                self.carry(phone, first.lat, first.lng)

    def around(self, phone: Phone) -> Sequence[Place]:
        return self._places.get(phone.host, ())

    def _a_new_phone(self) -> Phone:
        phone = Phone("", "", *ANYWHERE)
        self._hand_to_the_first(phone)
        self.arrive(phone)
        return phone

    def _hand_to_the_first(self, phone: Phone) -> None:
        for host, company in self._companies.items():
            phone.host, phone.user_id = host, first_holder(company)
            return

    def keep(self, key: str, phone: Phone) -> None:
        self._phones[key] = phone
        while len(self._phones) > MOST_PHONES:
            del self._phones[next(iter(self._phones))]


def first_holder(company: Company) -> str:
    """Who holds the phone when nobody was chosen: a rep if there is one."""
    active = [person for person in company.people.values() if person.active]
    reps = [person for person in active if not person.leads]
    return next((person.user_id for person in [*reps, *active]), "")
