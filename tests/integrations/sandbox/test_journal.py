"""The request log of a pretend host."""

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from integrations.sandbox.journal import ADDRESS, Journal


async def answer(request: Request) -> JSONResponse:
    body = await request.body()
    return JSONResponse({"heard": len(body), "access_token": "T0K3N"}, status_code=201)


def a_journal(most: int = 500) -> Journal:
    routes = [Route("/{path:path}", answer, methods=["GET", "POST"])]
    return Journal(Starlette(routes=routes), lambda: 7.0, most)


def reaching(app) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://host.test")


async def test_what_is_asked_and_answered_is_written_down():
    journal = a_journal()
    async with reaching(journal) as http:
        await http.post("/topapi/send", params={"access_token": "T0K3N", "a": "早"}, content="hi")
    (asked,) = journal.about("/send")
    assert (asked.at, asked.method, asked.path, asked.status) == (7.0, "POST", "/topapi/send", 201)
    assert (asked.query, asked.body) == ("access_token=***&a=早", "hi")
    assert '"heard":2' in asked.answer


async def test_no_secret_is_written_down():
    journal = a_journal()
    async with reaching(journal) as http:
        await http.post("/token", json={"appSecret": "T0K3N", "clientSecret": "T0K3N", "id": "x"})
        await http.get("/gettoken", params={"corpsecret": "T0K3N", "ticket": "T0K3N"})
    assert "T0K3N" not in repr(journal.entries)
    assert "x" in journal.entries[0].body


async def test_people_read_it_at_its_address_newest_first():
    sandbox = Starlette(routes=[Mount("/dingtalk", app=a_journal(most=2))])
    async with reaching(sandbox) as http:
        for n in range(3):
            await http.get(f"/dingtalk/{n}")
        shown = (await http.get(f"/dingtalk{ADDRESS}")).json()
    assert [asked["path"] for asked in shown] == ["/2", "/1"]
