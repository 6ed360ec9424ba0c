"""What is read from disk once, before anybody waits for it: dictionaries and calendars.

Each takes some tenths of a second. Whoever came first would wait for it, and on the event loop
everybody else with him.
"""

import gc

from .calendar import work_days
from .customers import names, pinyin


def warm_up() -> None:
    """Read everything now. Called by a process before it serves or works."""
    work_days.warm_up()
    names.warm_up()
    pinyin.warm_up()
    # What is here now stays until the end: the collector need not look at it again and again,
    # which would stop everybody for a tenth of a second.
    gc.collect()
    gc.freeze()
