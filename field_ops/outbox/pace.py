"""Keeps the calls of one app apart, so that the host's limit by the second is never met.

For this process: when several relays share an app, the host's own "busy" is what slows them down.
"""

import asyncio
import time


class Pace:
    def __init__(self) -> None:
        self._next: dict[str, float] = {}
        self._next_awaited: dict[str, float] = {}

    async def wait(self, connection_id: str, per_second: int, *, awaited: bool = False) -> None:
        """Wait for this connection's next turn: at most `per_second` turns in a second.

        What is `awaited` goes before what waits already, and those that come after it make up for
        that: for as long as those wait, a few hundredths of a second, the host hears both.
        """
        now, apart = time.monotonic(), 1 / max(per_second, 1)
        turn = max(self._next.get(connection_id, 0.0), now)
        self._next[connection_id] = turn + apart
        if awaited:
            turn = max(self._next_awaited.get(connection_id, 0.0), now)
            self._next_awaited[connection_id] = turn + apart
        if turn > now:
            await asyncio.sleep(turn - now)
