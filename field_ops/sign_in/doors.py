"""What the doors of signing in have in common: refusals become answers, failures are counted."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import BodyUnreadable, Refusal
from ..http.attempts import Attempts
from ..http.characters import refuse_nul
from ..http.edge import read_body
from ..http.pace import address_of
from ..http.problems import from_validation, language_of, problem_response
from .errors import JsonExpected

Model = TypeVar("Model", bound=BaseModel)
Endpoint = Callable[[Request], Awaitable[Response]]


def route(method: str, path: str, endpoint: Endpoint) -> Route:
    """A route of the API whose handler takes the request, because it speaks to a host or sets a
    cookie."""

    async def answered(request: Request) -> Response:
        request.scope["route_pattern"] = path
        try:
            return await endpoint(request)
        except Refusal as refusal:
            return problem_response(refusal, language_of(request))
        except ValidationError as failure:
            language = language_of(request)
            return problem_response(from_validation(failure, language), language)
        except ClientDisconnect:
            return Response(status_code=400)

    return Route(path, answered, methods=[method], name=getattr(endpoint, "__name__", path))


async def json_body(request: Request) -> bytes:
    """The body, which must be JSON: a form of another site cannot send that by itself."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise JsonExpected()
    return await read_body(request)


def parsed(model: type[Model], raw: bytes) -> Model:
    """The body as its model. Raises `BodyUnreadable`, or pydantic's list of what is wrong."""
    refuse_nul(raw)
    try:
        return model.model_validate_json(raw, strict=True)
    except ValidationError as failure:
        if any(error["type"] == "json_invalid" for error in failure.errors()):
            raise BodyUnreadable() from failure
        raise


@contextmanager
def attempts_of(request: Request) -> Iterator[None]:
    """Count a try to sign in from this address; what raises a refusal stays counted."""
    state = request.app.state
    if not hasattr(state, "sign_in_attempts"):
        state.sign_in_attempts = Attempts(state.edge.clock)
    attempts: Attempts = state.sign_in_attempts
    address = address_of(request)
    attempts.begin(address)
    yield
    attempts.succeeded(address)
