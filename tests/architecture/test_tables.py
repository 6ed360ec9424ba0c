"""Every table belongs to a tenant, and is reached through its tenant."""

import pytest
from sqlalchemy import Table, UniqueConstraint

from field_ops.models import metadata

OF_THE_WHOLE_INSTALLATION = {
    "tenant": "it is what the others belong to",
    "lease": "workers share the installation, not a company",
}
NUMBERED_OVER_ALL_TENANTS = {
    "customer_search": "its key numbers documents, of which bitmaps of 32 bits are made",
}
UNIQUE_OVER_ALL_TENANTS = {
    ("host_connection", "name"): "the callback address names host and connection only",
}
TABLES = [t for t in metadata.sorted_tables if t.name not in OF_THE_WHOLE_INSTALLATION]


@pytest.fixture(params=TABLES, ids=lambda table: table.name)
def table(request: pytest.FixtureRequest) -> Table:
    found: Table = request.param
    return found


def test_every_row_says_whose_it_is(table: Table) -> None:
    assert not table.c.tenant_id.nullable


@pytest.mark.parametrize(
    "table",
    [t for t in TABLES if t.name not in NUMBERED_OVER_ALL_TENANTS],
    ids=lambda table: table.name,
)
def test_the_primary_key_begins_with_the_tenant(table: Table) -> None:
    assert next(iter(table.primary_key.columns)).name == "tenant_id"


def test_every_index_begins_with_the_tenant(table: Table) -> None:
    """Otherwise a big company's rows would slow down the questions of a small one."""
    elsewhere = [index.name for index in table.indexes if _first(index.columns) != "tenant_id"]
    assert elsewhere == []


def test_what_is_unique_is_so_within_a_tenant(table: Table) -> None:
    uniques = [c for c in table.constraints if isinstance(c, UniqueConstraint)]
    elsewhere = [
        unique.name
        for unique in uniques
        if _first(unique.columns) != "tenant_id"
        and (table.name, list(unique.columns)[-1].name) not in UNIQUE_OVER_ALL_TENANTS
    ]
    assert elsewhere == []


def _first(columns: object) -> str:
    return str(next(iter(columns)).name)  # type: ignore[call-overload]
