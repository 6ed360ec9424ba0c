"""E-mail addresses, as far as they say to whom somebody belongs."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PUBLIC = _words("""
    qq.com vip.qq.com foxmail.com 163.com vip.163.com 126.com yeah.net 188.com sina.com sina.cn
    vip.sina.com sohu.com 139.com 189.cn wo.cn 21cn.com tom.com aliyun.com gmail.com googlemail.com
    outlook.com hotmail.com live.com live.cn msn.com yahoo.com yahoo.cn yahoo.com.cn icloud.com
    me.com proton.me protonmail.com
""")


def mail_domain(address: str) -> str:
    """zhang@hualian.cn → hualian.cn; "" for a public mailbox, or what is no address."""
    _, at, domain = address.strip().lower().rpartition("@")
    return domain if at and domain not in PUBLIC else ""
