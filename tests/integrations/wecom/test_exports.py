"""The pretend WeCom hands out all contacts as sealed files, to whoever has the key."""

import base64
import hashlib
import json
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from field_ops.host.platform import HostPlatform
from tests.integrations.host_contract import Door

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


@pytest.fixture(autouse=True)
def reading(host: HostPlatform, door: Door) -> None:
    door.reader = host.callbacks


def opened(sealed: bytes) -> dict[str, Any]:
    """By the letter of the documentation: AES-256-CBC, padded to 32 bytes."""
    key = base64.b64decode(KEY + "=")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    plain = decryptor.update(sealed) + decryptor.finalize()
    return dict(json.loads(plain[: -plain[-1]]))


async def exported(phone, http: httpx.AsyncClient, kind: str) -> dict[str, Any]:
    job = (await phone.post(f"export/{kind}", {"encoding_aeskey": KEY}))["jobid"]
    said = await phone.get("export/get_result", jobid=job)
    assert (said["errcode"], said["status"]) == (0, 2)
    (file,) = said["data_list"]
    sealed = (await http.get(file["url"])).content
    digest = hashlib.md5(sealed, usedforsecurity=False).hexdigest()
    assert (len(sealed), digest) == (file["size"], file["md5"])
    return opened(sealed)


@pytest.mark.parametrize("kind", ["simple_user", "user"])
async def test_everybody_is_in_the_file(phone, http, simulator, kind: str) -> None:
    people = (await exported(phone, http, kind))["userlist"]
    assert {person["userid"] for person in people} == {*simulator.company.people}
    assert ("is_leader_in_dept" in people[0]) == (kind == "user")


async def test_so_is_every_department(phone, http, simulator) -> None:
    departments = (await exported(phone, http, "department"))["department"]
    assert {one["id"] for one in departments} == {*simulator.company.departments}


async def test_what_the_app_may_not_see_is_not_in_it(phone, http, simulator) -> None:
    simulator.switches.withheld = {"mobile"}
    people = (await exported(phone, http, "user"))["userlist"]
    assert all("mobile" not in person for person in people)


async def test_the_app_is_told_when_it_is_done(phone, door) -> None:
    await phone.post("export/user", {"encoding_aeskey": KEY})
    assert [event.kind for event in door.events] == ["batch_job_result"]


async def test_a_file_is_there_for_two_hours(phone, http, clock) -> None:
    job = (await phone.post("export/user", {"encoding_aeskey": KEY}))["jobid"]
    (file,) = (await phone.get("export/get_result", jobid=job))["data_list"]
    clock.ahead_s = 7200
    assert (await http.get(file["url"])).status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"encoding_aeskey": "short"}, {"encoding_aeskey": KEY, "block_size": 9999}, {}]
)
async def test_what_is_wrong_is_refused(phone, wrong: dict[str, Any]) -> None:
    assert (await phone.post("export/user", wrong))["errcode"] == 40058
    assert (await phone.get("export/get_result", jobid="none"))["errcode"] == 40058
