"""What must hold for every file of the console's page."""

import re
from pathlib import Path

import pytest

from integrations.sandbox.app import PAGE

SCRIPTS = sorted(PAGE.glob("*.js"))
ASKED = re.compile(r"\bt\('([\w.]+)'")
HTML = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(")


def sentences() -> dict[str, str]:
    source = (PAGE / "texts.js").read_text()
    return dict(re.findall(r"^  '([\w.]+)': \[(.*?)\],$", source, re.M | re.S))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_script_ever_makes_html_of_text(script: Path) -> None:
    assert not HTML.search(script.read_text())


def test_every_sentence_is_there_in_chinese_and_english() -> None:
    halves = {key: re.findall(r"'([^']+)'", pair) for key, pair in sentences().items()}
    assert len(halves) > 100
    assert not {key: pair for key, pair in halves.items() if len(pair) != 2}


def test_every_sentence_that_is_asked_for_is_there() -> None:
    asked = {key for script in SCRIPTS for key in ASKED.findall(script.read_text())}
    asked |= set(re.findall(r'data-t="([\w.]+)"', (PAGE / "index.html").read_text()))
    assert len(asked) > 40
    assert not asked - sentences().keys()


def test_the_page_loads_nothing_from_elsewhere_and_has_nothing_inline() -> None:
    page = (PAGE / "index.html").read_text()
    assert not re.search(r"""(src|href)=["'](https?:)?//""", page)
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)
