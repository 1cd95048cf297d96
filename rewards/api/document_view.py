"""What the views of this room share: they answer documents that selectors build."""

from __future__ import annotations

from typing import Any

from rest_framework.generics import GenericAPIView


class DocumentView(GenericAPIView[Any]):  # Any: its serializers describe documents, not rows
    """A view whose serializer is there for the OpenAPI document."""
