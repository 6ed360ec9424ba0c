"""The repository works anywhere: nothing in it names a machine or where packages come from."""

import re
from pathlib import Path

import pytest

from tests.architecture.repository import ROOT, tracked_files

LOCKS = ("requirements.lock", "requirements-dev.lock", "h5/package-lock.json")
HOST_OF_PACKAGES = re.compile(
    r"\bregistry|\bpypi\b|npmjs|mirror|--index-url|\"resolved\"", re.IGNORECASE
)
PATH_OF_A_MACHINE = re.compile(r"(?<![\w.:/-])/(?:home|root|work|Users|workspace)/\w")


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_names_no_host(name: str) -> None:
    found = [line for line in _lines(ROOT / name) if HOST_OF_PACKAGES.search(line)]
    assert found == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_python_lock_has_no_address_and_every_package_has_hashes(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text and " @ " not in text
    packages = re.split(r"\n(?=[a-zA-Z0-9])", text.strip())
    assert [p.splitlines()[0] for p in packages if "--hash=sha256:" not in p] == []


def test_no_file_names_a_path_of_one_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in tracked_files()
        for line in _lines(path)
        if PATH_OF_A_MACHINE.search(line)
    ]
    assert found == []


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()
