"""Processes that are killed in the middle: relays and drains of reminders.

They stand for a machine that loses power. Each works slowly and tells its progress in a file, one
line for each step, so that the test can choose the moment.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

from sqlalchemy import select

from field_ops.connections.models import HostConnection
from field_ops.db import Database
from field_ops.host.messages import Notice, Wording
from field_ops.outbox.relay import Relay
from field_ops.reminders.drain import Drain
from field_ops.reminders.rules import Due, Rule
from field_ops.work import Work
from tests.commands import start
from tests.fakes import Clock, FakeHost, FakeMessenger, FakePlatforms, as_is

RULE = "check_out_missing"  # a kind that is not held at night or counted as a push


def kill_in_the_middle(what: str, database_url: str, journal: Path, steps: int) -> None:
    """Start the process and kill it with SIGKILL as soon as its journal has `steps` lines."""
    journal.touch()
    main = "tests.scenarios.doomed:main"
    process = start(what, database_url, str(journal), settings={}, main=main)
    try:
        deadline = time.monotonic() + 60
        while len(journal.read_text().split()) < steps:
            assert process.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < deadline, "it did nothing for a minute"
            time.sleep(0.005)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == -signal.SIGKILL


def host_with(journal: Path, connection_id: str, slow_s: float = 0.0) -> FakePlatforms:
    """A host that remembers in a file what it accepted, also what it accepted before."""
    messenger = FakeMessenger(journal=journal, slow_s=slow_s)
    return FakePlatforms({connection_id: FakeHost(messenger=messenger)})


async def relay(database: Database, journal: Path) -> None:
    async with database.reading() as session:
        connection_id = (await session.scalars(select(HostConnection.id))).one()
    platforms = host_with(journal, connection_id, slow_s=0.02)
    doomed = Relay(database, platforms, Clock(), "doomed", Random(1))
    while (await doomed.pass_once()).claimed:
        pass


def says_its_subject(progress: Path, slow_s: float = 0.0) -> Rule:
    """A rule that notes each reminder it looks at, inside the transaction."""

    async def messages(work: Work, due: Sequence[Due]) -> Mapping[str, Wording]:
        said: dict[str, Wording] = {}
        for one in due:
            said[one.id] = as_is(Notice(one.subject_id))
            descriptor = os.open(progress, os.O_WRONLY | os.O_APPEND)
            os.write(descriptor, f"{one.id}\n".encode())
            os.close(descriptor)
            await asyncio.sleep(slow_s)
        return said

    return Rule(RULE, messages)


async def reminders(database: Database, progress: Path) -> None:
    rule = says_its_subject(progress, slow_s=0.02)
    doomed = Drain(database, [rule], Clock(), "doomed", Random(1))
    while await doomed.pass_once(limit=5):
        pass


async def work(what: str, database_url: str, journal: str) -> None:
    database = Database(database_url)
    await {"relay": relay, "reminders": reminders}[what](database, Path(journal))
    await asyncio.sleep(60)  # to be killed even when the work is done


def main() -> None:
    asyncio.run(work(*sys.argv[1:]))
