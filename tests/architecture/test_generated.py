"""What is generated from the server's schemas is up to date."""

import re
from pathlib import Path

import orjson

from field_ops.app import api_document
from field_ops.http.openapi import without_examples
from tests.architecture.repository import ROOT, run

H5 = ROOT / "h5"
SCHEMA = (H5 / "src/api/schema.ts").read_text()
AGAIN = "run `make types`"


def test_the_pages_know_every_path_and_every_schema() -> None:
    document = api_document()
    paths = set(re.findall(r'^    "(/[^"]*)": \{$', SCHEMA, re.MULTILINE))
    assert paths == set(document["paths"]), AGAIN
    schemas = SCHEMA.partition("\n    schemas: {")[2].partition("\n    };")[0]
    named = set(re.findall(r"^        (\w+): ", schemas, re.MULTILINE))
    assert named == set(document["components"]["schemas"]), AGAIN


def test_the_types_of_the_pages_are_those_of_the_server(tmp_path: Path) -> None:
    """Word for word, where the generator is installed (as in `make check`)."""
    installed = (H5 / "node_modules/openapi-typescript").is_dir()
    document = tmp_path / "openapi.json"
    document.write_bytes(orjson.dumps(without_examples(api_document())))
    fresh = run("npm", "run", "--silent", "types", "--", document, within=H5) if installed else ""
    assert fresh in ("", SCHEMA), AGAIN
