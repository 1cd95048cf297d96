"""The room's records to look at; they are changed by services only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest

from governance.admin import NotesAccess
from rewards.models import Account, Epoch, Redemption, Transfer


class ReadOnly(admin.ModelAdmin[Any]):  # Any: one base for several models
    """Shows and searches; adds, changes and deletes nothing."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False


@admin.register(Account)
class AccountAdmin(NotesAccess, ReadOnly):
    list_display = ["public_id", "asset", "kind", "scope", "opened_at"]
    list_filter = ["asset", "kind"]

    def party_of(self, obj: Account) -> UUID | None:
        """Wallets have owners; the city's own accounts have none."""
        return obj.owner_id


@admin.register(Transfer)
class TransferAdmin(ReadOnly):
    list_display = ["id", "kind", "state", "reference", "posted_at"]
    list_filter = ["kind", "state"]
    exclude = ["actor"]


@admin.register(Epoch)
class EpochAdmin(ReadOnly):
    list_display = ["id", "call", "number", "state", "asset", "closed_at", "approved_at"]
    list_filter = ["state"]
    exclude = ["manifest", "terms"]


@admin.register(Redemption)
class RedemptionAdmin(NotesAccess, ReadOnly):
    list_display = ["id", "asset", "rail", "state", "requested_at", "resolved_at"]
    list_filter = ["state", "rail"]
    exclude = ["destination", "party"]
