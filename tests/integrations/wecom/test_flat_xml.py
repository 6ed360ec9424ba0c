"""The quick reading of WeCom's XML says what a whole parser says, or leaves it to one."""

from random import Random

import pytest
import xmltodict

from integrations.wecom.flat_xml import flat_xml

PIECES = (
    *("<", ">", "&", "]", "]]>", "<![CDATA[", "</a>", "<a>", "<b/>", "<!-- -->", "&amp;", "&#65;"),
    *("\r\n", "\n", "\t", " ", "\u3000", "\x00", "\x0b", "\x85", "\ufffe", "\U0001f600", "'", '"'),
    *("查 华联", "A1_-", "=", "/", "+", "?", "!", "<?xml?>", "a", "%"),
)


@pytest.mark.parametrize(
    "xml",
    [
        "<xml><a>1</a><a>2</a></xml>",
        "<xml><a><b>1</b></a></xml>",
        '<xml><a x="1">1</a></xml>',
        "<xml><a>1</b></xml>",
        "<xml><a>1</a></xml><xml></xml>",
        "<xml>words<a>1</a></xml>",
        "<xml><a>&amp;</a></xml>",
        "<xml><a><![CDATA[]]]]><![CDATA[>]]></a></xml>",
        '<!DOCTYPE xml [<!ENTITY e "e">]><xml><a>1</a></xml>',
        "<xml><a>1\r\n2</a></xml>",
        "<json><a>1</a></json>",
        "<xml><a>1</a>",
        "",
    ],
)
def test_what_is_not_flat_is_left_to_a_parser(xml: str) -> None:
    assert flat_xml(xml) is None


def test_a_push_is_read_as_it_stands() -> None:
    pushed = "<xml>\n <From><![CDATA[a<b&c]]></From>\n<At>17</At><Key><![CDATA[]]></Key></xml>\n"
    assert flat_xml(pushed) == {"From": "a<b&c", "At": "17", "Key": ""}


def test_whatever_is_read_is_what_a_parser_reads() -> None:
    dice, read = Random(5), 0
    for _ in range(20_000):
        texts = ["".join(dice.choices(PIECES, k=dice.randrange(4))) for _ in range(3)]
        sealed = [f"<![CDATA[{text}]]>" if dice.random() < 0.5 else text for text in texts]
        xml = "<xml><a>{}</a><b>{}</b> <c>{}</c></xml>".format(*sealed)
        if (found := flat_xml(xml)) is None:
            continue
        read += 1
        parsed = xmltodict.parse(xml, strip_whitespace=False)["xml"]
        assert {name: text or None for name, text in found.items()} == {
            name: parsed[name] for name in ("a", "b", "c")
        }
    assert read > 2000
