"""What SQLite is to expect of the tables, instead of what it would guess without statistics.

It guesses that a company has ten rows of anything. Then reading all that a company has looks as
good as reading ten rows by an index, and where an order is asked for or the key alone has every
column, it does so: the places of one customer were looked for among those of a million (400 ms
instead of 0.4).

`ANALYZE` would count what is there now, which is nothing in a new database, and other plans would
be made after the first import. So it is told the same everywhere: ten companies of a hundred
thousand rows in each table, and a few rows of whatever else an index names. With few rows every
plan is good. Source: "The sqlite_stat1 table", https://www.sqlite.org/fileformat2.html#stat1tab,
which says that a program may write it.
"""

from sqlalchemy import Connection, text

ROWS = 1_000_000
COMPANIES = 10
OF_A_VALUE = 10  # rows that have the same value of a column, say of one customer
# Columns with few values: they leave a fifth.
WITH_FEW_VALUES = frozenset(
    {"state", "how", "kind", "status", "rule", "what", "level", "subject", "customer_kind"}
    | {"type", "source", "host", "is_main", "is_leader", "removed_at"}
)
IN_A_PART = 100  # an index of some of the rows has one of so many

Expected = tuple[str, str | None, str]  # table, index, counts: a row of sqlite_stat1


def expect_a_large_company(connection: Connection) -> None:
    """Tell SQLite, for its connections that are opened from now on. Writes only what is news."""
    wanted = sorted(_expected(connection), key=str)
    connection.execute(text("ANALYZE sqlite_schema"))  # makes sqlite_stat1, and counts nothing
    known = connection.execute(text("SELECT tbl, idx, stat FROM sqlite_stat1")).all()
    if sorted(map(tuple, known), key=str) == wanted:
        return
    connection.execute(text("DELETE FROM sqlite_stat1"))
    connection.execute(
        text("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (:tbl, :idx, :stat)"),
        [{"tbl": table, "idx": index, "stat": counts} for table, index, counts in wanted],
    )


def _expected(connection: Connection) -> list[Expected]:
    tables = connection.execute(text("SELECT name, sql FROM sqlite_schema WHERE type = 'table'"))
    found: list[Expected] = []
    for table, sql in tables.all():
        if table.startswith("sqlite_"):
            continue
        has_rowid = "WITHOUT ROWID" not in sql.upper()
        indexes = connection.exec_driver_sql(f"PRAGMA index_list('{table}')").all()
        if not indexes:
            found.append((table, None, str(ROWS)))
        for _, name, is_unique, origin, is_partial in indexes:
            columns = connection.exec_driver_sql(f"PRAGMA index_info('{name}')").all()
            names = [column[2] for column in columns]
            counts = _counts(names, is_unique=bool(is_unique), is_partial=bool(is_partial))
            is_the_table = origin == "pk" and not has_rowid
            found.append((table, table if is_the_table else name, counts))
    return found


def _counts(columns: list[str], *, is_unique: bool, is_partial: bool) -> str:
    """How many rows an index has, and how many of them are equal in the first columns: in the
    first one, the first two, and so on."""
    rows = ROWS // IN_A_PART if is_partial else ROWS
    counts, left = [rows], rows
    for name in columns:
        if name == "tenant_id":
            left = max(left // COMPANIES, OF_A_VALUE)
        elif name in WITH_FEW_VALUES:
            left = max(left // 5, OF_A_VALUE)
        else:
            left = min(max(left - 1, 2), OF_A_VALUE)
        counts.append(left)
    if is_unique:
        counts[-1] = 1
    return " ".join(map(str, counts))
