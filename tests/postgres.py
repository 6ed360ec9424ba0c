"""A PostgreSQL for the tests: the one that is named, the one that runs here, or one of our own.

`WAIQIN_TEST_POSTGRES_URL` names a server where this user may create databases. Without it the local
server is tried, and then a temporary one is started from the installed programs (not as root, which
PostgreSQL refuses).
"""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

HOW_TO_INSTALL = (
    "The tests need PostgreSQL 15 or newer: `sudo apt-get install postgresql`, or set "
    "WAIQIN_TEST_POSTGRES_URL to a server on which databases may be created."
)


@asynccontextmanager
async def scratch_database() -> AsyncIterator[str]:
    """An empty database, as an SQLAlchemy address; dropped at the end."""
    with server() as address:
        name = f"waiqin_test_{os.getpid()}"
        admin = await asyncpg.connect(address)
        await admin.execute(f'DROP DATABASE IF EXISTS "{name}"')
        await admin.execute(f'CREATE DATABASE "{name}"')
        base, _, _ = address.rpartition("/")
        try:
            yield f"{base}/{name}".replace("postgresql://", "postgresql+asyncpg://", 1)
        finally:
            await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            await admin.close()


async def empty(connection: AsyncConnection) -> None:
    """Delete every row. Only tables that have any are touched: TRUNCATE of all takes a third of a
    second, and the suite does this a thousand times."""
    found = await connection.execute(
        text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    )
    names = [name for (name,) in found if name != "alembic_version"]
    probe = " UNION ALL ".join(
        f"(SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\"))" for name in names
    )
    for (name,) in (await connection.execute(text(probe))).all():
        await connection.execute(text(f'DELETE FROM "{name}"'))


@contextmanager
def server() -> Iterator[str]:
    """The address of a database `postgres` on a running server."""
    named = os.environ.get("WAIQIN_TEST_POSTGRES_URL")
    if named:
        yield named
        return
    local = "postgresql://postgres@127.0.0.1:5432/postgres"
    if _answers(local):
        yield local
        return
    with _own_server() as address:
        yield address


def _answers(address: str) -> bool:
    """Whether a server is there and lets us in without a password."""
    psql = shutil.which("psql")
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex(("127.0.0.1", 5432)) != 0:
            return False
    if psql is None:
        return True
    return subprocess.run([psql, address, "-wqc", "SELECT 1"], capture_output=True).returncode == 0


@contextmanager
def _own_server() -> Iterator[str]:
    programs = _programs()
    if programs is None or os.geteuid() == 0:
        raise RuntimeError(HOW_TO_INSTALL)
    with tempfile.TemporaryDirectory(prefix="waiqin-pg-") as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        data = Path(folder) / "data"
        run = [programs / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8"]
        subprocess.run(run, check=True, capture_output=True)
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        start = [programs / "pg_ctl", "-D", data, "-w", "-o", options, "-l", data / "log", "start"]
        subprocess.run(start, check=True, capture_output=True)
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            stop = [programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"]
            subprocess.run(stop, check=True, capture_output=True)


def _programs() -> Path | None:
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None
