"""The doors of attachments: bytes in, bytes out by signed links, and away."""

from urllib.parse import quote, unquote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ..customers.queries import find_customer
from ..errors import NotAllowed, NotFound, Refusal, TooLarge
from ..files.store import FileStore
from ..http import sessions
from ..http.edge import Edge, read_body, to_response
from ..http.idempotency import Answer
from ..http.problems import language_of, problem_response
from ..http.routes import Routes
from ..keys import Keys
from ..work import Work
from . import actions, links, storefront
from .errors import (
    AttachmentHasMacros,
    AttachmentUnreadable,
    NoPictureHere,
    NotYourAttachment,
    TooManyAttachments,
)
from .models import Attachment
from .present import attachment_out
from .schemas import AttachmentGoneOut, AttachmentOut, StorefrontIn, StorefrontOut

routes = Routes("/api/v1", tag="attachments")
# A browser that is shown such an answer by itself still runs and loads nothing of it.
CLOSED = "default-src 'none'; sandbox"


async def upload(request: Request) -> Response:
    """The file's bytes are the body; `X-File-Name` is its name, percent-encoded."""
    request.scope["route_pattern"] = "/api/v1/customers/{customer_id}/attachments"
    edge: Edge = request.app.state.edge
    store: FileStore = request.app.state.files
    customer_id = request.path_params["customer_id"]
    try:
        tenant_id, session_id = sessions.named_by(request, edge.keys)
        edge.check_csrf(request, session_id)
        async with edge.reading(request) as work:  # strangers shall not make us work
            actions.refuse_onlookers(work)
            await find_customer(work, customer_id)
        raw = await read_body(request, actions.UPLOAD_LIMIT)
        name = unquote(request.headers.get("x-file-name", ""))
        kept = await actions.keep(store, tenant_id, raw, name)

        is_used = False

        async def effect(work: Work) -> Answer:
            nonlocal is_used
            added = await actions.attach(work, customer_id, kept)
            is_used = added.place == kept.place
            out = attachment_out(work, edge.keys, added, may_remove=True)
            return Answer(201, out.model_dump_json().encode())

        try:
            answer = await edge.writing(request, raw, effect)
        finally:
            if not is_used:  # the same file or the same key again, or refused
                await actions.drop(store, kept)
    except Refusal as refusal:
        return problem_response(refusal, language_of(request))
    except ClientDisconnect:
        return Response(status_code=400)
    return to_response(answer)


async def download(request: Request) -> Response:
    """A file, or the small picture of one, by its signed link. Only our own small picture is ever
    shown in place; everything else is a download."""
    request.scope["route_pattern"] = "/api/v1/attachments/{tenant_id}/{attachment_id}/{form}"
    edge: Edge = request.app.state.edge
    store: FileStore = request.app.state.files
    params, query = request.path_params, request.query_params
    named = f"{params['tenant_id']}/{params['attachment_id']}/{params['form']}"
    signature = query.get("signature", "")
    if not links.is_good(edge.keys, named, query.get("ends", ""), signature, edge.clock()):
        return problem_response(NotFound(), language_of(request))
    async with edge.database.reading() as session:
        # The link itself is the permission: it was given to somebody who sees the customer.
        one = await session.get(Attachment, (params["tenant_id"], params["attachment_id"]))
    is_small = params["form"] == "small"
    place = "" if one is None or one.removed_at else one.thumbnail_place if is_small else one.place
    content = await store.get(place) if place else None
    if one is None or content is None:
        return problem_response(NotFound(), language_of(request))
    headers = {
        "cache-control": "private, max-age=300",
        "x-content-type-options": "nosniff",
        "content-security-policy": CLOSED,
        "content-disposition": f"{'inline' if is_small else 'attachment'}; "
        f"filename*=UTF-8''{quote(one.name, safe='')}",
    }
    media_type = "image/jpeg" if is_small else one.media_type
    return Response(content, media_type=media_type, headers=headers)


@routes.delete("/attachments/{attachment_id}", refusals=(NotFound, NotAllowed, NotYourAttachment))
async def remove_attachment(work: Work, attachment_id: str) -> AttachmentGoneOut:
    """Take an attachment away. That it was there stays in the timeline."""
    await actions.remove(work, attachment_id)
    return AttachmentGoneOut()


@routes.get("/customers/{customer_id}/storefront", refusals=(NotFound,))
async def show_storefront(work: Work, customer_id: str, edge: Edge) -> StorefrontOut:
    """The picture by which a store is recognised, and what its record still needs."""
    return await _storefront(work, edge.keys, customer_id)


@routes.put("/customers/{customer_id}/storefront", refusals=(NotFound, NotAllowed, NoPictureHere))
async def put_storefront(
    work: Work, customer_id: str, body: StorefrontIn, edge: Edge
) -> StorefrontOut:
    """Recognise the store by this picture from now on. The one before stays among its files."""
    customer = await storefront.show_front(work, customer_id, body.attachment_id)
    return await _storefront(work, edge.keys, customer.id)


async def _storefront(work: Work, keys: Keys, customer_id: str) -> StorefrontOut:
    found = await storefront.storefront_of(work, customer_id)
    may_remove = found.photo is not None and await actions.may_remove(work, found.photo)
    photo = attachment_out(work, keys, found.photo, may_remove=may_remove) if found.photo else None
    return StorefrontOut(photo=photo, missing=found.missing)


routes.plain += [
    Route("/api/v1/customers/{customer_id}/attachments", upload, methods=["POST"]),
    Route("/api/v1/attachments/{tenant_id:int}/{attachment_id}/{form}", download),
]
routes.describe(
    "POST",
    "/customers/{customer_id}/attachments",
    name="add_attachment",
    summary="Add a file to a customer; the body is the file itself, `X-File-Name` its name.",
    answer=AttachmentOut,
    status=201,
    upload=("application/octet-stream",),
    refusals=(
        NotFound,
        NotAllowed,
        TooLarge,
        AttachmentUnreadable,
        AttachmentHasMacros,
        TooManyAttachments,
    ),
)
