"""`waiqin sandbox` as a person starts it."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from field_ops.cli.playing import sandbox_command
from tests.commands import Started, start


@contextmanager
def sandbox(*options: str) -> Iterator[str]:
    """Its address, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = start("sandbox", "--port", str(port), *options, settings={})
    try:
        _wait_until_it_answers(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_until_it_answers(url: str, process: Started) -> None:
    for _ in range(3000):
        assert process.poll() is None
        try:
            httpx.get(url, trust_env=False)
            return
        except httpx.TransportError:
            time.sleep(0.02)
    raise AssertionError("the sandbox did not begin to answer")


def schedules(url: str) -> dict[str, Any]:
    hosts = httpx.get(f"{url}/console/api/state", trust_env=False).json()["hosts"]
    return {host["host"]: host["faults"]["schedule"] for host in hosts}


def test_a_plan_from_a_file_is_followed(tmp_path: Path) -> None:
    plan = {"faults": [{"kind": "busy", "host": "wecom", "for_s": 600}]}
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    with sandbox("--faults", str(tmp_path / "plan.json")) as url:
        said = httpx.get(f"{url}/wecom/cgi-bin/gettoken", trust_env=False).json()
        assert said["errcode"] == 45009
        assert schedules(url)["dingtalk"] is None
        assert schedules(url)["wecom"]["happened"] == {"busy": 1}


def test_chaos_of_a_seed_is_the_same_at_both_hosts() -> None:
    with sandbox("--chaos", "7") as url:
        shown = schedules(url)
    assert shown["wecom"]["plan"] == shown["dingtalk"]["plan"]
    assert len(shown["wecom"]["plan"]) > 15


@pytest.mark.parametrize(
    ("text", "says"), [("{", "line 1 column 2"), ('{"faults": [{"kind": "rain"}]}', "kind: one of")]
)
def test_what_is_no_plan_is_said_in_a_sentence(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "plan.json").write_text(text)
    said = CliRunner().invoke(sandbox_command, ["--faults", str(tmp_path / "plan.json")])
    assert said.exit_code == 2
    assert says in said.output


def test_a_plan_and_chaos_are_not_had_together(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("{}")
    options = ["--faults", str(tmp_path / "plan.json"), "--chaos", "7"]
    said = CliRunner().invoke(sandbox_command, options)
    assert said.exit_code == 2
    assert "not both" in said.output
