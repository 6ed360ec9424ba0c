"""`make bench`: every benchmark on SQLite and, where a server is found, on PostgreSQL."""

import asyncio
import subprocess
import sys

from tests.postgres import scratch_database

BENCHES = (
    "bench_callback",
    "bench_check_in",
    "bench_import",
    "bench_lookup",
    "bench_org_sync",
    "bench_relay",
)
WITHOUT_DATABASE = ("bench_reconnect",)
SIZES = {"bench_import": ("50000",), "bench_lookup": ("1000000",)}


def run(bench: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", f"benchmarks.{bench}", *arguments], check=True)


async def on_postgres(bench: str, *arguments: str) -> None:
    async with scratch_database() as url:
        await asyncio.to_thread(run, bench, *arguments, url)


def main() -> None:
    for bench in BENCHES:
        size = SIZES.get(bench, ())
        print(f"# {bench}", file=sys.stderr)
        run(bench, *size)
        try:
            asyncio.run(on_postgres(bench, *size))
        except (RuntimeError, OSError) as failure:
            print(f"# {bench} on PostgreSQL: {failure}", file=sys.stderr)
    for bench in WITHOUT_DATABASE:
        print(f"# {bench}", file=sys.stderr)
        run(bench)


if __name__ == "__main__":
    main()
