"""What the architecture tests look at: the files of the repository and the names in its code."""

import ast
import importlib
import os
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import bot
import field_ops
import integrations

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent  # where lint-imports, node and npm are
NEEDS_ITS_ENVIRONMENT = "field_ops.migrations.env"  # runs migrations when it is imported
TEXTS = {".py", ".md", ".toml", ".lock", ".json", ".ts", ".vue", ".js", ".css", ".html", ".ini", ""}


def run(*command: str | Path, within: Path = ROOT) -> str:
    """What the program prints. Fails with all that it printed when it fails."""
    environment = {**os.environ, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=within, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@cache
def tracked_files() -> list[Path]:
    """Every text file that is in the repository."""
    listed = run("git", "ls-files", "-z").split("\0")
    files = [ROOT / name for name in listed if name]
    return [file for file in files if file.suffix in TEXTS and file.is_file()]


@cache
def import_everything() -> None:
    """Import all modules of ours, so that every class exists."""
    for package in (field_ops, bot, integrations):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name != NEEDS_ITS_ENVIRONMENT and ".versions" not in module.name:
                importlib.import_module(module.name)


def our_sources() -> Iterator[tuple[Path, ast.Module]]:
    """Each module of ours, parsed."""
    for package in ("field_ops", "bot", "integrations"):
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path, ast.parse(path.read_text())
