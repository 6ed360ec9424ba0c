"""Documentation that lies fails here: settings, commands, addresses, links."""

import json
import re
from pathlib import Path

import click
import pytest
from pydantic import BaseModel

from field_ops.cli import COMMANDS, main
from field_ops.settings import Settings
from tests.architecture.repository import ROOT, tracked_files

RUNNING = (ROOT / "docs/running.md").read_text()
PAGES = [path for path in tracked_files() if path.suffix == ".md"]
TARGETS = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def rows(heading: str) -> str:
    """The part of the page below this heading."""
    return RUNNING.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def settings() -> list[tuple[str, str]]:
    """Each setting, and how its row in the table is called."""
    found = []
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            inner = field.annotation.model_fields
            found += [(part.upper(), f"WAIQIN_{name.upper()}_…") for part in inner]
        else:
            found.append((f"WAIQIN_{name.upper()}", f"WAIQIN_{name.upper()}"))
    return found


@pytest.mark.parametrize(("name", "row"), settings())
def test_every_setting_is_explained(name: str, row: str) -> None:
    lines = [line for line in rows("Settings").splitlines() if f"`{row}`" in line]
    assert any(f"`{name}`" in line for line in lines), "add it to docs/running.md"


def test_no_setting_is_explained_that_is_not_there() -> None:
    known = {row for _, row in settings()}
    assert set(re.findall(r"`(WAIQIN_[A-Z_]+…?)`", rows("Settings"))) == known


def test_the_commands_are_those_of_the_program() -> None:
    assert set(re.findall(r"`waiqin ([a-z]+)", rows("Commands"))) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_its_subcommands_are_listed(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None and command.help
    line = next(row for row in rows("Commands").splitlines() if f"`waiqin {name}" in row)
    for further in getattr(command, "commands", {}).values():
        assert further.help, further.name
        assert re.search(rf"\b{further.name}\b", line), f"{name} {further.name}"


@pytest.mark.parametrize("page", [*PAGES, ROOT / ".ci/run"], ids=lambda p: p.name)
def test_every_make_command_that_is_named_exists(page: Path) -> None:
    text = page.read_text()
    named = set(re.findall(r"(?:^|`|\$ )make ([a-z0-9-]+)", text, re.MULTILINE))
    assert named <= TARGETS


def test_the_makefile_runs_only_scripts_that_the_pages_have() -> None:
    scripts = json.loads((ROOT / "h5/package.json").read_text())["scripts"]
    makefile = (ROOT / "Makefile").read_text()
    named = set(re.findall(r"npm run (?:--silent )?([a-z]+)", makefile))
    assert named <= set(scripts)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text()) if "://" not in link]
    missing = [link for link in links if not (page.parent / link).exists()]
    assert missing == []
