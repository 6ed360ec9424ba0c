"""Who opened the page: the exchange of a 免登 code ("通过免登码获取用户信息")."""

from field_ops.host.errors import HostRefused, SignInCodeRejected
from field_ops.host.platform import HostUser

from . import lenient
from .client import DingtalkClient

CODE_REJECTED = frozenset({"40078", "40029", "42003", "40102"})


class DingtalkSignIn:
    """The port's `SignIn`."""

    def __init__(self, client: DingtalkClient) -> None:
        self._client = client

    def authorise_url(self, redirect_uri: str, state: str) -> str:
        """Empty: inside DingTalk the bridge gives the code to the page."""
        return ""

    async def who(self, code: str) -> HostUser:
        try:
            # A lost answer uses the code up, so this is not a call that may be repeated.
            answer = await self._client.oapi(
                "topapi/v2/user/getuserinfo", {"code": code}, changes=True
            )
        except HostRefused as refused:
            if refused.code in CODE_REJECTED:
                raise SignInCodeRejected(refused.reason) from None
            raise
        user = lenient.mapping(answer, "result")
        if not lenient.text(user, "userid"):
            raise SignInCodeRejected("the code belongs to nobody in this company")
        return HostUser(
            host_user_id=lenient.text(user, "userid"),
            union_id=lenient.text(user, "unionid", "associated_unionid"),
            name=lenient.text(user, "name"),
            device_id=lenient.text(user, "device_id"),
        )
