"""One line on stderr that says how far a long reading is."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

EVERY_S = 0.2  # on a terminal, where the line is written over
EVERY_LINE_S = 5.0


@contextmanager
def progress_of(what: str) -> Iterator[Callable[[int, int], None]]:
    """`told(read, found)` inside; how much there is in all is known only at the end."""
    on_terminal = sys.stderr.isatty()
    last = time.monotonic()

    def told(read: int, found: int) -> None:
        nonlocal last
        if time.monotonic() - last < (EVERY_S if on_terminal else EVERY_LINE_S):
            return
        last = time.monotonic()
        line = f"{what}: {read} of {found} read"
        click.echo(f"\r\x1b[K{line}" if on_terminal else line, err=True, nl=not on_terminal)

    try:
        yield told
    finally:
        if on_terminal:
            click.echo("\r\x1b[K", err=True, nl=False)
