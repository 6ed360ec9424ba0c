"""The built pages of the H5, and the headers that every answer carries."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The hosts' own pages may frame ours; nobody else may.
FRAME_ANCESTORS = "'self' https://*.dingtalk.com https://*.work.weixin.qq.com"
# What DingTalk's camera took: its app answers this address itself, inside of its pages only.
HOST_PICTURES = "https://resource"
CONTENT_SECURITY_POLICY = (
    f"default-src 'self'; img-src 'self' data: blob: {HOST_PICTURES}; "
    "style-src 'self' 'unsafe-inline'; "
    "script-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    f"form-action 'self'; frame-src 'self'; frame-ancestors {FRAME_ANCESTORS}"
)
HEADERS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(self), camera=(self)"),
)
NOT_BUILT = """<!doctype html><meta charset="utf-8"><title>Waiqin</title>
<p>页面还没有构建。请运行 <code>make run</code>。</p>
<p>The pages are not built yet. Run <code>make run</code>.</p>"""


class SecurityHeaders:
    """Adds the headers to every answer that does not set them itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(pair for pair in HEADERS if pair[0] not in present),
                ]
            await send(message)

        await self._app(scope, receive, send_with_headers)


class H5Files(StaticFiles):
    """Hashed files may be kept for a year; `index.html` never: an update is seen at once."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        hashed = "/assets/" in str(args[0])
        response.headers["cache-control"] = (
            "public, max-age=31536000, immutable" if hashed else "no-cache"
        )
        return response


class AdminFiles(H5Files):
    """The desk console: another page of the same build, with the same hashed files."""

    def get_path(self, scope: Scope) -> str:
        path = super().get_path(scope)
        return "admin.html" if path == "." else path


def h5_folder() -> Path | None:
    """Where the built pages are: packed into the wheel, or beside the sources."""
    here = Path(__file__).resolve().parent
    for folder in (here.parent / "h5_dist", here.parent.parent / "h5" / "dist"):
        if (folder / "index.html").exists():
            return folder
    return None


async def not_built(_request: Request) -> Response:
    return HTMLResponse(NOT_BUILT, status_code=503)
