"""Uploaded files ("上传媒体文件"), and the files that somebody sent to the robot."""

import secrets
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .backstage import Backstage
from .gate import Call, NewNo, OldNo, mandatory

MB = 1024 * 1024
DOCUMENTS = "doc docx xls xlsx ppt pptx zip pdf rar"
KINDS = {  # most bytes, and how a file name may end
    "image": (20 * MB, "jpg jpeg gif png bmp"),
    "voice": (2 * MB, "amr mp3 wav"),
    "video": (20 * MB, "mp4"),
    "file": (20 * MB, DOCUMENTS),
}
DOWNLOAD_LIFE_S = 600


class Media:
    """`uploaded` are the files that the app gave to DingTalk, by media id."""

    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage
        self.uploaded: dict[str, bytes] = {}
        self._sent_to_robot: dict[str, bytes] = {}  # by download code

    def routes(self) -> list[Route]:
        return [
            self._backstage.gate.upload("/media/upload", self._upload),
            self._backstage.gate.new("/v1.0/robot/messageFiles/download", self._lend),
            Route("/files/{code}.file", self._download, methods=["GET"]),
        ]

    def sent_to_robot(self, content: bytes) -> str:
        """The download code of a file that somebody sends to the robot."""
        code = secrets.token_urlsafe(24)
        self._sent_to_robot[code] = content
        return code

    def _upload(self, kind: str, file: UploadFile, content: bytes) -> dict[str, Any]:
        if kind not in KINDS:
            raise OldNo(40004, "不合法的媒体文件类型")
        most, endings = KINDS[kind]
        if (file.filename or "").rpartition(".")[2].lower() not in endings.split():
            raise OldNo(40005, "不合法的文件类型")
        if not 0 < len(content) <= most:
            raise OldNo(40006, "不合法的文件大小")
        media_id = "@l" + secrets.token_urlsafe(24)
        self.uploaded[media_id] = content
        return {"type": kind, "media_id": media_id, "created_at": self._backstage.now_ms}

    def _lend(self, call: Call) -> dict[str, Any]:
        mandatory(call, "downloadCode", "robotCode")
        code = str(call.body["downloadCode"])
        if code not in self._sent_to_robot:
            raise NewNo(400, "invalidParameter.robotCode.downloadCode", "downloadCode错误")
        lent = self._backstage.purse.lend("file", code, DOWNLOAD_LIFE_S)
        expires = int(self._backstage.clock()) + DOWNLOAD_LIFE_S
        url = f"{self._backstage.base_url}/files/{lent}.file?Expires={expires}"
        return {"downloadUrl": url}

    async def _download(self, request: Request) -> Response:
        lent = self._backstage.purse.find(request.path_params["code"], "file")
        if lent is None or not self._backstage.purse.is_alive(lent):
            return JSONResponse({"Code": "AccessDenied"}, 403)
        return Response(self._sent_to_robot[lent.whose], media_type="application/octet-stream")
