"""Migrations: `upgrade(url)` brings a database to the newest version, as `waiqin migrate` does."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from ..db import Database

HERE = Path(__file__).parent


def alembic_config(url: str = "") -> Config:
    """Alembic's settings. `%` is doubled because its parser would read it as a reference."""
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("file_template", "%%(year)d-%%(month).2d-%%(day).2d_%%(slug)s")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


async def upgrade(url: str) -> None:
    """Bring the database at `url` to the newest version. Safe to repeat."""
    await asyncio.to_thread(command.upgrade, alembic_config(url), "head")


async def is_current(database: Database) -> bool:
    """Whether the database has every migration that this program knows."""

    def check(connection: Connection) -> bool:
        current = MigrationContext.configure(connection).get_current_heads()
        return set(current) == set(ScriptDirectory(str(HERE)).get_heads())

    async with database.engine.connect() as connection:
        return await connection.run_sync(check)
