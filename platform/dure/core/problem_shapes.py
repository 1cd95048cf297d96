"""The shape of a refusal, as the OpenAPI document shows it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

Fields = dict[str, serializers.Field[Any, Any, Any, Any]]  # DRF's fields are generic in data


class ProblemFieldSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    message = serializers.CharField()
    code = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()

    def get_fields(self) -> Fields:
        # A serializer has an attribute "errors" of its own.
        return {**super().get_fields(), "errors": ProblemFieldSerializer(many=True)}


def problems(*statuses: int) -> dict[int, type[ProblemSerializer]]:
    """The problem documents that an operation can answer, for ``extend_schema``.

    That they are ``application/problem+json`` is said of all of them in openapi_document.
    """
    return dict.fromkeys(statuses, ProblemSerializer)
