"""Where the commands work."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def folder(sqlite_template: Path, tmp_path: Path) -> Path:
    """A data folder as `waiqin migrate` leaves it."""
    shutil.copy(sqlite_template, tmp_path / "waiqin.sqlite3")
    return tmp_path
