"""`waiqin import`: a company moves in with its spreadsheets; and `waiqin export`."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from ..customers.filters import CustomerFilter
from ..errors import Refusal
from ..exchange import export_actions, export_files, import_actions, import_undo
from ..exchange.at_once import Desk, Report, Wishes
from ..exchange.columns import bare
from ..exchange.contact_cells import titles
from ..exchange.customer_cells import Style
from ..exchange.error_file import BETWEEN, reasons_of, write_errors
from ..exchange.import_models import ImportBatch
from ..exchange.import_terms import KEYS, MODES
from ..jobs.tools import Company
from ..runtime import Runtime
from ..texts import Text
from ..work import Actor, Work
from .common import as_json, fail, only_tenant, opened, run_async, system_work

OUTCOMES = ("created", "updated", "same", "skipped", "doubtful", "wrong")
LISTED = 50
SHOWN = 10  # problems on the screen; the error file has all of them
WRONG_ROW = Text("第 {row} 行：{reasons}", "row {row}: {reasons}")
MORE_IN_FILE = Text("… 还有 {count} 行，见 {file}", "… {count} more: see {file}")
MORE = Text(
    "… 还有 {count} 行，用 --errors FILE 写入文件",
    "… {count} more: write them to a file with --errors FILE",
)
TOTAL = Text(
    "共 {total} 行：新建 {created}，更新 {updated}，无变化 {same}，跳过 {skipped}，"
    "疑似重复 {doubtful}，有误 {wrong}",
    "{total} rows: {created} to create, {updated} to update, {same} unchanged, "
    "{skipped} skipped, {doubtful} doubtful, {wrong} wrong",
)
DRY_RUN = Text("仅检查，没有写入任何数据", "nothing was stored (dry run)")
DONE = Text(
    "已完成，批次 {batch}（7 天内可用 waiqin import undo {batch} 撤销）",
    "done; batch {batch} (within 7 days: waiqin import undo {batch})",
)
NOTHING_STORED = Text(
    "没有写入任何数据；请改正有误的行，或用 --skip-errors 只导入其余的行",
    "nothing was stored; mend the rows, or import the others with --skip-errors",
)
NOT_FINISHED = Text("没有全部完成，批次 {batch}", "it did not come to its end; batch {batch}")
UNDONE = Text(
    "已撤销：删除 {removed} 个，恢复 {restored} 个，保留 {kept} 个",
    "undone: {removed} removed, {restored} restored, {kept} kept",
)
WOULD_UNDO = Text(
    "将删除 {removed} 个，恢复 {restored} 个，保留 {kept} 个",
    "would remove {removed}, restore {restored} and keep {kept}",
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
    "--mode",
    type=click.Choice(list(MODES)),
    help="What becomes of rows whose customer is there, or is not. [default: as before, or create]",
)
@click.option(
    "--key",
    type=click.Choice(list(KEYS)),
    help="By what a customer is known. [default: as before, or name_city]",
)
@click.option(
    "--system",
    help="Which system gave the external ids. [default: as before]",
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="HEADING=FIELD",
    help="Read this column as that field (repeat it); an empty FIELD leaves it out.",
)
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
    mode: str | None,
    key: str | None,
    system: str | None,
    columns: tuple[str, ...],
    error_file: Path | None,
    language: str,
    tenant: int | None,
    json_: bool,
) -> None:
    """Import customers from a CSV or XLSX file. Exit 1 when nothing is stored."""
    try:
        async with opened() as runtime:
            desk = await _desk(runtime, tenant, language)
            mapping = await _mapping(desk, file, columns) if columns else None
            wishes = Wishes(mapping, mode, key, system, dry_run, skip_errors)  # type: ignore[arg-type]
            report = await desk.take_in(file, wishes, _progress(json_))
    except Refusal as refusal:
        fail(refusal.say(language))
    if error_file is not None and report.errors:
        write_errors(error_file, report.batch.header, report.errors, language)
    if json_:
        as_json(_plain(report, language))
    else:
        _say(report, error_file, language)
    if report.batch.state != "done" and not (dry_run and not (report.errors and not skip_errors)):
        sys.exit(1)


@import_command.command("list")
@click.option("--tenant", type=int, help="The company, where there are several.")
@click.option("--json", "json_", is_flag=True, help="Machine-readable output.")
@run_async
async def list_imports(tenant: int | None, json_: bool) -> None:
    """List the last imports, the newest first."""
    async with opened() as runtime:
        tenant_id = await only_tenant(runtime, tenant)
        async with system_work(runtime, tenant_id) as work:
            batches = await import_actions.recent(work, LISTED)
            zone = work.zone
    if json_:
        as_json([_batch(one) for one in batches])
        return
    for one in batches:
        at = f"{one.asked_at.astimezone(zone):%Y-%m-%d %H:%M}"
        click.echo(f"{one.id}  {at}  {one.state:9}  {one.done}/{one.total}  {one.file_name}")


@import_command.command("undo")
@click.argument("batch")
@click.option("--dry-run", is_flag=True, help="Say what would become of it and change nothing.")
@click.option(
    "--language",
    type=click.Choice(["zh", "en"]),
    default="zh",
    show_default=True,
    help="In which language the report says what stays, and why.",
)
@click.option("--tenant", type=int, help="The company, where there are several.")
@click.option("--json", "json_", is_flag=True, help="Machine-readable output.")
@run_async
async def undo(batch: str, dry_run: bool, language: str, tenant: int | None, json_: bool) -> None:
    """Take an import back within seven days. What somebody worked with since stays."""
    try:
        async with opened() as runtime:
            desk = await _desk(runtime, tenant, language)
            async with system_work(runtime, desk.company.tenant_id) as work:
                seen = await import_undo.forecast(work, batch)
            counts = seen.counts
            if not dry_run:
                counts = (await desk.undo(batch, _progress(json_))).counts
    except Refusal as refusal:
        fail(refusal.say(language))
    kept = [(number, [reason.say(language) for reason in why]) for number, _, why in seen.kept]
    told = {outcome: counts.get(outcome, 0) for outcome in ("removed", "restored", "kept")}
    if json_:
        rows = [{"row": number, "reasons": reasons} for number, reasons in kept]
        as_json({**told, "dry_run": dry_run, "rows_kept": rows})
        return
    for number, reasons in kept[:SHOWN]:
        said = BETWEEN.say(language).join(reasons)
        click.echo(WRONG_ROW.say(language, row=number, reasons=said))
    click.echo((WOULD_UNDO if dry_run else UNDONE).say(language, **told))


async def _desk(runtime: Runtime, tenant: int | None, language: str) -> Desk:
    tenant_id = await only_tenant(runtime, tenant)
    async with system_work(runtime, tenant_id) as work:
        company, actor = Company(tenant_id, work.zone), replace(work.actor, language=language)
    return Desk(runtime.database, runtime.files, runtime.clock, company, actor)


async def _mapping(desk: Desk, file: Path, columns: tuple[str, ...]) -> dict[str, int]:
    """The columns as their headings name them, except those that the caller names."""
    sheet = await asyncio.to_thread(import_actions.look_at, file)
    async with desk.reading() as work:
        mapping, _ = await import_actions.guessed(work, sheet)
        known = await titles(work)
    header = [bare(title) for title in sheet.header]
    for one in columns:
        heading, _, wanted = one.rpartition("=")
        if bare(heading) not in header:
            fail(f"there is no column {heading}")
        if wanted and wanted not in known:
            fail(f"there is no field {wanted}: choose one of {', '.join(known)}")
        column = header.index(bare(heading))
        mapping = {name: at for name, at in mapping.items() if at != column}
        if wanted:
            mapping[wanted] = column
    return mapping


def _progress(json_: bool) -> Callable[[int, int], None]:
    def progress(done: int, total: int) -> None:
        if sys.stderr.isatty() and not json_:
            click.echo(f"\r  {100 * done // max(total, 1)} %", nl=done == total, err=True)

    return progress


def _say(report: Report, error_file: Path | None, language: str) -> None:
    for error in report.errors[:SHOWN]:
        reasons = reasons_of(error, language)
        click.echo(WRONG_ROW.say(language, row=error.number, reasons=reasons))
    if (more := len(report.errors) - SHOWN) > 0:
        where = MORE_IN_FILE if error_file else MORE
        click.echo(where.say(language, count=more, file=error_file))
    batch = report.batch
    counts = {name: report.counts.get(name, 0) for name in OUTCOMES}
    click.echo(TOTAL.say(language, total=batch.total, **counts))
    if batch.state == "done":
        click.echo(DONE.say(language, batch=batch.id))
    elif batch.started_at is not None:
        click.echo(NOT_FINISHED.say(language, batch=batch.id))
    else:
        wrong = (counts["wrong"] or counts["doubtful"]) and not batch.skip_errors
        click.echo((NOTHING_STORED if wrong else DRY_RUN).say(language))


def _plain(report: Report, language: str) -> dict[str, object]:
    return {
        **_batch(report.batch),
        "counts": {name: report.counts.get(name, 0) for name in OUTCOMES},
        "stored": report.batch.started_at is not None,
        "errors": [
            {"row": error.number, "reasons": [reason.say(language) for reason in error.reasons]}
            for error in report.errors
        ],
    }


def _batch(batch: ImportBatch) -> dict[str, object]:
    names = ("id", "file_name", "state", "mode", "key", "mapping", "total", "done", "counts")
    return {name: getattr(batch, name) for name in names}


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
