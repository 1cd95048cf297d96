"""Lists are read by cursor: stable while rows are added, and quick at any depth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from dure.core.problems import INVALID, FieldError


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
        """A page; INVALID (400) for a cursor that was made up instead of followed."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValidationError, ValueError, NotFound):
            message = _(
                "Follow the addresses under next and previous; this cursor is none of them."
            )
            raise INVALID.problem(errors=[FieldError("cursor", message)]) from None
