"""Why a delivery failed: kept as a word and a detail, said in the language of whoever looks."""

from ..texts import Text

SENTENCES = {
    "no_answer": Text("10 秒内没有应答", "no answer within ten seconds"),
    "address_wrong": Text("地址不可用（{detail}）", "the address cannot be used ({detail})"),
    "not_public": Text(
        "{detail} 不是公网地址，也不在 WAIQIN_WEBHOOK_NETWORKS 允许的网段里",
        "{detail} is no public address, and in no network of WAIQIN_WEBHOOK_NETWORKS",
    ),
    "needs_tls": Text("公网地址要用 https（{detail}）", "a public address needs https ({detail})"),
    "name_unknown": Text("域名解析不到（{detail}）", "the name was not found ({detail})"),
    "not_connected": Text("连接失败（{detail}）", "the connection failed ({detail})"),
    "too_long": Text("对方返回的内容超过 64 KB", "it answered more than 64 KB"),
    "answered": Text("对方返回 {detail}", "it answered {detail}"),
    "bug": Text("程序出错，请联系开发者（{detail}）", "a bug of ours ({detail})"),
}


def failed(what: str, detail: str = "") -> str:
    """As it is kept."""
    return f"{what} {detail}".strip()


def said(kept: str, language: str) -> str:
    """As somebody reads it; an empty one is no failure."""
    what, _, detail = kept.partition(" ")
    sentence = SENTENCES.get(what)
    return sentence.say(language, detail=detail) if sentence else kept
