"""The migrations and the models say the same, on both databases."""

import asyncio

from alembic import command

from field_ops.db import Database
from field_ops.migrations import alembic_config, is_current, upgrade


async def test_models_and_migrations_agree(database_url: str, database: Database) -> None:
    await asyncio.to_thread(command.check, alembic_config(database_url))


async def test_a_second_upgrade_changes_nothing(database_url: str, database: Database) -> None:
    await upgrade(database_url)
    assert await is_current(database)
