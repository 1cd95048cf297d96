"""Webhooks of an organisation over HTTP: endpoints, what was sent to them, sending it again."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from dure.accounts.acting import Actor
from dure.accounts.models import Organisation, WebhookAttempt, WebhookEndpoint, WebhookMessage
from dure.accounts.webhooks import services
from dure.core.pagination import CursorPages
from dure.core.problem_shapes import problems
from dure.core.problems import INVALID, NOT_ALLOWED, NOT_FOUND, FieldError

KINDS_MAX = 100
ENDPOINT_STATES = [("active", "active"), ("failing", "failing"), ("disabled", "disabled")]
MESSAGE_STATES = [(state, state) for state in WebhookMessage.State.values]


class EndpointWishSerializer(serializers.Serializer[Any]):
    url = serializers.CharField(max_length=500, help_text="https, reachable from the internet")
    kinds = serializers.ListField(
        child=serializers.CharField(max_length=80),
        max_length=KINDS_MAX,
        help_text="kinds of news; /developers/webhooks/ names them",
    )
    organisation = serializers.UUIDField(
        required=False, help_text="where you work for several; a key names its own"
    )


class EndpointSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    organisation = serializers.UUIDField()
    url = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField())
    state = serializers.ChoiceField(choices=ENDPOINT_STATES)
    failing_since = serializers.DateTimeField(allow_null=True)
    disabled_at = serializers.DateTimeField(allow_null=True)
    disabled_for = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


class NewEndpointSerializer(EndpointSerializer):
    secret = serializers.CharField(help_text="signs what is sent; shown in this one answer")


class AttemptSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    at = serializers.DateTimeField()
    status = serializers.IntegerField(allow_null=True, help_text="null where none was answered")
    outcome = serializers.CharField()
    latency_ms = serializers.IntegerField()


class MessageSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    webhook_id = serializers.CharField(help_text="the header that it is sent with, each time")
    kind = serializers.CharField()
    state = serializers.ChoiceField(choices=MESSAGE_STATES)
    created_at = serializers.DateTimeField()
    next_at = serializers.DateTimeField(allow_null=True, help_text="of the next attempt")
    body = serializers.DictField()
    attempts = AttemptSerializer(many=True)


class OldestFirst(CursorPages):
    """As they were added."""

    ordering = ("created_at", "id")


class NewestFirst(CursorPages):
    """What was sent last comes first."""

    ordering = ("-created_at", "-id")


def _seen(acting: Actor) -> QuerySet[WebhookEndpoint]:
    """Endpoints of every organisation that the actor belongs to."""
    acting.require_person()
    return WebhookEndpoint.objects.filter(
        removed_at=None, organisation__party_id__in=acting.parties
    )


def _one(acting: Actor, endpoint_id: UUID) -> WebhookEndpoint:
    found = _seen(acting).filter(id=endpoint_id).first()
    if found is None:
        raise NOT_FOUND.problem()
    return found


def _organisation(acting: Actor, named: UUID | None) -> Organisation:
    """The organisation that was named, or the only one; a neighbour's does not exist."""
    acting.require_person()
    own = Organisation.objects.filter(party_id__in=acting.parties)
    if named is not None:
        found = own.filter(id=named).first()
        if found is None:
            raise NOT_FOUND.problem()
        return found
    several = list(own[:2])
    if not several:
        raise NOT_ALLOWED.problem()
    if len(several) > 1:
        raise INVALID.problem(errors=[FieldError("organisation", _("Name the organisation."))])
    return several[0]


def endpoint_document(endpoint: WebhookEndpoint) -> dict[str, Any]:  # Any: JSON, with times
    """An endpoint without its secret."""
    disabled, failing = endpoint.disabled_at is not None, endpoint.failing_since is not None
    return {
        "id": endpoint.id,
        "organisation": endpoint.organisation_id,
        "url": endpoint.url,
        "kinds": endpoint.kinds,
        "state": "disabled" if disabled else "failing" if failing else "active",
        "failing_since": endpoint.failing_since,
        "disabled_at": endpoint.disabled_at,
        "disabled_for": endpoint.disabled_for,
        "created_at": endpoint.created_at,
    }


def message_document(message: WebhookMessage) -> dict[str, Any]:  # Any: JSON, with times
    """A message with what came of every attempt; the body is what was signed."""
    return {
        "id": message.id,
        "webhook_id": f"msg_{message.id.hex}",
        "kind": message.kind,
        "state": message.state,
        "created_at": message.created_at,
        "next_at": message.next_at if message.state == WebhookMessage.State.WAITING else None,
        "body": json.loads(message.body),
        "attempts": [
            {
                "number": each.number,
                "at": each.at,
                "status": each.status,
                "outcome": each.outcome,
                "latency_ms": each.latency_ms,
            }
            for each in message.attempts.all()
        ],
    }


class EndpointList(GenericAPIView[WebhookEndpoint]):
    """The organisation's endpoints, and a new one."""

    pagination_class = OldestFirst
    serializer_class = EndpointSerializer
    queryset = WebhookEndpoint.objects.none()

    @extend_schema(
        operation_id="webhooks_list",
        summary="Endpoints of your organisations",
        responses={200: EndpointSerializer(many=True), **problems(401, 403)},
    )
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(_seen(Actor.of(request))) or []
        return self.get_paginated_response([endpoint_document(each) for each in page])

    @extend_schema(
        operation_id="webhooks_add",
        summary="Add an endpoint; its secret is shown once",
        request=EndpointWishSerializer,
        responses={201: NewEndpointSerializer, **problems(400, 401, 403, 404, 409, 422)},
    )
    def post(self, request: Request) -> Response:
        acting = Actor.of(request)
        acting.require_person()
        wish = EndpointWishSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        wanted = wish.validated_data
        made, secret = services.add_endpoint(
            acting=acting,
            organisation=_organisation(acting, wanted.get("organisation")),
            url=wanted["url"],
            kinds=wanted["kinds"],
        )
        made.refresh_from_db()
        headers = {"Location": f"/api/v1/webhooks/{made.id}/", "Cache-Control": "no-store"}
        body = {**endpoint_document(made), "secret": secret}
        return Response(body, status=201, headers=headers)


class EndpointDetail(GenericAPIView[WebhookEndpoint]):
    """One endpoint."""

    @extend_schema(
        operation_id="webhooks_read",
        summary="An endpoint and whether it is reached",
        responses={200: EndpointSerializer, **problems(401, 403, 404)},
    )
    def get(self, request: Request, endpoint_id: UUID) -> Response:
        return Response(endpoint_document(_one(Actor.of(request), endpoint_id)))

    @extend_schema(
        operation_id="webhooks_remove",
        summary="Remove an endpoint; nothing is sent there any more",
        responses={204: None, **problems(401, 403, 404)},
    )
    def delete(self, request: Request, endpoint_id: UUID) -> Response:
        services.remove_endpoint(acting=Actor.of(request), endpoint_id=endpoint_id)
        return Response(status=204)


class MessageList(GenericAPIView[WebhookMessage]):
    """What was sent to an endpoint."""

    pagination_class = NewestFirst
    serializer_class = MessageSerializer
    queryset = WebhookMessage.objects.none()

    @extend_schema(
        operation_id="webhooks_messages",
        summary="What was sent to an endpoint, with every attempt",
        responses={200: MessageSerializer(many=True), **problems(401, 403, 404)},
    )
    def get(self, request: Request, endpoint_id: UUID) -> Response:
        attempts = Prefetch("attempts", WebhookAttempt.objects.order_by("number"))
        sent = _one(Actor.of(request), endpoint_id).messages.prefetch_related(attempts)
        page = self.paginate_queryset(sent) or []
        return self.get_paginated_response([message_document(each) for each in page])


class Redelivery(GenericAPIView[WebhookMessage]):
    """A message once more, under its own id."""

    @extend_schema(
        operation_id="webhooks_redeliver",
        summary="Send a message again, whatever became of it",
        request=None,
        responses={202: MessageSerializer, **problems(401, 403, 404, 409)},
    )
    def post(self, request: Request, endpoint_id: UUID, message_id: UUID) -> Response:
        acting = Actor.of(request)
        if not _one(acting, endpoint_id).messages.filter(id=message_id).exists():
            raise NOT_FOUND.problem()
        message = services.redeliver(acting=acting, message_id=message_id)
        return Response(message_document(message), status=202)
