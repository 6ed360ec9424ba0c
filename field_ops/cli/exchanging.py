"""`waiqin import customers FILE`: a company moves in with its spreadsheet; and `waiqin export`."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import click

from ..customers.filters import CustomerFilter
from ..errors import Refusal
from ..exchange import export_actions, export_files
from ..exchange.customer_cells import Style
from ..exchange.customers import ImportReport, import_customers
from ..exchange.error_file import reasons_of, write_errors
from ..texts import Text
from ..work import Actor, Work
from .common import as_json, fail, only_tenant, opened, run_async, system_work

SHOWN = 10  # problems on the screen; the error file has all of them
WRONG_ROW = Text("第 {row} 行：{reasons}", "row {row}: {reasons}")
MORE_IN_FILE = Text("… 还有 {count} 行，见 {file}", "… {count} more: see {file}")
MORE = Text(
    "… 还有 {count} 行，用 --errors FILE 写入文件",
    "… {count} more: write them to a file with --errors FILE",
)
TOTAL = Text(
    "共 {total} 行：{good} 行可导入，{wrong} 行有误", "{total} rows: {good} good, {wrong} wrong"
)
DRY_RUN = Text("仅检查，没有写入任何数据", "nothing was stored (dry run)")
CREATED = Text("已新建 {count} 个客户", "{count} customer(s) created")
NOTHING_STORED = Text(
    "没有写入任何数据；请改正有误的行，或用 --skip-errors 只导入其余的行",
    "nothing was stored; mend the rows, or import the good ones with --skip-errors",
)
COMMAND_LINE = Text("系统（命令行）", "the system (command line)")
WRITTEN = Text("已导出 {count} 个客户到 {file}", "{count} customer(s) written to {file}")


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
@click.option(
    "--language",
    type=click.Choice(["zh", "en"]),
    default="zh",
    show_default=True,
    help="In which language the report and the error file say what is wrong.",
)
@click.option("--tenant", type=int, help="The company, where there are several.")
@click.option("--json", "json_", is_flag=True, help="Machine-readable output.")
@run_async
async def customers(
    file: Path,
    dry_run: bool,
    skip_errors: bool,
    error_file: Path | None,
    language: str,
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
            try:
                report = await import_customers(
                    work, file, dry_run=dry_run, skip_errors=skip_errors, progress=progress
                )
            except Refusal as refusal:
                fail(refusal.say(language))
    if error_file is not None and report.errors:
        write_errors(error_file, report.header, report.errors, language)
    if json_:
        as_json(_plain(report, language))
    else:
        _say(report, error_file, language)
    if report.errors and not (skip_errors and (report.created or dry_run)):
        sys.exit(1)


def _say(report: ImportReport, error_file: Path | None, language: str) -> None:
    for error in report.errors[:SHOWN]:
        reasons = reasons_of(error, language)
        click.echo(WRONG_ROW.say(language, row=error.number, reasons=reasons))
    if (more := len(report.errors) - SHOWN) > 0:
        where = MORE_IN_FILE if error_file else MORE
        click.echo(where.say(language, count=more, file=error_file))
    wrong = len(report.errors)
    click.echo(TOTAL.say(language, total=report.total, good=report.good, wrong=wrong))
    if report.dry_run:
        click.echo(DRY_RUN.say(language))
    elif report.created:
        click.echo(CREATED.say(language, count=report.created))
    else:
        click.echo(NOTHING_STORED.say(language))


def _plain(report: ImportReport, language: str) -> dict[str, object]:
    return {
        "total": report.total,
        "good": report.good,
        "created": report.created,
        "dry_run": report.dry_run,
        "errors": [
            {"row": error.number, "reasons": [reason.say(language) for reason in error.reasons]}
            for error in report.errors
        ],
    }


@click.group()
def export_command() -> None:
    """Take data out."""


@export_command.command("customers")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--level", type=click.Choice(["A", "B", "C", "D"]), help="Only this level.")
@click.option("--city", help="Only this city.")
@click.option(
    "--updated-since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="Only what was changed since then, by the company's clock.",
)
@click.option("--mask-phones", is_flag=True, help="Write 138****8000.")
@click.option(
    "--language",
    type=click.Choice(["zh", "en"]),
    default="zh",
    show_default=True,
    help="The language of the header and of the choices.",
)
@click.option("--tenant", type=int, help="The company, where there are several.")
@click.option("--json", "json_", is_flag=True, help="Machine-readable output.")
@run_async
async def export_customers(
    file: Path,
    level: str | None,
    city: str | None,
    updated_since: datetime | None,
    mask_phones: bool,
    language: str,
    tenant: int | None,
    json_: bool,
) -> None:
    """Write all customers into FILE, a .csv or .xlsx that `waiqin import` understands."""
    if file.suffix.lower() not in (".csv", ".xlsx"):
        fail("the file must end in .csv or .xlsx")

    async def progress(done: int) -> None:
        if sys.stderr.isatty() and not json_:
            click.echo(f"\r  {done}", nl=False, err=True)

    async with opened() as runtime:
        tenant_id = await only_tenant(runtime, tenant)
        async with system_work(runtime, tenant_id) as work:
            zone, at = work.zone, work.local_now
        since = updated_since.replace(tzinfo=zone) if updated_since else None
        wanted = {"level": level, "city": city, "updated_since": since}
        order = export_files.Order(
            CustomerFilter.model_validate(wanted),
            Style(language, mask_phones),
            file.suffix.lower()[1:],
            COMMAND_LINE.say(language),
            at,
        )

        @asynccontextmanager
        async def reading() -> AsyncIterator[Work]:
            async with runtime.database.reading() as session:
                yield Work(session, Actor(tenant_id, None, via="cli"), runtime.clock(), zone)

        try:
            rows = await export_files.write_file(file, order, reading, progress)
        except OSError as failure:
            fail(f"{file} cannot be written: {failure.strerror}")
        async with system_work(runtime, tenant_id) as work:
            filters = order.filters.model_dump(mode="json", exclude_none=True)
            export_actions.note(
                work, "export.written", file.name[:64], filters, rows, masked=mask_phones
            )
    if json_:
        as_json({"rows": rows, "file": str(file)})
    else:
        click.echo(WRITTEN.say(language, count=rows, file=file))
