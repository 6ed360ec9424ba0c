"""Whatever file comes, the import reads it or says in a sentence why not, and keeps its memory."""

import re
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest

from field_ops.errors import Refusal
from field_ops.exchange.tables import read_table
from tests.field_ops.exchange.hostile import KINDS, Dice, a_bomb, make, outcome

FILES = 200
LONGEST_S = 20  # on a machine that is busy with something else
KEPT_MB = 600


def test_a_hostile_file_is_read_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "hostile"
    for number in range(FILES):
        kind = make(path, number)
        began = time.monotonic()
        assert outcome(path), (kind, number)
        assert time.monotonic() - began < LONGEST_S, (kind, number)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_kind_is_read_or_refused(tmp_path: Path, kind: object) -> None:
    path = tmp_path / "hostile"
    for seed in range(2):
        kind(path, Dice(seed))  # type: ignore[operator]
        assert outcome(path)


def test_a_bomb_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    for seed in range(2):
        a_bomb(path, Dice(seed))
        tracemalloc.start()
        with pytest.raises(Refusal):
            read_table(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 16 << 20, seed


def test_a_process_that_reads_many_does_not_grow(tmp_path: Path) -> None:
    me = [sys.executable, "-m", "tests.field_ops.exchange.hostile", "60"]
    told = subprocess.run(me, capture_output=True, text=True, check=True)
    found = re.search(r"largest memory (\d+) MB", told.stdout)
    assert found and int(found[1]) < KEPT_MB, told.stdout
