"""Who may import whom."""

import tomllib

import pytest

from tests.architecture.repository import PROGRAMS, ROOT, run

FOLDERS = sorted(path.parent.name for path in ROOT.glob("field_ops/*/__init__.py"))


def layers() -> set[str]:
    """Everything that has a place in the picture of layers."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contract = next(
        contract
        for contract in settings["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    )
    return {name.strip() for layer in contract["layers"] for name in layer.split("|")}


def test_every_import_points_down() -> None:
    said = run(PROGRAMS / "lint-imports", "--no-cache")
    assert "0 broken" in said, said


@pytest.mark.parametrize("folder", [name for name in FOLDERS if name != "migrations"])
def test_every_folder_has_a_place_in_the_layers(folder: str) -> None:
    assert f"field_ops.{folder}" in layers(), "say in pyproject.toml who may import it"
