"""What an address answers to OPTIONS: the methods it takes, and nothing about its fields.

The fields stand in the OpenAPI document, where they are the same for everybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.metadata import BaseMetadata

if TYPE_CHECKING:  # the views of the library read this class while they are being made
    from rest_framework.request import Request
    from rest_framework.views import APIView


class AllowedMethods(BaseMetadata):
    """Django REST framework's own asks views for serializers that not all of them have."""

    def determine_metadata(self, request: Request, view: APIView) -> dict[str, list[str]]:
        return {"methods": view.allowed_methods}
