"""`waiqin token …` and `waiqin webhook …`: other systems, kept from the command line."""

import json
from pathlib import Path

import pytest

from field_ops.db import Database
from field_ops.webhooks.events import EVENT_NAMES
from tests.commands import waiqin
from tests.factories import a_company

# What these commands do is tried on both databases elsewhere.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
URL = "https://erp.example.com/waiqin"


@pytest.fixture
async def url(database: Database, database_url: str) -> str:
    async with database.writing() as session:
        await a_company(session)
    return database_url


def done(folder: Path, url: str, *arguments: str) -> str:
    code, said, complaint = waiqin(folder, *arguments, settings={"WAIQIN_DATABASE_URL": url})
    assert code == 0, complaint
    return said


async def test_a_webhook_from_its_beginning_to_its_end(url: str, tmp_path: Path) -> None:
    made = json.loads(
        done(tmp_path, url, "webhook", "add", "ERP", URL, "--field", "phone=masked", "--json")
    )
    assert made["secret"].startswith("whsec_")
    fresh = done(tmp_path, url, "webhook", "rotate", made["id"]).strip()
    assert fresh.startswith("whsec_") and fresh != made["secret"]
    done(tmp_path, url, "webhook", "ping", made["id"])
    assert done(tmp_path, url, "webhook", "deliveries", made["id"]) == ""  # the worker's job
    assert "0 delivery(s)" in done(tmp_path, url, "webhook", "replay", made["id"])
    done(tmp_path, url, "webhook", "pause", made["id"])
    (row,) = json.loads(done(tmp_path, url, "webhook", "list", "--json"))
    assert (row["url"], row["paused"]) == (URL, "by hand")
    assert sorted(row["events"]) == sorted(EVENT_NAMES)
    done(tmp_path, url, "webhook", "resume", made["id"])
    done(tmp_path, url, "webhook", "remove", made["id"])
    assert json.loads(done(tmp_path, url, "webhook", "list", "--json")) == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("add", "ERP", "ftp://erp.example.com"), "must begin with https://"),
        (("add", "ERP", URL, "--field", "phone=loud"), "'hidden', 'masked' or 'read'"),
        (("resume", "nowhere"), "Not found"),
        (("replay", "nowhere", "--since", "today"), "is no moment"),
    ],
)
async def test_what_is_wrong_is_one_sentence(
    url: str, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    code, _, complaint = waiqin(
        tmp_path, "webhook", *arguments, settings={"WAIQIN_DATABASE_URL": url}
    )
    assert code == 1 and sentence in complaint and "Traceback" not in complaint
