"""What an administrator should do about a connection, most urgent first. Pure.

Each piece of advice is one sentence and, where a press can mend it, the verb that does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..host.platform import HostPlatform
from ..outbox.quota import is_nearly_used
from ..texts import Text
from .facts import Facts

WAITS_LONG = timedelta(minutes=15)
IS_NEW = timedelta(minutes=10)

UNREADABLE = Text(
    "保存的密钥读不出来（服务器的 WAIQIN_SECRET_KEY 换过，或密钥格式不对）：请重新填写全部密钥。",
    "The stored secrets cannot be used: WAIQIN_SECRET_KEY was changed, or one is malformed. "
    "Enter all of them again.",
)
PAUSED = Text(
    "{title}拒绝了我们，消息已停发：在{title}管理后台修好后点「恢复」；密钥重置过的话先更换密钥。"
    "原因：{reason}",
    "{title} rejects us, so nothing is sent. Mend it in the admin console of {title}, then resume; "
    "if the secret was reset, replace it here first. Reason: {reason}",
)
NO_WORKER = Text(
    "后台进程没有运行，消息和提醒都不会发出：请在服务器上启动 waiqin serve 或 waiqin worker。",
    "No worker runs, so nothing is sent: start waiqin serve or waiqin worker on the server.",
)
HALTED = Text(
    "通讯录同步已停下等您确认：{members} 名成员（共 {of_members} 名）会变为离职，"
    "{departments} 个部门（共 {of_departments} 个）会移除。先确认应用的可见范围没有被改小。",
    "The synchronisation stopped and asks: {members} of {of_members} members would depart and "
    "{departments} of {of_departments} departments would go. Check first that the app's visible "
    "range was not narrowed.",
)
SYNC_FAILED = Text(
    "上次通讯录同步没有成功，人员沿用之前的：点「检查」看看缺什么。原因：{reason}",
    "The last synchronisation failed; people stay as they were. Press “Check” to see what is "
    "missing. Reason: {reason}",
)
NEVER_READ = Text(
    "还没有同步过通讯录：点「立即同步」，成员才能登录。",
    "The organisation was never read: press “Sync now”, so that members can sign in.",
)
GIVEN_UP_EVENTS = Text(
    "{count} 个平台事件处理失败，已停止重试：升级或修复后点「重试事件」。",
    "{count} host events could not be handled and are given up: retry them after an update.",
)
STUCK_MESSAGES = Text(
    "{count} 条消息没有发出去（被拒绝或放弃）：修好原因后点「重发」。",
    "{count} messages were refused or given up: send them again once the cause is mended.",
)
WAITING_LONG = Text(
    "最早的消息已等了 {minutes} 分钟：点「检查」看看{title}是否应答。",
    "The oldest message has waited for {minutes} minutes: press “Check” to see whether {title} "
    "answers.",
)
LINE_DOWN = Text(
    "长连接没有连上，机器人收不到消息：点「检查」；刚重启的话等一分钟。",
    "The long connection is down, so the bot hears nothing: press “Check”, or wait a minute after "
    "a restart.",
)
FORGED = Text(
    "过去一天有 {count} 个请求的签名不对：核对{title}后台与这里的 Token 和 EncodingAESKey。",
    "{count} requests of the last day had a wrong signature: compare Token and EncodingAESKey in "
    "the admin console of {title} with those here.",
)
SILENT = Text(
    "{title}还没有发来过事件：把回调地址填到它的管理后台。",
    "{title} has never brought an event: enter the callback address in its admin console.",
)
QUOTA = Text(
    "本月接口额度已用 {used} 次，共 {all} 次：快用完了，请购买或减少提醒。",
    "{used} of this month's {all} calls are used: buy more, or remind less.",
)


@dataclass(frozen=True, slots=True)
class Advice:
    """`verb` is what the page offers to press: `credentials`, `resume`, `confirm_sync`, `check`,
    `sync`, `retry_events`, `retry_messages` or "" where it must be mended elsewhere."""

    code: str
    is_urgent: bool
    says: Text
    verb: str = ""


def advice_on(facts: Facts, platform: HostPlatform | None, now: datetime) -> list[Advice]:
    """Most urgent first; none when all is well. Without a platform its settings cannot be used."""
    if platform is None:
        return [Advice("unusable", True, UNREADABLE, "credentials")]
    urgent = list(_urgent(facts, platform))
    if facts.paused_at is not None:
        return urgent
    return urgent + list(_to_look_at(facts, platform, now))


def _urgent(facts: Facts, platform: HostPlatform) -> Iterator[Advice]:
    if facts.paused_at is not None:
        says = PAUSED.filled(title=platform.title, reason=facts.paused_reason)
        yield Advice("paused", True, says, "resume")
    if not facts.a_worker_lives:
        yield Advice("no_worker", True, NO_WORKER)
    run = facts.last_run
    if run is not None and run.state == "halted" and not facts.sync_is_waited_for:
        if run.would_go is None:  # it stopped before such figures were kept: reading again has them
            yield Advice("sync_failed", True, SYNC_FAILED.filled(reason=run.reason), "sync")
        else:
            yield Advice("sync_halted", True, HALTED.filled(**run.would_go), "confirm_sync")
    if facts.kept.get("given_up"):
        says = GIVEN_UP_EVENTS.filled(count=facts.kept["given_up"])
        yield Advice("events_given_up", True, says, "retry_events")
    if stuck := facts.standing.refused + facts.standing.given_up:
        says = STUCK_MESSAGES.filled(count=stuck)
        yield Advice("messages_stuck", True, says, "retry_messages")


def _to_look_at(facts: Facts, platform: HostPlatform, now: datetime) -> Iterator[Advice]:
    title, run = platform.title, facts.last_run
    if run is None and not facts.sync_is_waited_for:
        yield Advice("never_synced", False, NEVER_READ, "sync")
    elif run is not None and run.state == "failed":
        yield Advice("sync_failed", False, SYNC_FAILED.filled(reason=run.reason), "check")
    oldest = facts.standing.oldest_due_at
    if oldest is not None and now - oldest > WAITS_LONG:
        minutes = (now - oldest) // timedelta(minutes=1)
        says = WAITING_LONG.filled(minutes=minutes, title=title)
        yield Advice("messages_wait", False, says, "check")
    is_new = now - facts.created_at < IS_NEW
    if platform.long_connection is not None and not (facts.line and facts.line.is_up):
        yield Advice("line_down", False, LINE_DOWN, "check")
    if forged := sum(one.count for one in facts.tallied if one.outcome == "not_authentic"):
        yield Advice("forged", False, FORGED.filled(count=forged, title=title), "check")
    if facts.last_event is None and platform.long_connection is None and not is_new:
        yield Advice("silent", False, SILENT.filled(title=title), "check")
    if facts.used_this_month is not None and is_nearly_used(facts.used_this_month, platform.limits):
        says = QUOTA.filled(used=facts.used_this_month, all=platform.limits.per_app_month)
        yield Advice("quota", False, says)
