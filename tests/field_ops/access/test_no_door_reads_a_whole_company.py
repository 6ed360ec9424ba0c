"""What the doors ask SQLite is looked up by an index: with a million customers each takes as long
as with a hundred. The doors are those of `doors.py`, and SQLite itself says how it would go about
each statement."""

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from field_ops.app import operations
from tests.fakes import Clock

from .doors import DOORS
from .test_every_door_with_every_role import Office, ask, clock, office, on_one_database

__all__ = ["clock", "office"]

GROWS = frozenset(
    {
        "attachment", "audit_entry", "change", "contact", "customer", "customer_comment",
        "customer_key", "customer_location", "customer_relation", "customer_search",
        "customer_tag", "customer_visitor", "evidence_link", "field_value", "fix_record",
        "follow_up", "level_change", "outbox_message", "owner_change", "photo", "reminder",
        "visit", "visit_plan",
    }
)  # fmt: skip
ALL_OF_IT = re.compile(
    r"(?:SCAN (?=\w+(?: USING .*)?$)|SEARCH (?=\w+ USING .* \(tenant_id=\?\)$))(\w+)"
)
NAMED = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)(?:\s+AS\s+(\w+))?", re.IGNORECASE)

# A page in the order of its index, or a figure of all of them: what is asked for is the whole.
READ_ALL = {
    ("list_customers", "customer"),
    ("ask_for_export", "customer"),
    ("try_rules", "customer"),
    ("show_tag_settings", "customer_tag"),
    ("make_tag_group", "customer_tag"),
    ("merge_customers", "customer_visitor"),  # by person: an index more would cost each visit
}


@on_one_database
async def test_no_door_reads_all_that_a_company_has(
    office: Office, clock: Clock, tmp_path: Path
) -> None:
    asked: dict[str, Any] = {}
    engine = office.runtime.database.engine.sync_engine

    @event.listens_for(engine, "before_cursor_execute")
    def note(_one: Any, _two: Any, statement: str, values: Any, _three: Any, is_many: bool) -> None:
        asked[statement] = values[0] if is_many else values

    found: dict[tuple[str, str], str] = {}
    path = office.runtime.database.engine.url.database
    assert path
    with sqlite3.connect(path) as planner:
        for op in operations():
            for role in ("admin", "lead", "rep"):
                asker = office.askers[role]
                asked.clear()
                clock.forward(milliseconds=100)
                await ask(asker.page, op, DOORS[op.name], asker.has)
                for statement, values in asked.items():
                    for table in whole(planner, statement, values):
                        found.setdefault((op.name, table), statement)
    news = {key: statement for key, statement in found.items() if key not in READ_ALL}
    assert not news, "\n".join(f"{key}: {statement[:600]}" for key, statement in news.items())
    assert set(found) >= READ_ALL, "what is not so any more is not allowed any more"


def whole(planner: sqlite3.Connection, statement: str, values: Any = ()) -> set[str]:
    """The growing tables of which this statement would read all that a company has. An index of
    some of the rows leads to those alone."""
    asks = re.match(r"\s*(SELECT|WITH|UPDATE|DELETE|INSERT)", statement, re.IGNORECASE)
    if not asks or statement.endswith("WHERE 0 = 1"):  # nobody is in sight
        return set()
    names = {alias or table: table for table, alias in NAMED.findall(statement)}
    of_a_part = planner.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql LIKE '% WHERE %'"
    ).fetchall()
    found = set()
    for *_, line in planner.execute("EXPLAIN QUERY PLAN " + statement, values):
        read = ALL_OF_IT.match(line)
        if read and not any(f" {name} " in line for (name,) in of_a_part):
            found.add(names.get(read[1], read[1]))
    return found & GROWS


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_it_would_be_noticed(database_url: str) -> None:
    path = database_url.removeprefix("sqlite+aiosqlite:///")
    with sqlite3.connect(path) as planner:
        by_name = "SELECT id FROM customer AS c WHERE c.tenant_id = 1 AND c.name = 'x'"
        assert whole(planner, by_name) == {"customer"}
        assert not whole(planner, "SELECT id FROM customer WHERE tenant_id = 1 AND id = 'x'")
