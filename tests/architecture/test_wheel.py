"""What an installed Waiqin has: the pages too, when they were built."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.repository import ROOT

BUILD = "from hatchling.build import {how}; {how}({where!r})"
PYPROJECT = """
[project]
name = "waiqin"
version = "1"
[tool.hatch.build.targets.wheel]
packages = ["field_ops"]
[tool.hatch.build.targets.wheel.hooks.custom]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small Waiqin that is packed by the same rule."""
    (tmp_path / "hatch_build.py").write_text((ROOT / "hatch_build.py").read_text())
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "field_ops").mkdir()
    (tmp_path / "field_ops/__init__.py").touch()
    return tmp_path


def build_pages(project: Path) -> None:
    (project / "h5/dist").mkdir(parents=True)
    (project / "h5/dist/index.html").write_text("<title>Waiqin</title>")


def packed(project: Path, how: str) -> set[str]:
    """The files in the wheel, without what describes it."""
    command = BUILD.format(how=how, where=str(project / "out"))
    subprocess.run([sys.executable, "-c", command], cwd=project, check=True)
    (wheel,) = (project / "out").glob("*.whl")
    return {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}


def test_a_wheel_brings_the_built_pages(project: Path) -> None:
    build_pages(project)
    assert packed(project, "build_wheel") == {
        "field_ops/__init__.py",
        "field_ops/h5_dist/index.html",
    }


def test_without_built_pages_there_is_a_wheel_all_the_same(project: Path) -> None:
    assert packed(project, "build_wheel") == {"field_ops/__init__.py"}


def test_an_editable_install_serves_them_where_they_are(project: Path) -> None:
    build_pages(project)
    assert "field_ops/h5_dist/index.html" not in packed(project, "build_editable")


def test_our_wheel_is_packed_by_this_rule() -> None:
    assert "[tool.hatch.build.targets.wheel.hooks.custom]" in (ROOT / "pyproject.toml").read_text()
