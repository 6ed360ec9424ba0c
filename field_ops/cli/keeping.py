"""`waiqin migrate`, `doctor`, `backup`, `restore`, `openapi`: keeping an installation in order."""

import os
import shutil
import sqlite3
import sys
import tarfile
import tempfile
import zlib
from pathlib import Path

import click
from sqlalchemy import text

from .. import logs
from ..app import api_document
from ..http.openapi import without_examples
from ..http.pages import h5_folder
from ..migrations import is_current, upgrade
from ..runtime import Runtime, database_file, open_runtime
from ..settings import unknown_settings
from .common import as_json, fail, run_async, settings_from_environment

DATABASE_NAME = "waiqin.sqlite3"


@click.command()
@run_async
async def migrate_command() -> None:
    """Bring the database to this version. Safe to repeat."""
    settings = settings_from_environment()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    await upgrade(settings.async_database_url)
    click.echo("the database is up to date")


@click.command()
@click.option("--no-examples", is_flag=True, help="For generators that would copy them.")
def openapi_command(no_examples: bool) -> None:
    """Print the OpenAPI document."""
    document = api_document()
    as_json(without_examples(document) if no_examples else document)


@click.command()
@click.option("--json", "json_", is_flag=True, help="Machine-readable output.")
@run_async
async def doctor_command(json_: bool) -> None:
    """Look for what is usually wrong, and say what to do about it."""
    settings = settings_from_environment()
    logs.set_up(settings.log_format, "error")
    async with open_runtime(settings) as runtime:
        found = [*_environment(runtime), *await _database(runtime), *_pages(), *_disk(runtime)]
    if json_:
        as_json([{"ok": ok, "what": what, "do": do} for ok, what, do in found])
    else:
        for ok, what, do in found:
            click.echo(f"{'ok  ' if ok else 'FIX '} {what}" + ("" if ok else f" — {do}"))
    if not all(ok for ok, _, _ in found):
        sys.exit(1)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup_command(file: Path) -> None:
    """Write database, photos and key into FILE (.tar.gz) while the program runs (SQLite only)."""
    settings = settings_from_environment()
    source = database_file(settings)
    if source is None:
        fail("on PostgreSQL use pg_dump for the database and copy the data folder")
    if not source.exists():
        fail(f"there is no database at {source}")
    with tempfile.TemporaryDirectory(prefix="waiqin-backup-") as folder:
        copy = Path(folder) / DATABASE_NAME
        with sqlite3.connect(source) as live, sqlite3.connect(copy) as kept:
            live.backup(kept)
        draft = file.with_name(file.name + ".part")
        # The archive holds the secret key: nobody else may read it.
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as out, tarfile.open(fileobj=out, mode="w:gz") as archive:
            archive.add(copy, DATABASE_NAME)
            for name in ("files", "secret_key"):
                if (settings.data_dir / name).exists():
                    archive.add(settings.data_dir / name, name)
        draft.replace(file)
    click.echo(f"kept in {file} ({file.stat().st_size // 1024} kB)")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@run_async
async def restore_command(file: Path) -> None:
    """Unpack a backup into an empty data folder (WAIQIN_DATA_DIR)."""
    settings = settings_from_environment()
    target = database_file(settings)
    if target is None:
        fail("on PostgreSQL use pg_restore for the database")
    if target.exists():
        fail(f"{target} exists: restore only into an empty data folder")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.data_dir) as folder:
        if not unpack(file, Path(folder)) or not (Path(folder) / DATABASE_NAME).exists():
            fail(f"{file} is not a backup of Waiqin")
        for name in ("files", "secret_key"):
            if (Path(folder) / name).exists():
                shutil.move(Path(folder) / name, settings.data_dir / name)
        shutil.move(Path(folder) / DATABASE_NAME, target)
    await upgrade(settings.async_database_url)
    click.echo(f"restored into {settings.data_dir}")


def unpack(file: Path, folder: Path) -> bool:
    """Unpack an archive of files and folders. False when it is none, or leads out of `folder`.

    By hand, because Python before 3.11.4 has no `filter="data"`.
    """
    folder = folder.resolve()
    try:
        with tarfile.open(file) as archive:
            for member in archive:
                target = (folder / member.name).resolve()
                if not target.is_relative_to(folder) or not (member.isfile() or member.isdir()):
                    return False
                if member.isdir():
                    target.mkdir(parents=True, exist_ok=True)
                elif kept := archive.extractfile(member):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with target.open("wb") as out:
                        shutil.copyfileobj(kept, out)
                    target.chmod(member.mode & 0o700)
    except (tarfile.TarError, EOFError, zlib.error):
        return False
    return True


Finding = tuple[bool, str, str]


def _environment(runtime: Runtime) -> list[Finding]:
    unknown = unknown_settings()
    tls = runtime.settings.served_over_tls
    url = runtime.settings.public_url
    local = "127.0.0.1" in url or "localhost" in url
    return [
        (not unknown, "settings", f"these names are not known: {', '.join(unknown)}"),
        (
            tls or local,
            "public address",
            f"hosts only open https pages; WAIQIN_PUBLIC_URL is {url}",
        ),
    ]


async def _database(runtime: Runtime) -> list[Finding]:
    try:
        async with runtime.database.reading() as session:
            await session.execute(text("SELECT 1"))
        current = await is_current(runtime.database)
    except Exception as failure:  # whatever it is, it is the finding
        return [(False, "database", f"it cannot be opened: {type(failure).__name__}")]
    return [(True, "database", ""), (current, "migrations", "run `waiqin migrate`")]


def _pages() -> list[Finding]:
    return [(h5_folder() is not None, "pages", "build them: `make h5` in the checkout")]


def _disk(runtime: Runtime) -> list[Finding]:
    free = shutil.disk_usage(runtime.settings.data_dir).free
    enough = free > 1024**3
    return [(enough, "disk", f"only {free // 1024**2} MB are free in {runtime.settings.data_dir}")]
