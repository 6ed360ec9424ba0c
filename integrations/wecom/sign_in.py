"""Signing in: WeCom returns the page with a code, the code says who opened it (91022, 91023).

In a browser outside of the app WeCom shows a QR code first (98152); the rest is the same.
"""

from urllib.parse import urlencode

from field_ops.host.errors import HostRefused, NotAColleague, SignInCodeRejected
from field_ops.host.platform import HostUser

from .client import REAL_BASE_URL, WecomClient

REAL_OAUTH_URL = "https://open.weixin.qq.com"
REAL_LOGIN_URL = "https://login.work.weixin.qq.com"
CODE_USED_UP = {"40029", "41008", "42003", "42022"}
LONGEST_CODE = 512


class WecomSignIn:
    def __init__(self, client: WecomClient, base_url: str, corp_id: str, agent_id: int) -> None:
        self._client = client
        # WeCom's sign-in pages live on other hosts than its API; a stand-in has all on one.
        is_real = base_url == REAL_BASE_URL
        self._oauth_url = REAL_OAUTH_URL if is_real else base_url
        self._login_url = REAL_LOGIN_URL if is_real else base_url
        self._corp_id = corp_id
        self._agent_id = agent_id

    def authorise_url(self, redirect_uri: str, state: str, *, in_app: bool) -> str:
        query = {
            "appid": self._corp_id,
            "agentid": str(self._agent_id),
            "redirect_uri": redirect_uri,
            "state": state,
        }
        if in_app:
            query |= {"response_type": "code", "scope": "snsapi_base"}
            return f"{self._oauth_url}/connect/oauth2/authorize?{urlencode(query)}#wechat_redirect"
        query |= {"login_type": "CorpApp"}
        return f"{self._login_url}/wwlogin/sso/login?{urlencode(query)}"

    async def who(self, code: str, *, in_app: bool = True) -> HostUser:
        if not code or len(code) > LONGEST_CODE:
            raise SignInCodeRejected("not a code")
        try:
            answer = await self._client.get("auth/getuserinfo", code=code)
        except HostRefused as refusal:
            if refusal.code in CODE_USED_UP:
                raise SignInCodeRejected(refusal.code) from refusal
            raise
        user_id = answer.get("userid")
        if not user_id:
            # Somebody who is not a member of the company comes back with an openid only.
            raise NotAColleague("not a member of the company")
        return HostUser(host_user_id=str(user_id))
