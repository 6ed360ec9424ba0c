"""A route is one function: models in, model out; its OpenAPI entry falls out of the signature.

    routes = Routes("/api/v1", tag="visits")

    @routes.post("/visits", status=201, refusals=(VisitStillOpen,))
    async def check_in(work: Work, body: CheckInIn) -> VisitOut: ...

A parameter named `query` is a model of the query string, `body` a model of the JSON body, `edge`
the edge itself (to sign links), any other besides `work` a part of the path. GET gets a reading
`Work`; the rest one transaction and a key.
"""

import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import BodyUnreadable, Refusal
from ..work import Work
from .characters import refuse_nul
from .edge import Edge, read_body, to_response
from .idempotency import Answer
from .problems import from_validation, language_of, problem_response

Handler = Callable[..., Awaitable[Any]]
Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Operation:
    """One route, as read from its function once at import.

    `upload` are the media types where the body is a file's bytes instead of JSON, `session` false
    where nobody needs to be signed in. `scope` is what a program's token must have ("": only
    members may);
    `sparse` leaves out of the answer what was not set.
    """

    method: str
    path: str
    tag: str
    name: str
    summary: str
    description: str
    status: int
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    path_names: tuple[str, ...]
    wants_edge: bool
    answer: TypeAdapter[Any]
    refusals: tuple[type[Refusal], ...]
    upload: tuple[str, ...] = ()
    session: bool = True
    scope: str = ""
    sparse: bool = False


class Routes:
    """The routes of one domain, in a plain list that the app collects."""

    def __init__(self, prefix: str, *, tag: str) -> None:
        self.prefix = prefix
        self.tag = tag
        self.operations: list[Operation] = []  # what the OpenAPI document tells
        self.plain: list[Route] = []  # doors written by hand: sign-in, photos
        self._typed: list[Route] = []

    def get(
        self,
        path: str,
        *,
        refusals: tuple[type[Refusal], ...] = (),
        scope: str = "",
        sparse: bool = False,
    ) -> Callable[[Handler], Handler]:
        return self._add("GET", path, 200, refusals, scope, sparse)

    def post(
        self,
        path: str,
        *,
        status: int = 200,
        refusals: tuple[type[Refusal], ...] = (),
        scope: str = "",
    ) -> Callable[[Handler], Handler]:
        return self._add("POST", path, status, refusals, scope)

    def put(
        self, path: str, *, refusals: tuple[type[Refusal], ...] = (), scope: str = ""
    ) -> Callable[[Handler], Handler]:
        return self._add("PUT", path, 200, refusals, scope)

    def patch(
        self, path: str, *, refusals: tuple[type[Refusal], ...] = (), scope: str = ""
    ) -> Callable[[Handler], Handler]:
        return self._add("PATCH", path, 200, refusals, scope)

    def delete(
        self, path: str, *, refusals: tuple[type[Refusal], ...] = (), scope: str = ""
    ) -> Callable[[Handler], Handler]:
        return self._add("DELETE", path, 200, refusals, scope)

    def describe(
        self,
        method: str,
        path: str,
        *,
        name: str,
        summary: str,
        answer: Any,
        body: type[BaseModel] | None = None,
        query: type[BaseModel] | None = None,
        status: int = 200,
        refusals: tuple[type[Refusal], ...] = (),
        upload: tuple[str, ...] = (),
        session: bool = True,
    ) -> None:
        """Tell the OpenAPI document about a door that is written by hand (in `plain`)."""
        self.operations.append(
            Operation(
                method=method,
                path=self.prefix + path,
                tag=self.tag,
                name=name,
                summary=summary,
                description="",
                status=status,
                body=body,
                query=query,
                path_names=tuple(re.findall(r"{(\w+)}", path)),
                wants_edge=False,
                answer=TypeAdapter(answer),
                refusals=refusals,
                upload=upload,
                session=session,
            )
        )

    def starlette_routes(self) -> list[Route]:
        """Every route of the domain; fixed paths before those with a part to fill in."""
        return sorted(self._typed + self.plain, key=lambda route: "{" in route.path)

    def _add(
        self,
        method: str,
        path: str,
        status: int,
        refusals: tuple[type[Refusal], ...],
        scope: str = "",
        sparse: bool = False,
    ) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            op = _read(handler, method, self.prefix + path, self.tag, status, refusals)
            op = replace(op, scope=scope, sparse=sparse)
            self.operations.append(op)
            self._typed.append(
                Route(op.path, _endpoint(op, handler), methods=[op.method], name=op.name)
            )
            return handler

        return register


def _read(
    handler: Handler,
    method: str,
    path: str,
    tag: str,
    status: int,
    refusals: tuple[type[Refusal], ...],
) -> Operation:
    signature = inspect.signature(handler, eval_str=True)
    hints = {name: p.annotation for name, p in signature.parameters.items()}
    return Operation(
        method=method,
        path=path,
        tag=tag,
        name=handler.__name__,
        summary=_paragraphs(handler)[0],
        description="\n\n".join(_paragraphs(handler)[1:]),
        status=status,
        wants_edge="edge" in hints,
        body=hints.get("body"),
        query=hints.get("query"),
        path_names=tuple(n for n in hints if n not in ("work", "edge", "body", "query")),
        answer=TypeAdapter(signature.return_annotation),
        refusals=refusals,
    )


def _paragraphs(handler: Handler) -> list[str]:
    """Of its docstring, each in one line."""
    return [one.replace("\n", " ") for one in (inspect.getdoc(handler) or "").split("\n\n")]


def _endpoint(op: Operation, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        request.scope["route_pattern"] = op.path
        request.scope["token_scope"] = op.scope
        edge: Edge = request.app.state.edge
        try:
            raw, given = await _read_request(op, request, edge)
            if op.wants_edge:
                given["edge"] = edge

            async def effect(work: Work) -> Answer:
                result = await handler(work, **given)
                return Answer(op.status, op.answer.dump_json(result, exclude_unset=op.sparse))

            if op.method == "GET":
                async with edge.reading(request) as work:
                    answer = await effect(work)
                await edge.database.keep_after(work.session)
            else:
                answer = await edge.writing(request, raw, effect)
            await edge.note_use(request)
        except Refusal as refusal:
            return problem_response(refusal, language_of(request))
        except ClientDisconnect:
            return Response(status_code=400)
        return to_response(answer)

    return endpoint


async def _read_request(
    op: Operation, request: Request, edge: Edge
) -> tuple[bytes, dict[str, Any]]:
    """The body, and what the handler is given. A stranger hears that he is one, not what is wrong
    with his question."""
    try:
        raw = b"" if op.method == "GET" else await read_body(request)
        return raw, _arguments(op, request, raw)
    except Refusal:
        await edge.refuse_strangers(request, writes=op.method != "GET")
        raise


def _arguments(op: Operation, request: Request, raw: bytes) -> dict[str, Any]:
    given: dict[str, Any] = {name: request.path_params[name] for name in op.path_names}
    try:
        if op.query is not None:
            given["query"] = op.query.model_validate(dict(request.query_params))
    except ValidationError as failure:
        raise from_validation(failure, language_of(request)) from failure
    if op.body is not None:
        given["body"] = body_of(op.body, request, raw)
    return given


def body_of(model: type[Body], request: Request, raw: bytes) -> Body:
    """The JSON body as `model`. Raises BodyUnreadable or FieldsInvalid."""
    refuse_nul(raw)
    try:
        return model.model_validate_json(raw, strict=True)
    except ValidationError as failure:
        if any(error["type"] == "json_invalid" for error in failure.errors()):
            raise BodyUnreadable() from failure
        raise from_validation(failure, language_of(request)) from failure
