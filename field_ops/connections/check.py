"""`waiqin host check`: try each part of a connection and say in plain words what is missing."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from ..host.checks import Finding
from ..host.errors import CredentialsRejected, HostBusy, HostUnavailable, SendError
from ..host.platform import HostPlatform
from ..texts import Text

# What the parts of a connection say: all is well, or what must be done.
NO_HTTPS = Text(
    "WAIQIN_PUBLIC_URL 是 {url}：手机上的定位和相机要求 https 地址。",
    "WAIQIN_PUBLIC_URL is {url}: phones want https for position and camera.",
)
ACCEPTED = Text("凭证有效。", "The credentials are accepted.")
DEPARTMENTS = Text("能读到 {count} 个部门。", "{count} departments are visible.")
NO_DEPARTMENT = Text(
    "应用的可见范围里没有任何部门：请在管理后台把要使用的部门加入可见范围。",
    "The app may see no department: add those who will use it to its visible range.",
)
MEMBERS = Text("能读到成员。", "Members can be read.")
NO_PHONES = Text(
    "平台没有给出手机号（通常如此）：不影响使用，员工电话将显示为空。",
    "The host gives no phone numbers (as is usual): colleagues' phones stay empty.",
)
PAGES = Text("页面可以使用定位和相机。", "Pages may use position and camera.")
REJECTED = Text(
    "{title}不接受当前的凭证或权限（{said}）：请核对密钥、可信 IP 和应用权限。",
    "{title} rejects the credentials or a permission ({said}): "
    "check the secret, the trusted IP and the app's permissions.",
)
BUSY = Text(
    "{title}限制了调用频率，请 {seconds:.0f} 秒后再检查。",
    "{title} limits our calls. Check again in {seconds:.0f} seconds.",
)
UNREACHABLE = Text(
    "连不上{title}（{said}）：请检查服务器能否访问外网。",
    "{title} does not answer ({said}): check whether this server reaches it.",
)
REFUSED = Text(
    "{title}拒绝了请求（{said}）：请检查应用的可见范围和权限。",
    "{title} refused ({said}): check the app's visible range and permissions.",
)


async def check(
    platform: HostPlatform, public_url: str, now: datetime, name: str = ""
) -> list[Finding]:
    """Try the token, the directory and a page ticket. Asks the host, changes nothing.

    With the `name` of the connection, the host's own settings and our callback address too.
    """
    findings = await _people(platform)
    findings += await _try(platform, "pages", lambda: _page(platform, public_url, now))
    if platform.self_check is not None and name:
        address = f"{public_url}/hosts/{platform.name}/{name}"
        look = platform.self_check.look
        findings += await _try(platform, "app", lambda: look(address, now))
    if not public_url.startswith("https://"):
        findings.append(Finding("address", False, NO_HTTPS.filled(url=public_url)))
    return findings


async def _people(platform: HostPlatform) -> list[Finding]:
    return await _try(platform, "departments", lambda: _directory(platform))


async def _directory(platform: HostPlatform) -> list[Finding]:
    top = await platform.directory.departments()
    departments = [*(one.host_department_id for one in top.departments), *top.ask_next]
    found = [Finding("credentials", True, ACCEPTED)]
    if not departments:
        return [*found, Finding("departments", False, NO_DEPARTMENT)]
    found.append(Finding("departments", True, DEPARTMENTS.filled(count=len(departments))))
    return found + await _try(platform, "members", lambda: _members(platform, departments[0]))


async def _members(platform: HostPlatform, department_id: str) -> list[Finding]:
    members = (await platform.directory.members_of(department_id)).members
    found = [Finding("members", True, MEMBERS)]
    if members and not any(member.phone for member in members):
        found.append(Finding("phones", True, NO_PHONES))
    return found


async def _page(platform: HostPlatform, public_url: str, now: datetime) -> list[Finding]:
    await platform.page_signer.sign(f"{public_url}/h5/", now)
    return [Finding("pages", True, PAGES)]


async def _try(
    platform: HostPlatform, part: str, step: Callable[[], Awaitable[list[Finding]]]
) -> list[Finding]:
    try:
        return await step()
    except SendError as failure:
        return [Finding(part, False, explained(platform, failure))]


def explained(platform: HostPlatform, failure: SendError) -> Text:
    """What somebody has to do about this failure, in the host's own terms where it knows them."""
    said = platform.self_check.explain(failure) if platform.self_check else None
    return said or _what_to_do(platform.title, failure)


def _what_to_do(title: Text, failure: SendError) -> Text:
    match failure:
        case CredentialsRejected():
            return REJECTED.filled(title=title, said=failure)
        case HostBusy(retry_after_s=seconds):
            return BUSY.filled(title=title, seconds=seconds)
        case HostUnavailable():
            return UNREACHABLE.filled(title=title, said=failure)
        case _:
            return REFUSED.filled(title=title, said=failure)
