"""`waiqin host check`: try each part of a connection and say in plain words what is missing."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from ..host.errors import CredentialsRejected, HostBusy, HostUnavailable, SendError
from ..host.platform import HostPlatform


@dataclass(frozen=True, slots=True)
class Finding:
    """One part that was tried: `credentials`, `departments`, `members`, `phones` or `pages`.

    `ok` false means that something must be done; `zh` and `en` say what.
    """

    part: str
    ok: bool
    zh: str
    en: str


async def check(platform: HostPlatform, public_url: str, now: datetime) -> list[Finding]:
    """Try the token, the directory and a page ticket. Asks the host, changes nothing."""
    findings = await _people(platform)
    findings += await _try(platform, "pages", lambda: _page(platform, public_url, now))
    if not public_url.startswith("https://"):
        findings.append(
            Finding(
                "address",
                False,
                f"WAIQIN_PUBLIC_URL 是 {public_url}：手机上的定位和相机要求 https 地址。",
                f"WAIQIN_PUBLIC_URL is {public_url}: phones want https for position and camera.",
            )
        )
    return findings


async def _people(platform: HostPlatform) -> list[Finding]:
    return await _try(platform, "departments", lambda: _directory(platform))


async def _directory(platform: HostPlatform) -> list[Finding]:
    departments = await platform.directory.departments()
    found = [Finding("credentials", True, "凭证有效。", "The credentials are accepted.")]
    if not departments:
        zh = "应用的可见范围里没有任何部门：请在管理后台把要使用的部门加入可见范围。"
        en = "The app may see no department: add those who will use it to its visible range."
        return [*found, Finding("departments", False, zh, en)]
    count = len(departments)
    found.append(
        Finding(
            "departments", True, f"能读到 {count} 个部门。", f"{count} departments are visible."
        )
    )
    first = departments[0].host_department_id
    return found + await _try(platform, "members", lambda: _members(platform, first))


async def _members(platform: HostPlatform, department_id: str) -> list[Finding]:
    members = await platform.directory.members_of(department_id)
    found = [Finding("members", True, "能读到成员。", "Members can be read.")]
    if members and not any(member.phone for member in members):
        zh = "平台没有给出手机号（通常如此）：不影响使用，员工电话将显示为空。"
        en = "The host gives no phone numbers (as is usual): colleagues' phones stay empty."
        found.append(Finding("phones", True, zh, en))
    return found


async def _page(platform: HostPlatform, public_url: str, now: datetime) -> list[Finding]:
    await platform.page_signer.sign(f"{public_url}/h5/", now)
    return [
        Finding("pages", True, "页面可以使用定位和相机。", "Pages may use position and camera.")
    ]


async def _try(
    platform: HostPlatform, part: str, step: Callable[[], Awaitable[list[Finding]]]
) -> list[Finding]:
    try:
        return await step()
    except SendError as failure:
        zh, en = _what_to_do(platform.title, failure)
        return [Finding(part, False, zh, en)]


def _what_to_do(title: str, failure: SendError) -> tuple[str, str]:
    said = str(failure)
    match failure:
        case CredentialsRejected():
            return (
                f"{title}不接受当前的凭证或权限（{said}）：请核对密钥、可信 IP 和应用权限。",
                f"{title} rejects the credentials or a permission ({said}): "
                "check the secret, the trusted IP and the app's permissions.",
            )
        case HostBusy():
            return (
                f"{title}限制了调用频率，请 {failure.retry_after_s:.0f} 秒后再检查。",
                f"{title} limits our calls. Check again in {failure.retry_after_s:.0f} seconds.",
            )
        case HostUnavailable():
            return (
                f"连不上{title}（{said}）：请检查服务器能否访问外网。",
                f"{title} does not answer ({said}): check whether this server reaches it.",
            )
        case _:
            return (
                f"{title}拒绝了请求（{said}）：请检查应用的可见范围和权限。",
                f"{title} refused ({said}): check the app's visible range and permissions.",
            )
