"""`waiqin import customers FILE`: a company moves in with its spreadsheet."""

import sys
from pathlib import Path

import click

from ..exchange.customers import ImportReport, import_customers
from ..exchange.error_file import write_errors
from .common import as_json, only_tenant, opened, run_async, system_work

SHOWN = 10  # problems on the screen; the error file has all of them


@click.group()
def import_command() -> None:
    """Bring data in."""


@import_command.command("customers")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check every row and store nothing.")
@click.option("--skip-errors", is_flag=True, help="Store the good rows although others are wrong.")
@click.option(
    "--errors",
    "error_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the wrong rows with their reasons (CSV).",
)
@click.option("--tenant", type=int, help="The company, where there are several.")
@click.option("--json", "json_", is_flag=True, help="Machine-readable output.")
@run_async
async def customers(
    file: Path,
    dry_run: bool,
    skip_errors: bool,
    error_file: Path | None,
    tenant: int | None,
    json_: bool,
) -> None:
    """Import customers from a CSV or XLSX file. Exit 1 when nothing is stored."""

    def progress(done: int, total: int) -> None:
        if sys.stderr.isatty() and not json_:
            click.echo(f"\r  {done} of {total}", nl=done == total, err=True)

    async with opened() as runtime:
        tenant_id = await only_tenant(runtime, tenant)
        async with system_work(runtime, tenant_id) as work:
            report = await import_customers(
                work, file, dry_run=dry_run, skip_errors=skip_errors, progress=progress
            )
    if error_file is not None and report.errors:
        write_errors(error_file, report.header, report.errors)
    if json_:
        as_json(_plain(report))
    else:
        _say(report, error_file)
    if report.errors and not (skip_errors and (report.created or dry_run)):
        sys.exit(1)


def _say(report: ImportReport, error_file: Path | None) -> None:
    for error in report.errors[:SHOWN]:
        click.echo(f"第 {error.number} 行: {'；'.join(error.reasons)}")
    if len(report.errors) > SHOWN:
        where = f"see {error_file}" if error_file else "write them to a file with --errors FILE"
        click.echo(f"… {len(report.errors) - SHOWN} more: {where}")
    click.echo(f"{report.total} rows: {report.good} good, {len(report.errors)} wrong")
    if report.dry_run:
        click.echo("nothing was stored (dry run)")
    elif report.created:
        click.echo(f"{report.created} customer(s) created")
    else:
        click.echo("nothing was stored; mend the rows, or import the good ones with --skip-errors")


def _plain(report: ImportReport) -> dict[str, object]:
    return {
        "total": report.total,
        "good": report.good,
        "created": report.created,
        "dry_run": report.dry_run,
        "errors": [{"row": e.number, "reasons": list(e.reasons)} for e in report.errors],
    }
