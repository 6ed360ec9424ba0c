"""`waiqin evidence verify`: is the chain whole, and do the rows still say what was chained?"""

import sys

import click

from ..history import heads, queries
from ..tenants.models import Tenant
from ..visits import evidence
from ..visits.queries import visit_numbered
from .common import as_json, fail, only_tenant, opened, run_async, system_work


@click.group()
def evidence_command() -> None:
    """The evidence chain."""


@evidence_command.command("verify")
@click.option("--visit", help="Only this visit, by its number (V-20260310-0007) or id.")
@click.option("--tenant", type=int, help="The company, where there are several.")
@click.option("--json", "json_", is_flag=True, help="Machine-readable output.")
@run_async
async def verify(visit: str | None, tenant: int | None, json_: bool) -> None:
    """Walk the whole chain; with --visit also compare that visit's rows. Exit 1 when broken."""
    async with opened() as runtime:
        tenant_id = await only_tenant(runtime, tenant)
        async with system_work(runtime, tenant_id) as work:
            company = (await work.session.get_one(Tenant, tenant_id)).name
            differing: list[str] = []
            numbers: list[int] = []
            if visit is not None:
                found = await visit_numbered(work, visit)
                if found is None:
                    fail(f"there is no visit {visit}")
                differing = await evidence.discrepancies(work, found.id)
                numbers = [link.number for link in await queries.links_of(work, found.id)]
            found_out = await heads.verify(work)
    report = found_out.chain
    differing += [problem for problem in found_out.problems if problem != report.problem]
    good = report.is_whole and not differing
    if json_:
        as_json(
            {
                "company": company,
                "whole": report.is_whole,
                "links": report.links,
                "head": report.head,
                "daily_heads": found_out.heads,
                "broken_at": report.broken_at,
                "problem": report.problem,
                "visit": visit,
                "visit_links": numbers,
                "discrepancies": differing,
            }
        )
    else:
        click.echo(f"{company}: {report.links} links, head {report.head}")
        if numbers:
            click.echo(f"visit {visit}: links {', '.join(map(str, numbers))}")
        for problem in filter(None, [report.problem, *differing]):
            click.echo(f"BROKEN {problem}")
        if good:
            click.echo("the chain is whole")
    if not good:
        sys.exit(1)
