"""A PostgreSQL for the tests: the one that is named, the one that runs here, or one of our own.

`WAIQIN_TEST_POSTGRES_URL` names a server where this user may create databases. Without it the local
server is tried (on `PGPORT`, else 5432), and then one of our own is started from the installed
programs, in a temporary folder and for as long as it is needed.
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

OLDEST = 15
HOW_TO_INSTALL = (
    f"The tests need PostgreSQL {OLDEST} or newer: `sudo apt-get install postgresql`, or set "
    "WAIQIN_TEST_POSTGRES_URL to a server on which databases may be created."
)

# A table without a page has no row; asking for its size reads no table. One round trip for all.
EMPTY = text("""
DO $$
DECLARE written record;
BEGIN
  FOR written IN
    SELECT oid::regclass AS name FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
      AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0
  LOOP
    EXECUTE format('DELETE FROM %s', written.name);
  END LOOP;
END $$
""")

AFTERWARDS = 'read -r _; "$1" -D "$2/data" -m immediate stop 2>&1; rm -rf "$2"'


@asynccontextmanager
async def scratch_database(*, durable: bool = True) -> AsyncIterator[str]:
    """An empty database, as an SQLAlchemy address; dropped at the end.

    Without `durable` a commit does not wait for the disk, which only a test of power cuts would
    notice.
    """
    async with server() as address:
        name = f"waiqin_test_{os.getpid()}"
        admin = await asyncpg.connect(address)
        await admin.execute(f'DROP DATABASE IF EXISTS "{name}"')
        await admin.execute(f'CREATE DATABASE "{name}"')
        if not durable:
            await admin.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
        base, _, _ = address.rpartition("/")
        try:
            yield f"{base}/{name}".replace("postgresql://", "postgresql+asyncpg://", 1)
        finally:
            await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            await admin.close()


async def empty(connection: AsyncConnection) -> None:
    """Delete every row. Not by TRUNCATE, which makes new files for each table and index of it."""
    await connection.execute(EMPTY)


@asynccontextmanager
async def server() -> AsyncIterator[str]:
    """The address of a database `postgres` on a running server. Raises `RuntimeError` with one
    line that says what to install."""
    named = os.environ.get("WAIQIN_TEST_POSTGRES_URL")
    address = (
        named or f"postgresql://postgres@127.0.0.1:{os.environ.get('PGPORT', '5432')}/postgres"
    )
    useless = await _why_useless(address)
    if useless is None:
        yield address
    elif named:
        raise RuntimeError(f"The server that WAIQIN_TEST_POSTGRES_URL names {useless}.")
    else:
        with _own_server() as own:
            if await _why_useless(own) is not None:
                raise RuntimeError(HOW_TO_INSTALL)  # the programs that are here are too old
            yield own


async def _why_useless(address: str) -> str | None:
    """Why the tests cannot use this server; None when they can."""
    try:
        connection = await asyncpg.connect(address, timeout=10)
    except (OSError, TimeoutError):
        return "does not answer"
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as failure:
        return f"does not let us in: {failure}"
    try:
        major = connection.get_server_version().major
        may = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
        if major < OLDEST:
            return f"is PostgreSQL {major}, and {OLDEST} or newer is needed"
        return None if await connection.fetchval(may) else "does not let us create databases"
    finally:
        await connection.close()


@contextmanager
def _own_server() -> Iterator[str]:
    programs = _programs()
    if programs is None:
        raise RuntimeError(HOW_TO_INSTALL)
    folder, port = Path(tempfile.mkdtemp(prefix="waiqin-pg-")), _free_port()
    user = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    if user:
        shutil.chown(folder, user)
    data = folder / "data"

    def run(program: str, *arguments: str | Path) -> None:
        command = [programs / program, "-D", data, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, user=user, cwd=folder)
        if done.returncode != 0:
            raise RuntimeError(f"PostgreSQL's {program} failed: {done.stderr.strip()}")

    # It waits until our end of its pipe is closed, which happens however we end.
    guard = ["sh", "-c", AFTERWARDS, "sh", programs / "pg_ctl", folder]
    with subprocess.Popen(
        guard, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, user=user, start_new_session=True
    ):
        run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale", "--no-sync")
        # No socket file: its path would have to be short and without a space.
        options = f"-p {port} -k '' -c listen_addresses=127.0.0.1 -c fsync=off"
        run("pg_ctl", "-w", "-o", options, "-l", data / "log", "start")
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _programs() -> Path | None:
    """The folder of the newest `initdb` and its companions."""
    packaged = Path("/usr/lib/postgresql").glob("*/bin/initdb")  # Debian keeps them off the PATH
    by_version = {int(path.parts[-3]): path for path in packaged if path.parts[-3].isdigit()}
    newest = by_version[max(by_version)] if by_version else None
    found = newest or shutil.which("initdb")
    return Path(found).resolve().parent if found else None
