"""What the tests need and cannot bring: named in one line each, before anything runs."""

import asyncio
import shutil
import sys

from tests import postgres

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """The browser for the page tests."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


async def missing() -> list[str]:
    """One line for each thing that is missing, with the command that installs it."""
    found = []
    if chromium() is None:
        found.append("The page tests need Chromium: `sudo apt-get install chromium`")
    try:
        async with postgres.server():
            pass
    except RuntimeError as failure:
        found.append(str(failure))
    return found


if __name__ == "__main__":
    lines = asyncio.run(missing())
    for line in lines:
        print(line, file=sys.stderr)
    sys.exit(1 if lines else 0)
