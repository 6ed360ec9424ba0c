"""`waiqin evidence verify`: is the chain whole, and do the rows still say what was chained?"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo

import click

from ..errors import NotFound
from ..history import heads
from ..history.heads import EvidenceReport
from ..runtime import Runtime
from ..tenants.models import Tenant
from ..visits.certificate import Certificate, as_data, certificate_of
from ..visits.certificate_text import as_text
from ..visits.queries import visit_numbered
from ..work import Actor, Work
from .common import as_json, fail, only_tenant, opened, run_async


@click.group()
def evidence_command() -> None:
    """The evidence chain."""


@evidence_command.command("verify")
@click.option("--visit", help="The certificate of this visit, by number (V-20260310-0007) or id.")
@click.option("--tenant", type=int, help="The company, where there are several.")
@click.option(
    "--language",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    help="Of the certificate.",
)
@click.option("--json", "json_", is_flag=True, help="Machine-readable output.")
@run_async
async def verify(visit: str | None, tenant: int | None, language: str, json_: bool) -> None:
    """Walk the whole chain and its daily heads; with --visit print that visit's certificate.

    Exit 1 when anything was changed. It only reads, and may run beside the server.
    """
    certificate: Certificate | None = None
    async with opened() as runtime:
        tenant_id = await only_tenant(runtime, tenant)
        async with _reading(runtime, tenant_id) as work:
            company = (await work.session.get_one(Tenant, tenant_id)).name
            if visit is None:
                report = await heads.verify(work)
            else:
                certificate = await _certificate(work, runtime, visit)
                report = certificate.report
    if json_:
        told = _as_data(company, report)
        as_json({**told, **as_data(certificate)} if certificate else told)
    elif certificate is not None:
        click.echo(as_text(certificate, language))
    else:
        _tell(company, report)
    if not report.is_whole or (certificate is not None and certificate.problems):
        sys.exit(1)


async def _certificate(work: Work, runtime: Runtime, visit: str) -> Certificate:
    found = await visit_numbered(work, visit)
    if found is None:
        fail(f"there is no visit {visit}")
    try:
        return await certificate_of(work, runtime.files, found.id)
    except NotFound:
        fail(f"BROKEN visit {visit}: rows that belong to it are gone")


def _tell(company: str, report: EvidenceReport) -> None:
    click.echo(f"{company}: {report.chain.links} links, head {report.chain.head}")
    until = f", the last of {report.sealed_until}" if report.sealed_until else ""
    click.echo(f"daily heads: {report.heads}{until}")
    for problem in report.problems:
        click.echo(f"BROKEN {problem}")
    if report.is_whole:
        click.echo("the chain is whole")


def _as_data(company: str, report: EvidenceReport) -> dict[str, object]:
    return {
        "company": company,
        "whole": report.is_whole,
        "links": report.chain.links,
        "head": report.chain.head,
        "broken_at": report.chain.broken_at,
        "problem": report.chain.problem,
        "daily_heads": report.heads,
        "sealed_until": report.sealed_until,
        "changed_days": {str(day): problem for day, problem in report.changed.items()},
    }


@asynccontextmanager
async def _reading(runtime: Runtime, tenant_id: int) -> AsyncIterator[Work]:
    """The company at work, without keeping anybody else from writing."""
    async with runtime.database.reading() as session:
        tenant = await session.get(Tenant, tenant_id)
        if tenant is None:
            fail(f"there is no company {tenant_id}")
        actor = Actor(tenant_id, None, via="cli")
        yield Work(session, actor, runtime.clock(), ZoneInfo(tenant.zone))
