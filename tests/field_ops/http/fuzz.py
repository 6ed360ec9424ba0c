"""Asks every operation whatever its schema allows, and more: no answer may be a failure of ours.

    .venv/bin/python -m tests.field_ops.http.fuzz --examples 200 [--seed 7] [--only NAME]

runs for minutes against an app of its own; the suite does the same with a few examples.
"""

import argparse
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import anyio
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from field_ops import logs
from field_ops.app import api_document
from field_ops.migrations import upgrade
from tests.field_ops.http.a_live_app import Live, live_app

CHECKS = [
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
    content_type_conformance,
]
ENDS_THE_SESSION = {"sign_out"}


def operations(only: str = "") -> Iterator[Any]:
    """Every operation of the document, links left out."""
    document = api_document()
    for methods in document["paths"].values():
        for entry in methods.values():
            entry["security"] = []  # else it takes our sign-in away, to see whether we notice
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        operation = found.ok()
        name = operation.definition.raw["operationId"]
        if name not in ENDS_THE_SESSION and only in name:
            yield operation


def ask(live: Live, operation: Any, *, examples: int, seed_: int, counts: Counter[str]) -> None:
    """Ask one operation `examples` times, as a member and as a program in turn."""
    session, dice = requests.Session(), Random(seed_)
    session.trust_env = False
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        if mode is GenerationMode.NEGATIVE and not _has_input(operation):
            continue

        @seed(seed_)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def once(case: Any) -> None:
            for name, known in live.ids.items():
                if name in (case.path_parameters or {}) and dice.random() < 0.7:
                    case.path_parameters[name] = known
            # Who asks is ours to say; a key is kept seldom, for the first answer is kept under it.
            key = {} if dice.random() < 0.9 else {"Idempotency-Key": str(dice.random())}
            case.headers = {**(live.program if dice.random() < 0.2 else live.member), **key}
            answer = case.call(base_url=live.address, session=session)
            counts[_said(answer)] += 1
            case.validate_response(answer, checks=CHECKS)

        once()


def _said(answer: Any) -> str:
    """`200`, or `409 visit_still_open`."""
    is_problem = "application/problem+json" in answer.headers.get("content-type", [])
    return f"{answer.status_code} {answer.json()['code'] if is_problem else ''}".strip()


def _has_input(operation: Any) -> bool:
    raw = operation.definition.raw
    asked = [one for one in raw["parameters"] if one["in"] == "query"]
    return bool(raw.get("requestBody") or asked)  # any text may stand in a path


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    given_ = parser.parse_args()
    logs.set_up("text", "error")
    folder = Path(tempfile.mkdtemp())
    url = f"sqlite+aiosqlite:///{folder / 'waiqin.sqlite3'}"
    anyio.run(upgrade, url)
    counts: Counter[str] = Counter()
    failed = 0
    with live_app(url, folder) as live:
        for operation in operations(given_.only):
            name = operation.definition.raw["operationId"]
            try:
                ask(live, operation, examples=given_.examples, seed_=given_.seed, counts=counts)
            except (Exception, BaseExceptionGroup) as failure:
                failed += 1
                print(f"--- {name}\n{failure}\n")
    shutil.rmtree(folder)
    for said, count in sorted(counts.items()):
        print(f"{count:6}  {said}")
    print(f"{counts.total()} requests, {failed} operations failed")
    raise SystemExit(bool(failed))


if __name__ == "__main__":
    main()
