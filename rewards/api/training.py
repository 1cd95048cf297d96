"""Questions of models over HTTP: stored by operators, named by hash, given to nobody."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core.clock import rfc3339
from dure.core.pagination import CursorPages
from dure.core.problem_shapes import problems
from rewards.api.document_view import DocumentView
from rewards.epochs.questions import BYTES_MOST, store_questions
from rewards.models import TrainingQuestions


class QuestionsRequest(serializers.Serializer[dict[str, object]]):
    file = serializers.FileField(help_text="UTF-8 CSV, a header and 1 to 1,000 rows.")


class QuestionsShape(serializers.Serializer[dict[str, object]]):
    sha256 = serializers.CharField(help_text="For training.questions_sha256 of a call.")
    rows = serializers.IntegerField()
    columns = serializers.ListField(child=serializers.CharField())
    stored_at = serializers.DateTimeField()


class QuestionsPages(CursorPages):
    ordering = ("-stored_at", "-id")


class QuestionsList(DocumentView):
    queryset = TrainingQuestions.objects.none()
    serializer_class = QuestionsShape
    pagination_class = QuestionsPages
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="training_questions_list",
        responses={200: QuestionsShape(many=True), **problems(403)},
    )
    def get(self, request: Request) -> Response:
        """Operators: stored sets of questions, newest first; never the questions themselves."""
        Actor.of(request).require(Role.OPERATOR)
        page = self.paginate_queryset(TrainingQuestions.objects.all())
        return self.get_paginated_response([_document(each) for each in page or []])

    @extend_schema(
        operation_id="training_questions_store",
        request={"multipart/form-data": QuestionsRequest},
        responses={
            201: QuestionsShape,
            **problems(400, 403, 422),
        },
    )
    def post(self, request: Request) -> Response:
        """Operators: keep a set of questions, sealed, under the hash of the file."""
        acting = Actor.of(request)
        acting.require(Role.OPERATOR)
        asked = QuestionsRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        body = asked.validated_data["file"].read(BYTES_MOST + 1)
        return Response(_document(store_questions(acting=acting, body=body)), status=201)


def _document(stored: TrainingQuestions) -> dict[str, object]:
    return {
        "sha256": stored.sha256,
        "rows": stored.rows,
        "columns": stored.columns,
        "stored_at": rfc3339(stored.stored_at),
    }
