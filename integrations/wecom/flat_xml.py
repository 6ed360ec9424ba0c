"""XML as WeCom writes it: `<xml>` with children that hold a text, plain or in CDATA.

A parser for all of XML takes several times as long as the rest of reading a push. So what has
exactly this shape is read here; for anything else (attributes, nesting, entities, comments,
repeated names, control characters) the answer is None, and a hardened parser decides.
"""

import re

# No `\r` and no other control character, which a parser would change or refuse.
_SPACE = r"[ \t\n]*"
_NEVER = r"\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff"
_OPENS = re.compile(rf"{_SPACE}<xml>")
_CHILD = re.compile(
    rf"{_SPACE}<([A-Za-z_][A-Za-z0-9_]*)>"
    rf"(?:<!\[CDATA\[([^\]{_NEVER}]*)\]\]>|([^<>&\]{_NEVER}]*))</\1>"
)
_CLOSES = re.compile(rf"{_SPACE}</xml>{_SPACE}")


def flat_xml(xml: str) -> dict[str, str] | None:
    """The texts of the children by name, as they stand; None for what must be parsed."""
    opening = _OPENS.match(xml)
    if opening is None:
        return None
    found: dict[str, str] = {}
    at = opening.end()
    while child := _CHILD.match(xml, at):
        name, sealed, plain = child.groups()
        if name in found:
            return None
        found[name] = plain if sealed is None else sealed
        at = child.end()
    return found if _CLOSES.fullmatch(xml, at) else None
