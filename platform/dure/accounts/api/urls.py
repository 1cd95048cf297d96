"""Addresses below ``/api/v1/``."""

from __future__ import annotations

from django.urls import path

from dure.accounts.api import webhooks

app_name = "accounts_api"

urlpatterns = [
    path("webhooks/", webhooks.EndpointList.as_view(), name="webhooks"),
    path("webhooks/<uuid:endpoint_id>/", webhooks.EndpointDetail.as_view(), name="webhook"),
    path(
        "webhooks/<uuid:endpoint_id>/messages/",
        webhooks.MessageList.as_view(),
        name="webhook-messages",
    ),
    path(
        "webhooks/<uuid:endpoint_id>/messages/<uuid:message_id>/redelivery/",
        webhooks.Redelivery.as_view(),
        name="webhook-redelivery",
    ),
]
