"""Bodies of requests: JSON documents, files in a form, and files as the body itself."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from contributions.intake.services import too_large
from dure.core.problems import INVALID, FieldError

#: A body up to this size stays in memory while it is read.
SPOOL_BYTES = 1024 * 1024
PIECE_BYTES = 256 * 1024
#: What a form may add to its file: boundaries, the call, the purposes.
FORM_BYTES = 64 * 1024


def document_of(request: Request) -> dict[str, Any]:  # Any: JSON that the service examines
    """The JSON object of a request; a problem for lists and plain values."""
    document = request.data
    if not isinstance(document, dict):
        raise INVALID.problem(errors=[FieldError(field="request", message=INVALID.advice)])
    return document


class FileBodyParser(BaseParser):
    """Any body that is not a form: the file itself, spooled to disk beyond a mebibyte."""

    media_type = "*/*"

    def parse(
        self,
        stream: IO[Any],  # Any: DRF's own signature
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        view = (parser_context or {})["view"]
        # Read by the view, which closes it when it has answered.
        spool = view.spool = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115
        size = 0
        while piece := stream.read(PIECE_BYTES):
            size += len(piece)
            if size > settings.UPLOAD_SIZE_MAX:
                raise too_large(settings.UPLOAD_SIZE_MAX)
            spool.write(piece)
        spool.seek(0)
        return {"file": spool}


class TakesFileBody(APIView):
    """A view whose body may be the file itself; it is closed with the answer, also a refusal."""

    parser_classes = [MultiPartParser, FileBodyParser]
    spool: tempfile.SpooledTemporaryFile[bytes] | None = None

    def finalize_response(
        self,
        request: Request,
        response: Response,
        *args: Any,  # Any: DRF's own signature
        **kwargs: Any,
    ) -> Response:
        if self.spool is not None:
            self.spool.close()
        return super().finalize_response(request, response, *args, **kwargs)


def refuse_oversized(request: Request) -> None:
    """Refuse by the announced length, before a byte of the body is read."""
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if announced.isdigit() and int(announced) > settings.UPLOAD_SIZE_MAX + FORM_BYTES:
        raise too_large(settings.UPLOAD_SIZE_MAX)


@dataclass(frozen=True)
class SentFile:
    """A file as it arrived, ready to be read from its start."""

    stream: BinaryIO
    filename: str
    content_type: str
    sha256: str


def sent_file(request: Request) -> SentFile | None:
    """The file of a form (`file`) or the body itself; None where there is none."""
    found = request.data.get("file") if isinstance(request.data, Mapping) else None
    if isinstance(found, UploadedFile):
        name, kind = found.name or "", found.content_type or ""
        stream = cast(BinaryIO, found.file)
    elif isinstance(found, tempfile.SpooledTemporaryFile):
        name = request.query_params.get("filename", "")
        kind = (request.content_type or "").partition(";")[0].strip()
        stream = cast(BinaryIO, found)
    else:
        return None
    digest = hashlib.sha256()
    stream.seek(0)
    while piece := stream.read(PIECE_BYTES):
        digest.update(piece)
    stream.seek(0)
    return SentFile(stream, name, kind, digest.hexdigest())


def field(request: Request, name: str) -> str:
    """One text of the query or the form; empty where it is absent."""
    value = request.query_params.get(name)
    if value is None and isinstance(request.data, Mapping):
        value = request.data.get(name)
    return value if isinstance(value, str) else ""


def fields(request: Request, name: str) -> list[str]:
    """A repeated text of the query and the form."""
    values = list(request.query_params.getlist(name))
    if hasattr(request.data, "getlist"):
        values += [value for value in request.data.getlist(name) if isinstance(value, str)]
    return [value for value in values if value]
