"""`waiqin …` as a process of its own that starts at once.

Importing the program takes longer than most commands take. So one process imports it and waits, and
becomes two for each command: the copy has its own arguments, environment, output and end, like any
other process, and can be killed like it.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import random
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any, NoReturn

REPOSITORY = Path(__file__).parents[1]
WAIQIN = "field_ops.cli:main"
SERVE = "import sys; from tests.commands import serve; serve(int(sys.argv[1]))"


class Started:
    """A command that runs: what the tests use of `subprocess.Popen`."""

    def __init__(self, reports: int) -> None:
        self.returncode: int | None = None
        self._reports = os.fdopen(reports)
        self.pid = int(self._reports.readline())

    def poll(self) -> int | None:
        """How it ended; None while it runs."""
        return self.wait(timeout=0)

    def wait(self, timeout: float | None = None) -> int | None:
        """How it ended, or None when it did not within `timeout` seconds."""
        if self.returncode is None and select.select([self._reports], [], [], timeout)[0]:
            self.returncode = int(self._reports.readline())
            self._reports.close()
        return self.returncode

    def kill(self) -> None:
        """As when the power goes."""
        self._send(signal.SIGKILL)

    def terminate(self) -> None:
        """As whoever stops a service."""
        self._send(signal.SIGTERM)

    def _send(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)


def start(
    *arguments: str,
    settings: Mapping[str, str],
    main: str = WAIQIN,
    says: IO[bytes] | None = None,
    complains: IO[bytes] | None = None,
) -> Started:
    """Start it with these settings and no others. It says things where we do, unless told where."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("WAIQIN_")}
    order = {"arguments": arguments, "main": main, "environment": {**kept, **settings}}
    reading, writing = os.pipe()
    with tempfile.TemporaryFile() as paper:
        paper.write(json.dumps(order).encode())
        paper.flush()
        channels = (says.fileno() if says else 1, complains.fileno() if complains else 2)
        socket.send_fds(_server(), [b"!"], [paper.fileno(), *channels, writing])
    os.close(writing)
    return Started(reading)


def waiqin(
    folder: Path, *arguments: str, settings: Mapping[str, str] | None = None
) -> tuple[int, str, str]:
    """Exit code, what it said and what it complained about."""
    with tempfile.TemporaryFile() as says, tempfile.TemporaryFile() as complains:
        given = {"WAIQIN_DATA_DIR": str(folder), **(settings or {})}
        started = start(*arguments, settings=given, says=says, complains=complains)
        code = started.wait(timeout=60)
        if code is None:
            started.kill()
            raise TimeoutError(f"waiqin {' '.join(arguments)} did not end")
        for channel in (says, complains):
            channel.seek(0)
        return code, says.read().decode(), complains.read().decode()


@cache
def _server() -> socket.socket:
    """Where orders go. The process ends with us: nobody holds this end then."""
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-c", SERVE, str(theirs.fileno())]
    process = subprocess.Popen(
        command, cwd=REPOSITORY, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
    )
    theirs.close()

    @atexit.register
    def end() -> None:
        ours.close()
        process.wait(timeout=20)

    return ours


# --- in the process that waits --------------------------------------------------------------------


def serve(number: int) -> None:
    """Each order has a guard, which says who carries it out and how that ended."""
    orders = socket.socket(fileno=number)
    _import_everything()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the guards
    while True:
        mark, given, _, _ = socket.recv_fds(orders, 1, 4)
        if not mark:
            return
        if os.fork() == 0:
            orders.close()
            _guard(*given)
        for channel in given:
            os.close(channel)


def _guard(paper: int, says: int, complains: int, reports: int) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    process = os.fork()
    if process == 0:
        os.close(reports)
        with os.fdopen(paper, "rb") as order:
            order.seek(0)
            _become(json.load(order), says, complains)
    for channel in (paper, says, complains):
        os.close(channel)
    os.write(reports, f"{process}\n".encode())
    _, status = os.waitpid(process, 0)
    os.write(reports, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become(order: dict[str, Any], says: int, complains: int) -> NoReturn:
    os.dup2(says, 1)
    os.dup2(complains, 2)
    os.environ.clear()
    os.environ.update(order["environment"])
    random.seed()  # else all would throw the same dice
    sys.argv = ["waiqin", *order["arguments"]]
    module, _, name = order["main"].partition(":")
    try:
        getattr(importlib.import_module(module), name)()
        code: object = 0
    except SystemExit as end:
        code = end.code
    # Taking apart what was imported would take longer than most commands.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1 if code else 0)


def _import_everything() -> None:
    import field_ops.app
    import field_ops.cli

    for module in pkgutil.iter_modules(field_ops.cli.__path__, "field_ops.cli."):
        importlib.import_module(module.name)
