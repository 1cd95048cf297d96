"""Looking at the facts of this room; nothing is changed here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from contributions.models import (
    Call,
    CallVersion,
    Contribution,
    ReferencePopulation,
    StageRun,
)
from governance.admin import NotesAccess


class ReadOnly(admin.ModelAdmin[Any]):  # Any: serves several models
    """Facts are written by services, so the administration only shows them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(ReferencePopulation)
class ReferencePopulationAdmin(ReadOnly):
    list_display = ("key", "source", "as_of", "registered_at")


@admin.register(Call)
class CallAdmin(ReadOnly):
    list_display = ("slug", "published", "opens_at", "closes_at")
    list_select_related = ("published__call",)


@admin.register(CallVersion)
class CallVersionAdmin(ReadOnly):
    list_display = ("call", "number", "state", "created_at", "published_at")
    list_filter = ("state",)
    list_select_related = ("call",)


@admin.register(Contribution)
class ContributionAdmin(NotesAccess, ReadOnly):
    list_display = ("receipt", "call", "state", "stage", "reason_rule", "submitted_at")
    list_filter = ("state", "call")
    list_select_related = ("call",)
    exclude = ("filename",)


@admin.register(StageRun)
class StageRunAdmin(ReadOnly):
    list_display = ("contribution", "stage", "code_version", "started_at", "ended_at")
    list_filter = ("stage",)
    list_select_related = ("contribution",)
