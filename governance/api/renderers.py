"""Forms of a report beside JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import BaseRenderer, JSONRenderer


class CsvRenderer(BaseRenderer):
    """A text that is CSV already; a problem document stays JSON."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self,
        data: Any,  # DRF renders anything
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if isinstance(data, bytes):
            return data
        if isinstance(data, str):
            # The mark tells spreadsheets that Korean follows in UTF-8.
            return b"\xef\xbb\xbf" + data.encode()
        return JSONRenderer().render(data, "application/json", renderer_context)


class PageRenderer(CsvRenderer):
    """Stands for the page of the portal that the view sends browsers to."""

    media_type = "text/html"
    format = "html"


class PdfRenderer(CsvRenderer):
    """Bytes that are a PDF already."""

    media_type = "application/pdf"
    format = "pdf"
    charset = None  # type: ignore[assignment]  # bytes have none


class ZipRenderer(CsvRenderer):
    """Bytes that are an archive already."""

    media_type = "application/zip"
    format = "zip"
    charset = None  # type: ignore[assignment]  # bytes have none
