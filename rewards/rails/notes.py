"""What operators find out about differences: added beside them, never rewritten."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core.clock import now
from dure.core.problems import INVALID, NOT_FOUND, FieldError
from rewards.models import DifferenceNote
from rewards.rails.reconciliation import differences

NOTE_MAX = 500


@transaction.atomic
def note_difference(*, acting: Actor, name: str, note: str, closes: bool) -> DifferenceNote:
    """Say what a difference comes from; ``closes`` when it is explained.

    Operators; NOT_FOUND for a difference that does not exist, INVALID without a sentence.
    """
    acting.require(Role.OPERATOR)
    author = acting.require_person()
    text = " ".join(note.split())
    if not 0 < len(text) <= NOTE_MAX:
        message = _("Say in a sentence of at most 500 characters what you found.")
        raise INVALID.problem(errors=[FieldError("note", message)])
    if name not in {each.name for each in differences()}:
        raise NOT_FOUND.problem()
    return DifferenceNote.objects.create(
        difference=name, note=text, closes=closes, author=author, written_at=now()
    )
