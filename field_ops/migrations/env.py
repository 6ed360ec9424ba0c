"""How Alembic reaches our tables. The same scripts run on SQLite and PostgreSQL."""

import asyncio
from typing import Any

from alembic import context
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

from field_ops.models import metadata
from field_ops.sqlite_expectations import expect_a_large_company

OURS = set(metadata.tables)


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Tables that a migration made by hand (the search index) are not Alembic's to compare."""
    return kind != "table" or name in OURS


def run(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        # A batch change rebuilds the table; with foreign keys on, dropping the old one would
        # delete its children. The pragma does nothing inside a transaction, so it comes first.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        include_name=include_name,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            expect_a_large_company(connection)


async def migrate() -> None:
    engine = create_async_engine(
        context.config.get_main_option("sqlalchemy.url") or "", poolclass=pool.NullPool
    )
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


asyncio.run(migrate())
