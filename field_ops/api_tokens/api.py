"""The routes of API tokens. All need `connections.configure`."""

from ..errors import NotAllowed, NotFound
from ..http.routes import Routes
from ..work import Work
from . import actions
from .actions import TokenDepartmentUnknown
from .schemas import ApiTokenIn, ApiTokenMade, ApiTokenOut, ApiTokens

routes = Routes("/api/v1", tag="api-tokens")


@routes.get("/api-tokens", refusals=(NotAllowed,))
async def list_api_tokens(work: Work) -> ApiTokens:
    """Every token of the company, the newest first."""
    return ApiTokens(rows=[ApiTokenOut.model_validate(row) for row in await actions.listed(work)])


@routes.post("/api-tokens", status=201, refusals=(NotAllowed, TokenDepartmentUnknown))
async def make_api_token(work: Work, body: ApiTokenIn) -> ApiTokenMade:
    """Make a token for a program. The token itself is told this once."""
    made, token = await actions.make(work, body)
    shown = ApiTokenOut.model_validate(made).model_dump()
    return ApiTokenMade.model_validate({**shown, "token": token})


@routes.delete("/api-tokens/{token_id}", refusals=(NotAllowed, NotFound))
async def revoke_api_token(work: Work, token_id: str) -> ApiTokenOut:
    """Revoke a token: it opens nothing any more."""
    return ApiTokenOut.model_validate(await actions.revoke(work, token_id))
