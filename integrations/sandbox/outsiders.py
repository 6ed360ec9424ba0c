"""People outside of a pretend company, and which of its people have them in their chats."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

WECHAT, WECOM = 1, 2


@dataclass(slots=True)
class Outsider:
    """`kind` is WECHAT or WECOM; only who uses WeCom at work shows his company."""

    external_id: str
    name: str
    kind: int = WECHAT
    corp_name: str = ""
    gender: int = 0


@dataclass(slots=True)
class Acquaintance:
    """That a member has an outsider in his chat, and what he noted. `added_at` in seconds.

    `is_left`: the outsider deleted the member, who still has him.
    """

    outsider: Outsider
    user_id: str
    added_at: int
    remark: str = ""
    remark_corp_name: str = ""
    mobiles: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    add_way: int = 1  # by a QR code
    state: str = ""
    is_left: bool = False


class Outsiders:
    """Everybody outside whom the company's people know.

    `make` makes a member's acquaintances when he is first asked about, so that a company of fifty
    thousand costs nothing until then. `may` are the members with the function 客户联系; None: all.
    """

    def __init__(
        self,
        make: Callable[[str], Iterable[Acquaintance]] = lambda _user_id: (),
        everybody: Callable[[], Iterable[str]] = lambda: (),
    ) -> None:
        self._make, self._everybody = make, everybody
        self._by_member: dict[str, dict[str, Acquaintance]] = {}
        self.may: set[str] | None = None

    def __eq__(self, other: object) -> bool:
        """The same people so far: whom nobody has asked about yet is not compared."""
        mine = (self._by_member, self.may)
        return isinstance(other, Outsiders) and mine == (other._by_member, other.may)

    __hash__ = None  # type: ignore[assignment]

    def of(self, user_id: str) -> dict[str, Acquaintance]:
        """This member's acquaintances by the id of the outsider."""
        if user_id not in self._by_member:
            made = self._make(user_id)
            self._by_member[user_id] = {one.outsider.external_id: one for one in made}
        return self._by_member[user_id]

    def knowing(self, external_id: str) -> list[Acquaintance]:
        """Everybody's acquaintance with this outsider."""
        for user_id in self._everybody():
            self.of(user_id)
        return [known[external_id] for known in self._by_member.values() if external_id in known]

    def add(self, acquaintance: Acquaintance) -> Acquaintance:
        self.of(acquaintance.user_id)[acquaintance.outsider.external_id] = acquaintance
        return acquaintance

    def remove(self, user_id: str, external_id: str) -> None:
        del self.of(user_id)[external_id]


def external_id_of(number: int) -> str:
    """As WeCom's look: 32 characters beginning with `wm`."""
    return f"wmSandbox{number:023d}"
