"""Template cards: what WeCom refuses, and what a phone draws of the rest (page 90236)."""

import re
from collections.abc import Mapping
from typing import Any

from .answers import Failed

BUTTONS, VOTE, CHOICES = "button_interaction", "vote_interaction", "multiple_interaction"
INTERACTIVE = (BUTTONS, VOTE, CHOICES)
CARD_TYPES = ("text_notice", "news_notice", *INTERACTIVE)
TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")

Wire = Mapping[str, Any]


def check(card: Wire, *, has_callback: bool) -> None:
    """Raise `Failed` as WeCom does for a card that it would not send."""
    card_type = card.get("card_type")
    if card_type not in CARD_TYPES:
        raise Failed(42031)
    title = (card.get("main_title") or {}).get("title")
    if not title and not (card_type == "text_notice" and card.get("sub_title_text")):
        raise Failed(42033)
    if card.get("task_id") and not TASK_ID.fullmatch(str(card["task_id"])):
        raise Failed(42014)
    facts = card.get("horizontal_content_list") or []
    if len(facts) > 6 or not all(fact.get("keyname") for fact in facts):
        raise Failed(42035)
    if card_type in INTERACTIVE and not has_callback:
        raise Failed(43012)
    if card_type == BUTTONS:
        _check_buttons(card.get("button_list") or [])
    elif card_type in (VOTE, CHOICES):
        _check_questions(card)
    else:
        _check_jumps(card)


def _check_jumps(card: Wire) -> None:
    action = card.get("card_action") or {}
    if action.get("type") not in (1, 2):
        raise Failed(42045)
    if action["type"] == 1:
        check_url(action.get("url"))
    jumps = card.get("jump_list") or []
    if len(jumps) > 3:
        raise Failed(42037)
    for jump in jumps:
        if not jump.get("title"):
            raise Failed(42042)
        if jump.get("type") == 1:
            check_url(jump.get("url"))


def _check_buttons(buttons: list[Wire]) -> None:
    if not 1 <= len(buttons) <= 6:
        raise Failed(42036)
    keys = [str(button.get("key", "")) for button in buttons if not button.get("type")]
    if not all(button.get("text") for button in buttons):
        raise Failed(42038)
    if not all(1 <= len(key.encode()) <= 1024 for key in keys):
        raise Failed(42039)
    if len(set(keys)) < len(keys):
        raise Failed(42051)
    for button in buttons:
        if button.get("type") == 1:
            check_url(button.get("url"))


def _check_questions(card: Wire) -> None:
    """One checkbox of at most 20 options, or three lists of at most ten; and a way to submit."""
    vote = card.get("card_type") == VOTE
    questions = [card.get("checkbox") or {}] if vote else card.get("select_list") or []
    if not 1 <= len(questions) <= 3:
        raise Failed(42047)
    for question in questions:
        options = question.get("option_list") or []
        ids = [option.get("id") for option in options]
        if not question.get("question_key") or not 1 <= len(options) <= (20 if vote else 10):
            raise Failed(42047)
        if not all(ids) or len(set(ids)) < len(ids):
            raise Failed(42047)
    submit = card.get("submit_button") or {}
    if not submit.get("text") or not 1 <= len(str(submit.get("key", "")).encode()) <= 1024:
        raise Failed(42046)


def check_url(url: object) -> None:
    if not isinstance(url, str) or not 1 <= len(url.encode()) <= 2048:
        raise Failed(42028)
    if not url.startswith(("http://", "https://")):
        raise Failed(45034)


def drawn(card: Wire) -> dict[str, Any]:
    """The parts of a line on the phone."""
    title = card.get("main_title") or {}
    emphasis = card.get("emphasis_content") or {}
    quote = card.get("quote_area") or {}
    texts = (
        title.get("desc"),
        *(emphasis.get(part) for part in ("title", "desc")),
        *(quote.get(part) for part in ("title", "quote_text")),
        card.get("sub_title_text"),
    )
    facts = card.get("horizontal_content_list") or []
    jumps = [(jump["title"], jump.get("url", ""), "") for jump in card.get("jump_list") or []]
    buttons = [
        (b["text"], b.get("url", ""), "" if b.get("type") else b["key"])
        for b in card.get("button_list") or []
    ]
    if submit := card.get("submit_button"):
        buttons.append((submit["text"], "", submit["key"]))
    return {
        "title": title.get("title", ""),
        "text": "\n".join(text for text in texts if text),
        "fields": [(fact["keyname"], fact.get("value", "")) for fact in facts],
        "buttons": [{"text": t, "url": url, "key": key} for t, url, key in (*buttons, *jumps)],
        "url": (card.get("card_action") or {}).get("url", ""),
    }
