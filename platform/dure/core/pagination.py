"""Lists are read by cursor: stable while rows are added, and quick at any depth."""

from __future__ import annotations

from rest_framework.pagination import CursorPagination


class CursorPages(CursorPagination):
    """``{"results": […], "next": …, "previous": …}``; a view sets ``ordering`` to its own."""

    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200
    ordering: str | tuple[str, ...] = "-created_at"
