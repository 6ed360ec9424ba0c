"""Recognising sentences: one row a sentence."""

import pytest

from bot.commands import COMMANDS, check_in, help_, log, log_confirmation, look_up, today
from bot.phrases import Heard, recognise


@pytest.mark.parametrize(
    "sentence, heard",
    [
        ("帮助", Heard(help_)),
        ("?", Heard(help_)),
        ("？", Heard(help_)),
        ("HELP", Heard(help_)),
        ("今天", Heard(today)),
        (" 今日计划。", Heard(today)),
        ("today", Heard(today)),
        ("查 华联", Heard(look_up, customer="华联")),
        ("查华联", Heard(look_up, customer="华联")),
        ("查：华联超市 中山路", Heard(look_up, customer="华联超市 中山路")),
        ("查 hlcs", Heard(look_up, customer="hlcs")),
        ("查 华联的电话", Heard(look_up, customer="华联")),
        ("华联电话", Heard(look_up, customer="华联")),
        ("find hualian", Heard(look_up, customer="hualian")),
        ("签到", Heard(check_in)),
        ("签到 华联", Heard(check_in, customer="华联")),
        ("到了华联", Heard(check_in, customer="华联")),
        ("check in hualian", Heard(check_in, customer="hualian")),
        ("记录 华联 谈了续约,对方要9折", Heard(log, text="华联 谈了续约,对方要9折")),
        ("确认记录 k7q2m4xz progress", Heard(log_confirmation, text="k7q2m4xz progress")),
        ("华联超市", None),
        ("", None),
        ("findhualian", None),
    ],
)
def test_what_is_heard(sentence: str, heard: Heard | None) -> None:
    assert recognise(sentence, COMMANDS) == heard
