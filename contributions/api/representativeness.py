"""Representativeness of a call over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from contributions.api.shapes import Document, TwoLanguages
from contributions.models import Call
from contributions.selectors.representativeness import representativeness
from dure.core.problem_shapes import problems


class JointCellShape(Document):
    keys = serializers.ListField(child=serializers.CharField())
    labels = TwoLanguages(many=True)
    population = serializers.CharField(allow_null=True, help_text="Share of the people.")
    mass = serializers.IntegerField(help_text="Thousandths of a record.")


class JointShape(Document):
    """All dimensions at once; null for a call of one dimension."""

    dimensions = serializers.ListField(child=serializers.CharField())
    reference = serializers.SlugField(allow_null=True)
    mass = serializers.IntegerField(help_text="Thousandths of a record.")
    cells = serializers.IntegerField()
    empty = serializers.IntegerField()
    coverage = serializers.CharField(allow_null=True)
    tvd = serializers.CharField(allow_null=True)
    kish = serializers.CharField(allow_null=True)
    effective_mass = serializers.IntegerField(allow_null=True)
    design_effect = serializers.CharField(allow_null=True)
    cv_rho = serializers.CharField(allow_null=True)
    k = serializers.IntegerField(help_text="Cells of fewer contributors are hidden.")
    hidden = serializers.IntegerField()
    listed = JointCellShape(many=True)


class HourShape(Document):
    weekday = serializers.IntegerField(help_text="0 is Monday.")
    hour = serializers.IntegerField(allow_null=True)
    mass = serializers.IntegerField(allow_null=True, help_text="Null where it is hidden.")


class WeekShape(Document):
    """Coverage of the week in the city's time; null where the data has no time."""

    column = serializers.CharField()
    zone = serializers.CharField()
    hourly = serializers.BooleanField()
    mass = serializers.IntegerField(help_text="Thousandths of a record.")
    cells = serializers.IntegerField()
    covered = serializers.CharField()
    tvd = serializers.CharField(allow_null=True)
    k = serializers.IntegerField()
    hidden = serializers.IntegerField()
    week = HourShape(many=True)


class RepresentativenessShape(Document):
    call = serializers.SlugField()
    version = serializers.IntegerField()
    as_of = serializers.DateTimeField()
    target_mass = serializers.IntegerField(help_text="Thousandths of a record.")
    dimensions = serializers.ListField(
        child=serializers.JSONField(),
        help_text="Coverage, distances, propensities and effective mass of each dimension.",
    )
    strata = serializers.ChoiceField(
        choices=["none", "single", "margins", "joint"],
        help_text="joint: the reference counts all dimensions together; margins: each alone.",
    )
    joint = JointShape(allow_null=True)
    time = WeekShape(allow_null=True)


class CallRepresentativeness(GenericAPIView[Any]):
    queryset = Call.objects.none()
    serializer_class = RepresentativenessShape
    permission_classes = [AllowAny]
    lookup_field = "slug"

    @extend_schema(
        operation_id="calls_representativeness",
        responses={200: RepresentativenessShape, **problems(404)},
    )
    def get(self, _request: Request, slug: str) -> Response:
        """How well the accepted data of a call stands for the city."""
        return Response(representativeness(slug))
