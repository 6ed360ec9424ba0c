"""Reaching the app's addresses: five seconds, three tries (page 90930)."""

from collections.abc import Callable, Mapping

import httpx

from .switches import Switches

TRIES = 3
PUSH_TIMEOUT_S = 5
VERIFY_TIMEOUT_S = 1
Sealed = Callable[[], tuple[Mapping[str, str], bytes]]


class Posts:
    def __init__(self, http: httpx.AsyncClient, switches: Switches) -> None:
        self._http = http
        self._switches = switches

    async def post(self, url: str, sealed: Sealed, content_type: str, tries: int) -> httpx.Response:
        """The answer to the last try; an empty 504 when nobody answered."""
        query, body = sealed()
        for nth in range(tries):
            if nth and self._switches.seal_each_try_anew:
                query, body = sealed()
            answer = await self._post(url, query, body, content_type)
            is_silence = answer.status_code == 504
            if self._is_taken(answer):
                break
            if self._switches.only_silence_is_tried_again and not is_silence:
                break
        return answer

    def _is_taken(self, answer: httpx.Response) -> bool:
        if answer.status_code != 200:
            return False
        body = answer.content
        return not self._switches.only_empty_is_an_answer or not body or b"ncrypt" in body

    async def get(self, url: str, query: Mapping[str, str], timeout_s: float) -> httpx.Response:
        try:
            return await self._http.get(url, params=dict(query), timeout=timeout_s)
        except httpx.HTTPError:
            return httpx.Response(504)

    async def _post(
        self, url: str, query: Mapping[str, str], body: bytes, content_type: str
    ) -> httpx.Response:
        try:
            return await self._http.post(
                url,
                params=dict(query),
                content=body,
                headers={"content-type": content_type},
                timeout=PUSH_TIMEOUT_S,
            )
        except httpx.HTTPError:
            return httpx.Response(504)
