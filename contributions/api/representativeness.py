"""Representativeness of a call over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from contributions.api.shapes import Document, ProblemShape
from contributions.models import Call
from contributions.selectors.representativeness import representativeness


class RepresentativenessShape(Document):
    call = serializers.SlugField()
    version = serializers.IntegerField()
    as_of = serializers.DateTimeField()
    target_mass = serializers.IntegerField(help_text="Thousandths of a record.")
    dimensions = serializers.ListField(
        child=serializers.JSONField(),
        help_text="Coverage, distances, propensities and effective mass of each dimension.",
    )


class CallRepresentativeness(GenericAPIView[Any]):
    queryset = Call.objects.none()
    serializer_class = RepresentativenessShape
    permission_classes = [AllowAny]
    lookup_field = "slug"

    @extend_schema(
        operation_id="calls_representativeness",
        responses={200: RepresentativenessShape, 404: ProblemShape},
    )
    def get(self, _request: Request, slug: str) -> Response:
        """How well the accepted data of a call stands for the city."""
        return Response(representativeness(slug))
