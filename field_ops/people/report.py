"""What a reading of the host's organisation changed, for the page that shows it."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from .safety import Going

LISTED = 500  # entries that are kept of each kind; the counts are always complete
KINDS = (
    "added",
    "changed",
    "moved",
    "departed",
    "returned",
    "linked",
    "departments_added",
    "departments_changed",
    "departments_moved",
    "departments_removed",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One person or department. `before` and `after` hold only what differs."""

    name: str
    host_id: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class SyncReport:
    """`state` is `done`, `halted` (it would remove too many: repeat it with force) or `failed`.

    `kind` is `full`, `members` when only some were read again, `departments` when some of those
    were, too. `reason` says why it is not done.
    The first `LISTED` of each kind are there by name. `linked` are people of another host who were
    found on this one, too. `read_since`: nothing in a full reading is older. `read_members` and
    `read_departments` are how many a full reading found at the host; `would_go` is why it halted.
    """

    kind: str = "full"
    state: str = "done"
    reason: str = ""
    run_id: str = ""
    read_since: datetime | None = None
    read_members: int = 0
    read_departments: int = 0
    would_go: Going | None = None
    added: list[Entry] = field(default_factory=list)
    changed: list[Entry] = field(default_factory=list)
    moved: list[Entry] = field(default_factory=list)
    departed: list[Entry] = field(default_factory=list)
    returned: list[Entry] = field(default_factory=list)
    linked: list[Entry] = field(default_factory=list)
    departments_added: list[Entry] = field(default_factory=list)
    departments_changed: list[Entry] = field(default_factory=list)
    departments_moved: list[Entry] = field(default_factory=list)
    departments_removed: list[Entry] = field(default_factory=list)
    _counted: Counter[str] = field(default_factory=Counter)

    @property
    def counts(self) -> dict[str, int]:
        return {kind: self._counted[kind] for kind in KINDS}

    def tell(self, kind: str, entry: Callable[[], Entry]) -> None:
        """One more of this kind; `entry` is asked for as long as there is room for it."""
        self._counted[kind] += 1
        if self._counted[kind] <= LISTED:
            getattr(self, kind).append(entry())

    def to_payload(self) -> dict[str, Any]:
        """The report as JSON-ready data, for its row and for `--json`."""
        return {
            "kind": self.kind,
            "reason": self.reason,
            "read": {"members": self.read_members, "departments": self.read_departments},
            "would_go": asdict(self.would_go) if self.would_go else None,
            "counts": self.counts,
            **{kind: [_plain(entry) for entry in getattr(self, kind)] for kind in KINDS},
        }


def masked(value: str | None) -> str:
    """Enough of a phone number or address to see that it changed, and no more."""
    return f"…{value[-2:]}" if value else ""


def _plain(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "host_id": entry.host_id,
        "before": dict(entry.before),
        "after": dict(entry.after),
    }
