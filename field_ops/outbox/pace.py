"""Keeps the calls of one app apart, so that the host's limit by the second is never met.

For this process: when several relays share an app, the host's own "busy" is what slows them down.
"""

import asyncio
import time


class Pace:
    def __init__(self) -> None:
        self._next: dict[str, float] = {}

    async def wait(self, connection_id: str, per_second: int) -> None:
        """Wait for this connection's next turn: at most `per_second` turns in a second."""
        now = time.monotonic()
        turn = max(self._next.get(connection_id, 0.0), now)
        self._next[connection_id] = turn + 1 / max(per_second, 1)
        if turn > now:
            await asyncio.sleep(turn - now)
