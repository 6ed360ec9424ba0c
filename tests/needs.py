"""What the tests need and cannot bring: named in one line each, before anything runs."""

import shutil
import sys
from contextlib import ExitStack

from tests import postgres

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """The browser for the page tests."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def missing() -> list[str]:
    """One line for each thing that is missing, with the command that installs it."""
    found = []
    if chromium() is None:
        found.append("The page tests need Chromium: `sudo apt-get install chromium`")
    try:
        with ExitStack() as stack:
            stack.enter_context(postgres.server())
    except (RuntimeError, OSError) as failure:
        found.append(str(failure))
    return found


if __name__ == "__main__":
    for line in missing():
        print(line, file=sys.stderr)
    sys.exit(1 if missing() else 0)
