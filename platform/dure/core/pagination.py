"""Lists are read by cursor: stable while rows are added, and quick at any depth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request


class CursorPages(CursorPagination):
    """``{"results": […], "next": …, "previous": …}``; a view sets ``ordering`` to its own."""

    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200
    ordering: str | tuple[str, ...] = "-created_at"

    def paginate_queryset(
        self,
        queryset: QuerySet[Any] | Sequence[Any],  # Any: whatever a view lists
        request: Request,
        view: Any = None,  # Any: DRF's own signature
    ) -> list[Any] | None:
        """A page; a cursor that was made up instead of followed is not found."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValidationError, ValueError):
            raise NotFound(self.invalid_cursor_message) from None
