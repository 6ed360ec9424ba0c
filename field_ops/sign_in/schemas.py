"""The JSON of signing in."""

from typing import Any, Literal

from pydantic import Field

from ..http.schemas import In, Out


class EntryQuery(In):
    host: str = Field(max_length=32, description="wecom or dingtalk")
    connection: str = Field(max_length=64, description="The connection's name, e.g. default")


class EntryOut(Out):
    """How a page that is not signed in gets there."""

    host: str
    title: str = Field(description="The host's name for people, e.g. 钉钉")
    mode: Literal["redirect", "bridge"] = Field(
        description="redirect: go to sign_in_url; bridge: ask the host's script for a code"
    )
    sign_in_url: str
    web_sign_in: bool = Field(
        description="sign_in_url also works in a browser outside of the host's app, with in_app=0"
    )
    corp_id: str
    client_id: str
    company: str
    sandbox: bool = Field(description="The host is the built-in sandbox, not the real one")


class SignInIn(In):
    host: str = Field(max_length=32)
    connection: str = Field(max_length=64)
    code: str = Field(min_length=1, max_length=512, description="One-time code from the host")
    device_id: str = Field(default="", max_length=128)


class MeOut(Out):
    """The signed-in member, and the token that his writes must carry as `X-CSRF-Token`."""

    member_id: str
    name: str
    title: str
    department: str
    roles: list[str]
    permissions: list[str] = Field(description="What any of his roles lets him do")
    language: Literal["zh", "en"]
    company: str
    zone: str = Field(description="The company's time zone, e.g. Asia/Shanghai")
    host: str
    connection: str
    csrf_token: str
    sandbox: bool


class MeChange(In):
    language: Literal["zh", "en"]


class SignedOut(Out):
    signed_out: bool = True


class PageSignatureQuery(In):
    url: str = Field(min_length=8, max_length=2048, description="The page's address without hash")


class PageSignatureOut(Out):
    config: dict[str, Any]
    agent_config: dict[str, Any]
