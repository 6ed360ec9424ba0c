"""Turns at what only one may have at a time: whom somebody waits for goes before the rest."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

# So many awaited ones in a row, while others wait too: then one of the others has its turn.
MOST_IN_A_ROW = 4

Waiting = deque[asyncio.Future[None]]


class Turns:
    """A lock with two queues. Each queue is served in the order of arrival."""

    def __init__(self) -> None:
        self._taken = False
        self._awaited: Waiting = deque()
        self._rest: Waiting = deque()
        self._in_a_row = 0

    @asynccontextmanager
    async def turn(self, *, awaited: bool) -> AsyncIterator[None]:
        """Wait for a turn and keep it until the end of the block. `awaited`: a person or a host
        waits for what is done in it."""
        if self._taken:
            await self._wait(self._awaited if awaited else self._rest)
        self._taken = True
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, queue: Waiting) -> None:
        turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                queue.remove(turn)
            else:  # it was our turn already
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """Give the turn to the next one. Until he takes it, it counts as taken."""
        queue = self._awaited
        if self._rest and (not self._awaited or self._in_a_row >= MOST_IN_A_ROW):
            queue = self._rest
        self._in_a_row = self._in_a_row + 1 if queue is self._awaited and self._rest else 0
        while queue:
            turn = queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._taken = False
