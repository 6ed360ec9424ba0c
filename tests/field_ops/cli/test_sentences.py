"""The command line fails with one clear sentence and exit code 1, and never with a traceback."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import waiqin

WAIQIN = Path(sys.executable).with_name("waiqin")


def program(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """As it is installed; the others take the same program by a shorter way."""
    inherited = {n: v for n, v in os.environ.items() if not n.startswith("WAIQIN_")}
    environment = {**inherited, "WAIQIN_DATA_DIR": str(folder)}
    done = subprocess.run(
        [WAIQIN, *arguments], env=environment, capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "settings, said",
    [
        ({"WAIQIN_SECRET_KEY": "short"}, "WAIQIN_SECRET_KEY"),
        ({"WAIQIN_LOG_LEVEL": "loud"}, "WAIQIN_LOG_LEVEL"),
        ({"WAIQIN_SQLITE_SYNCHRONOUS": "MAYBE"}, "WAIQIN_SQLITE_SYNCHRONOUS"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, settings: dict[str, str], said: str) -> None:
    code, _, complaint = waiqin(tmp_path, "doctor", settings=settings)
    assert code == 1
    assert complaint.startswith("waiqin: ") and said in complaint
    assert "short" not in complaint and "Traceback" not in complaint


def test_a_port_that_is_taken_is_said_before_anything_is_done(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code, _, complaint = waiqin(tmp_path, "demo", "--port", port)
    assert (code, "PORT=" in complaint) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_wants_migrate_and_then_works(tmp_path: Path) -> None:
    code, _, complaint = program(tmp_path, "host", "list")
    assert (code, "waiqin migrate" in complaint) == (1, True)
    assert program(tmp_path, "migrate")[0] == 0
    code, said, _ = program(tmp_path, "host", "list", "--json")
    assert (code, said.strip()) == (0, "[]")


def test_a_backup_is_restored_elsewhere(tmp_path: Path) -> None:
    here, there, archive = tmp_path / "here", tmp_path / "there", tmp_path / "kept.tar.gz"
    waiqin(here, "migrate")
    assert waiqin(here, "backup", str(archive))[0] == 0
    assert archive.stat().st_mode & 0o077 == 0, "it holds the key: nobody else may read it"
    assert waiqin(there, "restore", str(archive))[0] == 0
    code, _, complaint = waiqin(there, "restore", str(archive))
    assert (code, "exists" in complaint) == (1, True)
