"""`waiqin host add`: what is missing is asked for, and only what the host accepts is stored."""

import json
from pathlib import Path

import pytest

from integrations.sandbox.world import Company
from tests.field_ops.cli.test_hosts import waiqin
from tests.field_ops.cli.test_hosts import wecom as wecom


def given(company: Company, **changed: str) -> list[str]:
    app = company.app
    credentials = {
        "corp_id": company.corp_id,
        "agent_id": str(app.agent_id),
        "secret": app.secret,
        "callback_token": app.callback_token,
        "callback_aes_key": app.callback_aes_key,
        **changed,
    }
    return [part for pair in credentials.items() if pair[1] for part in ("--set", "=".join(pair))]


async def add(folder: Path, base_url: str, *more: str) -> tuple[int, str]:
    return await waiqin(folder, base_url, "host", "add", "wecom", "--company", "晨光商贸", *more)


async def stored(folder: Path, base_url: str) -> list[str]:
    _, said = await waiqin(folder, base_url, "host", "list", "--json")
    return [one["name"] for one in json.loads(said)]


@pytest.fixture
def place(wecom: tuple[Company, str], folder: Path) -> tuple[Company, Path, str]:
    company, base_url = wecom
    return company, folder, base_url


async def test_what_the_host_accepts_is_stored_and_what_was_found_is_shown(
    place: tuple[Company, Path, str],
) -> None:
    company, folder, base_url = place
    code, said = await add(folder, base_url, *given(company))
    assert code == 0, said
    assert "ok    credentials: 凭证有效。" in said
    assert "later callback:" in said, "nothing answers there before it is stored"
    assert company.app.secret not in said
    assert await stored(folder, base_url) == ["default"]
    code, said = await add(folder, base_url, *given(company))
    assert (code, "exists" in said) == (1, True)


async def test_what_the_host_rejects_is_not_stored(place: tuple[Company, Path, str]) -> None:
    company, folder, base_url = place
    wrong = given(company, secret="mistyped")
    code, said = await add(folder, base_url, *wrong)
    assert code == 1
    assert "FIX   departments:" in said and "nothing was stored" in said
    assert "mistyped" not in said
    assert await stored(folder, base_url) == []

    code, said = await add(folder, base_url, "--no-check", *wrong)
    assert code == 0, said
    assert await stored(folder, base_url) == ["default"]


async def test_what_cannot_be_right_is_said_without_asking_the_host(
    place: tuple[Company, Path, str],
) -> None:
    company, folder, _ = place
    nobody = "http://127.0.0.1:9"
    code, said = await add(folder, nobody, *given(company, callback_aes_key="too-short"))
    assert (code, "FIX   credentials:" in said) == (1, True)
    assert await stored(folder, nobody) == []


async def test_without_a_terminal_what_is_missing_is_named(
    place: tuple[Company, Path, str],
) -> None:
    company, folder, base_url = place
    code, said = await add(folder, base_url, *given(company, secret=""))
    assert (code, said) == (1, "waiqin: secret is missing: give it with --set secret=…\n")
    code, said = await waiqin(folder, base_url, "host", "add", "wecom", *given(company))
    assert (code, said) == (1, "waiqin: company is missing: give it with --company\n")
