"""DingTalk's published sample values, and values that its own helper classes accepted.

V1: FAQ of "HTTP 推送". V2: "回调事件消息体加解密". V3 and V4: the samples of
open-dingtalk/DingTalk-Callback-Crypto. G1 to G3 were made with a fixed prefix and read back by
DingTalk's Java class.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sealed:
    name: str
    token: str
    aes_key: str
    owner_key: str
    timestamp: str
    nonce: str
    signature: str
    encrypted: str
    message: str
    prefix: bytes = b""


OUR_KEYS = (
    "crmToken2026",
    "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789ABCDEFG",
    "dingsandboxappkey01",
    "1767225600",
    "ABCDEFGHIJKLMNOP",
)

SEALED = (
    Sealed(
        "V1",
        "123456",
        "1234567890123456789012345678901234567890123",
        "dingsnotzck6pm5veliw",
        "1614767836",
        "A7Co0cJLMzIDtMMI",
        "9a95a004dd16f5c307e849b994173f76aa26e5eb",
        "YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl5T0YQXZNwpwWSm1xAFJ5ZA==",
        "success",
        b"dICkEDLj0eb6yAbc",
    ),
    Sealed(
        "V2",
        "123456",
        "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij",
        "suite4xxxxxxxxxxxxxxx",
        "1445827045067",
        "nEXhMP4r",
        "5a65ceeef9aab2d149439f82dc191dd6c5cbe2c0",
        "1a3NBxmCFwkCJvfoQ7WhJHB+iX3qHPsc9JbaDznE1i03peOk1LaOQoRz3+nlyGNhwmwJ3vDMG+OzrHMeiZI7gTRW"
        "VdUBmfxjZ8Ej23JVYa9VrYeJ5as7XM/ZpulX8NEQis44w53h1qAgnC3PRzM7Zc/D6Ibr0rgUathB6zRHP8PYrfgn"
        "NOS9PhSBdHlegK+AGGanfwjXuQ9+0pZcy0w9lQ==",
        '{"EventType":"check_create_suite_url","Random":"LPIdSnlF",'
        '"TestSuiteKey":"suite4xxxxxxxxxxxxxxx"}',
    ),
    Sealed(
        "V3",
        "mryue",
        "Yue0EfdN5900c1ce5cf6A152c63DDe1808a60c5ecd7",
        "ding6ccabc44d2c8d38b",
        "1608001896814",
        "WL4PK6yA",
        "03044561471240d4a14bb09372dfcfd4fd0e40cb",
        "0vJiX6vliEpwG3U45CtXqi+m8PXbQRARJ8p8BbDuD1EMTDf0jKpQ79QS93qEk7XHpP6u+oTTrd15NRPvNvmBKyDC"
        "YxxOK+HZeKju4yhELOFchzNukR+t8SB/qk4ROMu3",
        '{"EventType":"check_url"}',
    ),
    Sealed(
        "V4",
        "tokenxxxx",
        "o1w0aum42yaptlz8alnhwikjd3jenzt9cb9wmzptgus",
        "dingxxxxxx",
        "1605695694141",
        "WelUQl6bCqcBa2fM",
        "f36f4ba5337d426c7d4bca0dbcb06b3ddc1388fc",
        "X1VSe9cTJUMZu60d3kyLYTrBq5578ZRJtteU94wG0Q4Uk6E/wQYeJRIC0/UFW5Wkya1Ihz9oXAdLlyC9TRaqsQ==",
        "success",
    ),
    Sealed(
        "G1",
        *OUR_KEYS,
        "fb70ed8bfa61613debe8baa8007b33567a94e628",
        "b4eoDyBPn3BIRgQamSkI+GriDrkM386ZzE8CZgFXqvckygMn6TRhQSisvw8/B6AydtkkfnndFtG+7AUClDOL7A==",
        "success",
        b"ABCDEFGHIJKLMNOP",
    ),
    Sealed(
        "G2",
        *OUR_KEYS,
        "6f978e6baba4529774772fe65a30fb916d431be3",
        "b4eoDyBPn3BIRgQamSkI+LpNZiQ6Jk5vBMu+HCKR50HT4hOMuslMuBeUM5iA2IFFC5aWKd4DtXZmWR/9Y82zLLnN"
        "1rLucOBChzuJmX/qsDYWSdsGdfRLZDXxwi5dW8V6",
        '{"EventType":"check_url"}',
        b"ABCDEFGHIJKLMNOP",
    ),
    Sealed(
        "G3",
        *OUR_KEYS,
        "43efef27ca0d3e373d037caee112c3a03213ae04",
        "b4eoDyBPn3BIRgQamSkI+F0M+HZ/+Dmu5EZSCHOUpsnyKDrTncXVKfThlQHlrQHk/P+Ybl3X5r27X0L1NQ9rtotG"
        "Qlxnzsju6TEJSBNW2E5OE6VBjD8KUYzwBEl9InRaTxlrFDSxeEb7WojaKVjJlINLDFiGBTwxpG13fp12D6XQMs0i"
        "dp7kCs+8viGv+aYRDFCyNZCvXO06F794nem5qA==",
        '{"EventType":"user_modify_org","CorpId":"dingcorpsandbox","userId":["u1"],'
        '"diffInfo":{"curr":{"name":"张三"}}}',
        b"ABCDEFGHIJKLMNOP",
    ),
)

ROBOT_SIGN = (
    "this is a secret",
    "1577262236757",
    "DJrE6qdyVGCQz9z5r2MDuNcNAhwYnuAkyj13cx169CA=",
)
CARD_SIGN = ("example-secret", "1767225600000", "uA8KV+hG4WG70G+B4HtI+ygHYjsm+lAjGIeLeRd0GEE=")

PAGE_TICKET = "TICKET0123456789"
PAGE_NONCE = "abc123"
PAGE_TIMESTAMP = "1767225600000"
PAGE_URL = "https://crm.example.com/h5/visit?corpId=ding123&name=张三"
PAGE_URL_ENCODED = "https://crm.example.com/h5/visit?corpId=ding123&name=%E5%BC%A0%E4%B8%89#/today"
PAGE_SHA256 = "b82ffef8317546847ea94317af237dbb83bf201ef8a5042cf84b7a4f42ff6e07"
PAGE_SHA1 = "d4e76fae0ddba3a97783b0ca6df37af20c446b80"
