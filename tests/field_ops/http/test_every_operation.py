"""Whatever its schema allows, and what it does not, is asked of every operation: no answer is a
failure of ours, and each is one that the OpenAPI document describes. `fuzz.py` does it for long."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.field_ops.http.a_live_app import Live, live_app
from tests.field_ops.http.fuzz import ask, operations


@pytest.fixture
async def live(database_url: str, tmp_path: Path) -> AsyncIterator[Live]:
    with live_app(database_url, tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_no_question_makes_the_server_fail(live: Live) -> None:
    counts: Counter[str] = Counter()
    failed = {}
    for operation in operations():
        try:
            ask(live, operation, examples=2, seed_=1, counts=counts)
        except (Exception, BaseExceptionGroup) as failure:
            failed[operation.label] = str(failure)
    assert failed == {}
    assert counts.total() > 250 and counts["200"] > 40, counts
