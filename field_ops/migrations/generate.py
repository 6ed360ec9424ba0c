"""`make migration NAME="…"`: write a dated migration from the difference to the models."""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command

from . import alembic_config, upgrade


def main() -> None:
    """Compare the models with a fresh database that has every migration."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if not name:
        sys.exit('say what it does: make migration NAME="add competitor_seen to visits"')
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'compare.sqlite3'}"
        asyncio.run(upgrade(url))
        command.revision(alembic_config(url), name, autogenerate=True)


if __name__ == "__main__":
    main()
