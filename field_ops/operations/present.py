"""Facts about a connection as the JSON that the page shows."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from ..connections.models import HostConnection
from ..connections.refs import ConnectionRef
from ..connections.services import ServiceState
from ..host.platform import HostKind, HostPlatform
from .advice import advice_on
from .facts import Facts
from .schemas import (
    AddressOut,
    AdviceOut,
    BudgetOut,
    ConnectionOut,
    CredentialOut,
    EventCount,
    EventsOut,
    LineOut,
    OutboxOut,
    ServiceOut,
    SyncOut,
    WouldGo,
)


def connection_out(
    row: HostConnection,
    kind: HostKind,
    found: tuple[HostPlatform, ConnectionRef] | None,
    facts: Facts,
    names_set: Mapping[str, str],
    *,
    public_url: str,
    is_set_in_environment: bool,
    now: datetime,
    language: str,
) -> ConnectionOut:
    """One card of the page. Of `names_set` only the names are told."""
    platform = found[0] if found else None
    paused = "paused" if row.paused_at else "active"
    return ConnectionOut(
        id=row.id,
        host=row.host,
        title=kind.title.say(language),
        name=row.name,
        corp_id=row.corp_id,
        is_sandbox=found[1].sandbox if found else False,
        state="unusable" if platform is None else paused,
        paused_at=row.paused_at,
        paused_reason=row.paused_reason,
        is_set_in_environment=is_set_in_environment,
        advice=[
            AdviceOut(
                code=one.code, is_urgent=one.is_urgent, says=one.says.say(language), verb=one.verb
            )
            for one in advice_on(facts, platform, now)
        ],
        addresses=[
            AddressOut(
                door=door, url=f"{public_url.rstrip('/')}/hosts/{row.host}/{row.name}/{door}"
            )
            for door in ("callback", "robot")
        ],
        credentials=[
            CredentialOut(
                name=name,
                is_set=name in names_set,
                is_secret=name in kind.secrets,
                is_required=name in kind.required,
            )
            for name in kind.credentials
        ],
        hours=facts.hours,
        events=_events(facts),
        sync=_sync(facts),
        sync_is_waited_for=facts.sync_is_waited_for,
        outbox=_outbox(facts),
        budget=_budget(facts, platform) if platform else None,
        line=LineOut(**asdict(facts.line)) if facts.line else None,
        services=[_service(one, language) for one in facts.services],
        has_line=platform is not None and platform.long_connection is not None,
    )


def _service(one: ServiceState, language: str) -> ServiceOut:
    return ServiceOut(
        name=one.name,
        state=one.state,
        does=one.does.say(language),
        wants=one.wants.say(language) if one.wants else "",
        refused=f"{one.pause.code} {one.pause.reason}".strip() if one.pause else "",
        retry_at=one.pause.retry_at if one.pause else None,
    )


def _events(facts: Facts) -> EventsOut:
    last_kind, last_at = facts.last_event or ("", None)
    by_hour: Counter[datetime] = Counter()
    by_kind: Counter[tuple[str, str]] = Counter()
    for one in facts.tallied:
        by_kind[one.kind, one.outcome] += one.count
        if one.kind:
            by_hour[one.hour] += one.count
    return EventsOut(
        last_kind=last_kind,
        last_at=last_at,
        by_kind=[
            EventCount(kind=kind, outcome=outcome, count=count)
            for (kind, outcome), count in by_kind.most_common()
        ],
        by_hour=[by_hour[hour] for hour in facts.hours],
        failed=facts.kept.get("failed", 0),
        given_up=facts.kept.get("given_up", 0),
    )


def _sync(facts: Facts) -> SyncOut | None:
    run = facts.last_run
    if run is None:
        return None
    took = run.finished_at - run.started_at if run.finished_at else None
    return SyncOut(
        run_id=run.id,
        state=run.state,
        started_at=run.started_at,
        duration_s=took.total_seconds() if took is not None else None,
        read_members=run.read.get("members", 0),
        read_departments=run.read.get("departments", 0),
        counts=run.counts,
        reason=run.reason,
        would_go=WouldGo(**run.would_go) if run.would_go else None,
    )


def _outbox(facts: Facts) -> OutboxOut:
    sent: Counter[datetime] = Counter()
    for hour, state, count in facts.posted:
        if state == "sent":
            sent[hour] += count
    return OutboxOut(
        waiting=facts.standing.waiting,
        oldest_due_at=facts.standing.oldest_due_at,
        refused=facts.standing.refused,
        given_up=facts.standing.given_up,
        by_hour=[sent[hour] for hour in facts.hours],
        sent=sum(sent.values()),
    )


def _budget(facts: Facts, platform: HostPlatform) -> BudgetOut:
    limits = platform.limits
    return BudgetOut(
        used_this_month=facts.used_this_month,
        per_month=limits.per_app_month,
        per_second=limits.per_app_second,
        per_member_minute=limits.per_member_minute,
        per_member_hour=limits.per_member_hour,
    )
