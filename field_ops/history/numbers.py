"""Short numbers that people say aloud: C-000123, V-20260310-0007."""

from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ..db import is_sqlite
from ..work import Work
from .models import NumberSequence


async def next_number(work: Work, kind: str, digits: int) -> str:
    """The next number of this kind, e.g. `next_number(work, "C", 6)` → `C-000124`.

    Taken in the caller's transaction: a rollback gives it back, and nobody waits for it longer than
    that transaction.
    """
    return f"{kind}-{await take_numbers(work, kind, 1):0{digits}d}"


async def take_numbers(work: Work, kind: str, count: int) -> int:
    """Take `count` numbers at once; returns the first of them."""
    insert = sqlite_insert if is_sqlite(work.session) else postgres_insert
    statement = (
        insert(NumberSequence)
        .values(tenant_id=work.tenant_id, kind=kind, last=count)
        .on_conflict_do_update(
            index_elements=["tenant_id", "kind"], set_={"last": NumberSequence.last + count}
        )
        .returning(NumberSequence.last)
    )
    last = (await work.session.execute(statement)).scalar_one()
    return int(last) - count + 1
