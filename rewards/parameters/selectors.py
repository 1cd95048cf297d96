"""Reading changes of parameters: what was proposed, what it would do, who decided."""

from __future__ import annotations

import json
from typing import Any, TypedDict
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from dure.core.canonical import Json
from dure.core.clock import rfc3339
from dure.core.problems import NOT_FOUND
from governance.log.selectors import log_index
from rewards.models import ChangeState, ParameterChange
from rewards.parameters.services import UNSAID

SHOWN_MOST = 100


class ChangeDocument(TypedDict):
    """A change as anybody may read it; persons are left out.

    ``reason`` says in words, in the reader's language, where a revised call gave none.
    """

    id: str
    call: str
    version: int
    changes: dict[str, dict[str, Json]]
    reason: str
    state: str
    effect: dict[str, Any]  # Any: JSON of rewards.parameters.services
    effect_sha256: str
    proposed_at: str
    decided_at: str | None
    log: dict[str, int | None]


def change_documents(*, only_open: bool = False) -> list[ChangeDocument]:
    """Changes, newest first."""
    rows = ParameterChange.objects.select_related("version__call")
    if only_open:
        rows = rows.filter(state=ChangeState.PROPOSED)
    return [change_document(change) for change in rows[:SHOWN_MOST]]


def changes(*, call: str | None = None) -> QuerySet[ParameterChange]:
    """Changes of every call, or of the one with this slug."""
    found = ParameterChange.objects.select_related("version__call")
    return found if call is None else found.filter(version__call__slug=call.replace("\x00", ""))


def change(change_id: UUID) -> ParameterChange:
    """One change; raises NOT_FOUND."""
    found = changes().filter(id=change_id).first()
    if found is None:
        raise NOT_FOUND.problem()
    return found


def change_document(change: ParameterChange) -> ChangeDocument:
    """One change."""
    return {
        "id": str(change.id),
        "call": change.version.call.slug,
        "version": change.version.number,
        "changes": change.changes,
        "reason": _("No reason was given.") if change.reason == UNSAID else change.reason,
        "state": change.state,
        "effect": json.loads(bytes(change.effect_at_approval or change.effect)),
        "effect_sha256": change.effect_sha256,
        "proposed_at": rfc3339(change.proposed_at),
        "decided_at": rfc3339(change.decided_at) if change.decided_at else None,
        "log": {"index": log_index(change.activation_entry or change.proposal_entry)},
    }
