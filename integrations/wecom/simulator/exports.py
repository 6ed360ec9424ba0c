"""All contacts as sealed files: a job is begun, told of when it is done, and its files are fetched
for two hours (pages 94851 and 94854)."""

import base64
import binascii
import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .answers import Failed, success
from .contacts import Contacts
from .envelope import BLOCK
from .gate import Answer
from .office import Call, Office
from .pushes import Pushes, cdata

LEAST_ROWS, MOST_ROWS = 10_000, 1_000_000  # of one file
LIVES_S = 2 * 3600
RUNNING, DONE = 1, 2
EXPORTED = ("simple_user", "user", "department")


@dataclass(slots=True)
class Job:
    kind: str
    files: list[bytes]
    until: float
    is_done: bool = False


class Exports:
    def __init__(self, office: Office, contacts: Contacts, pushes: Pushes) -> None:
        self._office = office
        self._contacts = contacts
        self._pushes = pushes
        self._jobs: dict[str, Job] = {}

    def begin(self, kind: str) -> Answer:
        """The answer to `export/<kind>`. The job is done, and told of, when that was given."""

        def answer(call: Call) -> Response:
            key, most = _key(call), call.body.get("block_size", MOST_ROWS)
            if not isinstance(most, int) or not LEAST_ROWS <= most <= MOST_ROWS:
                raise Failed(40058, "block_size")
            name, rows = self._rows(kind)
            files = [
                _sealed(json.dumps({name: rows[at : at + most]}, ensure_ascii=False), key)
                for at in range(0, len(rows), most)
            ]
            job_id = secrets.token_hex(16)
            self._jobs[job_id] = Job(kind, files, self._office.clock() + LIVES_S)
            done = BackgroundTask(self._finish, job_id)
            return JSONResponse(success(jobid=job_id), background=done)

        return answer

    def get_result(self, call: Call) -> dict[str, Any]:
        job_id = call.query.get("jobid", "")
        if (job := self._jobs.get(job_id)) is None:
            raise Failed(40058, "jobid")
        if not job.is_done:
            return success(status=RUNNING)
        told = [
            {
                "url": f"{call.home}/sandbox/exports/{job_id}/{number}",
                "size": len(file),
                "md5": hashlib.md5(file, usedforsecurity=False).hexdigest(),
            }
            for number, file in enumerate(job.files)
        ]
        return success(status=DONE, data_list=told)

    async def fetch(self, request: Request) -> Response:
        """A file, at an address that is its own permission."""
        job = self._jobs.get(request.path_params["job_id"])
        number = request.path_params["number"]
        if job is None or self._office.clock() >= job.until or number >= len(job.files):
            return Response(status_code=404)
        return Response(job.files[number], media_type="application/octet-stream")

    async def _finish(self, job_id: str) -> None:
        job = self._jobs[job_id]
        job.is_done = True
        inside = (
            f"<JobId>{cdata(job_id)}</JobId><JobType>{cdata(f'export_{job.kind}')}</JobType>"
            f"<ErrCode>0</ErrCode><ErrMsg>{cdata('ok')}</ErrMsg>"
        )
        await self._pushes.event("sys", "batch_job_result", f"<BatchJob>{inside}</BatchJob>")

    def _rows(self, kind: str) -> tuple[str, list[dict[str, Any]]]:
        company = self._office.company
        if kind == "department":
            return kind, [self._contacts.department(each) for each in company.departments.values()]
        people = [person for person in company.people.values() if person.active]
        if kind == "user":
            return "userlist", [self._contacts.user(person) for person in people]
        return "userlist", [self._contacts.user_in_short(person) for person in people]


def _key(call: Call) -> bytes:
    """The caller's own key."""
    try:
        key = base64.b64decode(f"{call.body.get('encoding_aeskey', '')}=", validate=True)
    except binascii.Error:
        key = b""
    if len(key) != 32:
        raise Failed(40058, "encoding_aeskey")
    return key


def _sealed(text: str, key: bytes) -> bytes:
    plain = text.encode()
    missing = BLOCK - len(plain) % BLOCK
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return encryptor.update(plain + bytes([missing]) * missing) + encryptor.finalize()
