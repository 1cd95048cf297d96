"""Photographs on their way in: kept in memory, because a disk would keep what they tell."""

from __future__ import annotations

import io
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

from contributions.evidence.services import SentPhoto


class InMemoryOnly(FileUploadHandler):
    """Holds what one request sends, up to a fixed number of bytes in all."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._total = 0
        self._part = io.BytesIO()

    def new_file(self, *args: Any, **kwargs: Any) -> None:  # Any: Django's own signature
        super().new_file(*args, **kwargs)
        self._part = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._total += len(raw_data)
        if self._total > settings.PHOTO_REQUEST_MAX:
            raise RequestDataTooBig
        self._part.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[bytes]:
        self._part.seek(0)
        return InMemoryUploadedFile(
            self._part, self.field_name, self.file_name or "", self.content_type, file_size,
            self.charset, self.content_type_extra,
        )  # fmt: skip


def keep_in_memory(request: HttpRequest) -> None:
    """To be called before anybody reads the body of a request that brings photographs."""
    request.upload_handlers = [InMemoryOnly(request)]


def sent_photos(files: Any) -> list[SentPhoto]:  # Any: Django's MultiValueDict of files
    """The pictures of a form, sent as `photo`."""
    return [SentPhoto(each.read(), each.name or "") for each in files.getlist("photo")]
