"""Looking at governance's records; nothing here can be added, changed or deleted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from dure.accounts.acting import Actor
from dure.accounts.models import Membership, Organisation
from governance.access.services import note_access
from governance.models import (
    AlgorithmVersion,
    Consent,
    ConsentEvent,
    LogAudit,
    LogCheckpoint,
    LogEntry,
    Notice,
    Report,
)


class NotesAccess:
    """For pages about one party: whoever opens one leaves a note that this party can read."""

    def party_of(self, obj: Any) -> UUID | None:  # Any: the admin's own model
        """The party that a record is about; None where it is about nobody."""
        found: UUID = obj.party_id
        return found

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        *args: Any,
        **kwargs: Any,  # Django's own
    ) -> HttpResponse:
        self._note(request, object_id)
        answer: HttpResponse = super().change_view(  # type: ignore[misc]  # of ModelAdmin
            request, object_id, *args, **kwargs
        )
        return answer

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        *args: Any,
        **kwargs: Any,  # Django's own
    ) -> HttpResponse:
        self._note(request, object_id)
        answer: HttpResponse = super().history_view(  # type: ignore[misc]  # of ModelAdmin
            request, object_id, *args, **kwargs
        )
        return answer

    def _note(self, request: HttpRequest, object_id: str) -> None:
        obj = self.get_object(request, object_id)  # type: ignore[attr-defined]  # of ModelAdmin
        party_id = None if obj is None else self.party_of(obj)
        if party_id is not None:
            note_access(
                acting=Actor.of(request),
                party_id=party_id,
                what=obj._meta.model_name,
                why="administration",
                subject=str(obj.pk),
            )


class ReadOnly(admin.ModelAdmin[Any]):  # one class for models of every kind
    """Shows, and offers no way to change."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Organisation)
class OrganisationAdmin(ReadOnly):
    # Without its party: a choice of parties would list everybody.
    exclude = ("party",)


@admin.register(Membership)
class MembershipAdmin(NotesAccess, ReadOnly):
    """Only services change it: a change in here would leave no log entry."""

    list_display = ("id", "organisation", "created_at")
    list_select_related = ("organisation",)

    def party_of(self, obj: Membership) -> UUID:
        found: UUID = obj.person.party_id
        return found


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnly):
    list_display = ("index", "kind", "recorded_at")
    list_filter = ("kind",)
    list_select_related = ("place",)
    ordering = ("-origin_seq",)
    exclude = ("body", "leaf_hash")
    # A count of millions of rows would be slower than the page is worth.
    show_full_result_count = False


@admin.register(LogCheckpoint)
class LogCheckpointAdmin(ReadOnly):
    list_display = ("size", "signed_at")
    ordering = ("-size",)
    exclude = ("root",)


@admin.register(LogAudit)
class LogAuditAdmin(ReadOnly):
    list_display = ("audited_at", "outcome", "size", "first_bad_index")
    ordering = ("-audited_at",)


@admin.register(Notice)
class NoticeAdmin(ReadOnly):
    list_display = ("scope", "purpose", "version", "required", "published_at")
    list_filter = ("scope",)


class ConsentEventInline(admin.TabularInline[ConsentEvent, Consent]):
    model = ConsentEvent
    fields = ("position", "state", "language", "decided_at")
    readonly_fields = fields
    extra = 0
    can_delete = False


@admin.register(Consent)
class ConsentAdmin(NotesAccess, ReadOnly):
    list_display = ("id", "notice", "state", "created_at")
    list_select_related = ("notice",)
    inlines = (ConsentEventInline,)


@admin.register(Report)
class ReportAdmin(ReadOnly):
    list_display = ("period", "edition", "published_at", "sha256")
    exclude = ("body", "signature")


@admin.register(AlgorithmVersion)
class AlgorithmVersionAdmin(ReadOnly):
    list_display = ("algorithm", "version", "code_sha256", "registered_at")
