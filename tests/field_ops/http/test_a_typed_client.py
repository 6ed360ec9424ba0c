"""A typed Python client is generated from the OpenAPI document; a program that uses it type-checks
and works against a running server."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from field_ops.app import api_document
from field_ops.http.openapi import without_examples
from tests.field_ops.http.a_live_app import Live, live_app

PROGRAM = Path(__file__).parent / "a_program.py"
SETTINGS = {
    "package_name_override": "waiqin_client",
    "project_name_override": "waiqin-client",
    "post_hooks": [],
}


def for_programs(document: dict[str, Any]) -> dict[str, Any]:
    """The part of the document that a token opens."""
    paths = {
        path: {
            method: entry
            for method, entry in methods.items()
            if any("token" in one for one in entry["security"])
        }
        for path, methods in document["paths"].items()
    }
    return {**document, "paths": {path: methods for path, methods in paths.items() if methods}}


def run(*command: str | Path, **environ: str) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1", **environ},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds the client."""
    folder = tmp_path_factory.mktemp("client")
    document, settings = folder / "openapi.json", folder / "settings.json"
    document.write_text(json.dumps(for_programs(without_examples(api_document()))))
    settings.write_text(json.dumps(SETTINGS))
    said = run(
        Path(sys.executable).parent / "openapi-python-client", "generate", "--path", document,
        "--config", settings, "--meta", "none", "--output-path", folder / "waiqin_client",
        "--fail-on-warning",
    )  # fmt: skip
    assert "Warning" not in said
    return folder


@pytest.fixture
async def live(database_url: str, tmp_path: Path) -> AsyncIterator[Live]:
    with live_app(database_url, tmp_path) as opened:
        yield opened


def test_a_program_that_uses_it_has_the_right_types(generated: Path) -> None:
    cache = generated / "mypy"
    run(
        sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull,
        "--follow-imports", "silent", "--cache-dir", cache, PROGRAM,
        MYPYPATH=str(generated),
    )  # fmt: skip


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_a_program_that_uses_it_works(generated: Path, live: Live) -> None:
    token = live.program["authorization"].removeprefix("Bearer ")
    said = run(sys.executable, PROGRAM, live.address, token, PYTHONPATH=str(generated))
    assert json.loads(said) == {
        "same": True,
        "contacts": ["张经理"],
        "refused": "changed_meanwhile",
        "known": "红星",
        "names": ["华联超市", "新华书店", "红星"],
    }
