"""A process that dies at a call to the host: just before it, or after the host said yes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from field_ops.host.agenda import Agenda

CALLS = ("make", "find", "change", "take_away", "tick", "open_book")


class Killed(BaseException):
    """Nothing of ours catches it, as nothing catches a SIGKILL."""


@dataclass
class Doomed:
    """Dies at the call of this number, counted over all services; `meanwhile` runs before each."""

    call: int
    after: bool
    meanwhile: Callable[[], Awaitable[Any]] | None = None
    made: int = 0

    def around(self, agenda: Agenda) -> Agenda:
        return DoomedAgenda(agenda, self)  # type: ignore[return-value]

    async def live_through(self, call: Callable[..., Awaitable[Any]], *arguments: Any, **more: Any):
        number, self.made = self.made, self.made + 1
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()
        if number == self.call and not self.after:
            raise Killed
        answer = await call(*arguments, **more)
        if number == self.call:
            raise Killed
        return answer


class DoomedAgenda:
    """An agenda whose every call goes through its fate."""

    def __init__(self, agenda: Agenda, fate: Doomed) -> None:
        self._agenda, self._fate = agenda, fate

    def __getattr__(self, name: str) -> Any:
        inner = getattr(self._agenda, name)
        if name not in CALLS:
            return inner

        async def called(*arguments: Any, **more: Any) -> Any:
            return await self._fate.live_through(inner, *arguments, **more)

        return called
