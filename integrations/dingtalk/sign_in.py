"""Who opened the page: inside DingTalk by its bridge ("免登"), in a browser by its web sign-in.

The codes of the two ways are not exchangeable: each has its own call.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from field_ops.host.errors import HostRefused, NotAColleague, SignInCodeRejected
from field_ops.host.platform import HostUser

from . import lenient
from .client import DingtalkClient

LOGIN = "https://login.dingtalk.com"
CODE_REJECTED = frozenset(
    {"40078", "40029", "42003", "40102", "invalidParameter.authCode.notFound"},
)
NOT_IN_THIS_COMPANY = "60121"
COLLEAGUE = 0  # `contact_type`; 1 is an external contact


class DingtalkSignIn:
    """The port's `SignIn`. `login_url` is where DingTalk's own sign-in page is."""

    def __init__(self, client: DingtalkClient, *, client_id: str, login_url: str = LOGIN) -> None:
        self._client = client
        self._client_id = client_id
        self._login_url = login_url.rstrip("/")

    def authorise_url(self, redirect_uri: str, state: str, *, in_app: bool) -> str:
        """Empty inside DingTalk, where the bridge gives the code to the page.

        Elsewhere the page of "实现登录第三方网站".
        """
        if in_app:
            return ""
        query = {
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "client_id": self._client_id,
            "scope": "openid",
            "state": state,
            "prompt": "consent",
        }
        return f"{self._login_url}/oauth2/auth?{urlencode(query)}"

    async def who(self, code: str, *, in_app: bool = True) -> HostUser:
        try:
            return await (self._by_bridge(code) if in_app else self._by_web(code))
        except HostRefused as refused:
            if refused.code in CODE_REJECTED:
                raise SignInCodeRejected(refused.reason) from None
            raise

    async def _by_bridge(self, code: str) -> HostUser:
        """ "通过免登码获取用户信息"."""
        # A lost answer uses the code up, so this is not a call that may be repeated.
        answer = await self._client.oapi("topapi/v2/user/getuserinfo", {"code": code}, changes=True)
        return _colleague(lenient.mapping(answer, "result"))

    async def _by_web(self, code: str) -> HostUser:
        """ "根据unionid获取用户userid": whoever signs in on the web need not be in the company."""
        union_id = await self._client.union_id_of(code)
        try:
            answer = await self._client.oapi("topapi/user/getbyunionid", {"unionid": union_id})
        except HostRefused as refused:
            if refused.code == NOT_IN_THIS_COMPANY:
                raise NotAColleague(refused.reason) from None
            raise
        user = lenient.mapping(answer, "result")
        if lenient.whole(user, "contact_type", COLLEAGUE) != COLLEAGUE:
            raise NotAColleague("an external contact")
        return _colleague({**user, "unionid": union_id})


def _colleague(user: Mapping[str, Any]) -> HostUser:
    if not lenient.text(user, "userid"):
        raise NotAColleague("the code belongs to nobody in this company")
    return HostUser(
        host_user_id=lenient.text(user, "userid"),
        union_id=lenient.text(user, "unionid", "associated_unionid"),
        name=lenient.text(user, "name"),
        device_id=lenient.text(user, "device_id"),
    )
