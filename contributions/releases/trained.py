"""The register of models: licensees say what they trained on a release that they hold.

A model outlives the rows that it learned from. What it learned as a whole stays in it, which is
said before consent; so whoever withdraws can at least read how many models there are, and whoever
trained them is told by a recall how much of the training data is gone and that the next training
has to be on what took its place. How much that is follows from the recall itself: nothing of it is
stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from contributions.models import (
    Download,
    Release,
    TrainedModel,
    TrainedModelWithdrawal,
)
from contributions.models.trained import NAME_MAX
from contributions.releases import problems
from contributions.releases.look import recalled_rows
from contributions.releases.recalling import recalled_since
from contributions.selectors.calls import share_text
from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.accounts.selectors import party_names
from dure.core import outbox
from dure.core.clock import CITY_ZONE, now, rfc3339
from dure.core.problems import INVALID, FieldError
from governance.access.services import note_accesses
from governance.log.services import record
from governance.registries import text_gates

Document = dict[str, Any]  # Any: JSON
#: Of one party and one release, so that nobody makes the public figure what they like.
MODELS_MAX: Final = 50
OPERATORS: Final = (Role.OPERATOR, Role.APPROVER)


@transaction.atomic
def tell_of_model(
    *,
    acting: Actor,
    release_id: UUID,
    party_id: UUID,
    name: str,
    trained_on: date,
    rows: int | None = None,
) -> TrainedModel:
    """Say for a party that it trained a model on a release that it downloaded.

    ``rows`` is how many rows of it were used, None for all. A recalled release counts as well: the
    training may have been before. Raises RELEASE_UNKNOWN for parties that the actor does not act
    for and releases that they did not download, INVALID with the fields, and MODELS_FULL (409).
    """
    person = acting.require_person()
    release = _held(acting, release_id, party_id)
    name = " ".join(name.split())
    if errors := _unfit(release, name, trained_on, rows):
        raise INVALID.problem(errors=errors)
    told = TrainedModel.objects.filter(release=release, party_id=party_id, withdrawal=None)
    if told.count() >= MODELS_MAX:
        raise problems.MODELS_FULL.problem()
    model = TrainedModel(
        release=release, party_id=party_id, name=name, trained_on=trained_on, rows=rows, by=person
    )
    model.log_entry, model.at = _noted("release.model_told", acting, model)
    model.save(force_insert=True)
    return model


@transaction.atomic
def withdraw_model(*, acting: Actor, release_id: UUID, model_id: UUID) -> TrainedModel:
    """Say that an entry was a mistake: it counts no more and stays in the register as withdrawn.

    Again it changes nothing. Raises MODEL_UNKNOWN for unknown and foreign ones alike.
    """
    person = acting.require_person()
    model = (
        TrainedModel.objects.select_for_update(of=("self",))
        .select_related("release")
        .filter(id=model_id, release_id=release_id)
        .first()
    )
    if model is None or not acting.acts_for(model.party_id):
        raise problems.MODEL_UNKNOWN.problem()
    if not TrainedModelWithdrawal.objects.filter(model=model).exists():
        entry, at = _noted("release.model_withdrawn", acting, model)
        TrainedModelWithdrawal.objects.create(model=model, by=person, at=at, log_entry=entry)
    return model


def models_of(actor: Actor, release_id: UUID) -> QuerySet[TrainedModel]:
    """Models trained on a release, newest first: of the actor's parties, of all for operators.

    Raises RELEASE_UNKNOWN for whoever neither works for the city nor downloaded the release.
    """
    found = TrainedModel.objects.filter(release_id=release_id).order_by("-at", "-id")
    if any(actor.has(role) for role in OPERATORS):
        if not Release.objects.filter(id=release_id).exists():
            raise problems.RELEASE_UNKNOWN.problem()
        return found
    holds = Download.objects.filter(file__release_id=release_id, party_id__in=actor.parties)
    if not holds.exists():
        raise problems.RELEASE_UNKNOWN.problem()
    return found.filter(party_id__in=actor.parties)


def model_documents(models: Iterable[TrainedModel]) -> list[Document]:
    """What was said of models, and how much of their release was recalled since.

    ``affected`` counts rows of the release, ``share`` is their part of it as a decimal string: of a
    model that used fewer rows it is what to expect. ``after_recall`` tells of a training that began
    after its data had been recalled. ``name`` is empty where its holder was erased. Asks once for
    each release.
    """
    found = list(models)
    releases = {
        release.id: release
        for release in Release.objects.filter(
            id__in={model.release_id for model in found}
        ).select_related("call")
    }
    gone = {release_id: recalled_rows(release) for release_id, release in releases.items()}
    since = {release_id: recalled_since(release) for release_id, release in releases.items()}
    ended = dict(
        TrainedModelWithdrawal.objects.filter(model__in=found).values_list("model_id", "at")
    )
    return [
        {
            "id": str(model.id),
            "release": str(model.release_id),
            "label": releases[model.release_id].version,
            "party": str(model.party_id),
            "name": model.name,
            "trained_on": model.trained_on.isoformat(),
            "rows": model.rows,
            "registered_at": rfc3339(model.at),
            "withdrawn_at": rfc3339(ended[model.id]) if model.id in ended else None,
            "affected": {
                "rows": gone[model.release_id],
                "share": share_text(
                    Fraction(gone[model.release_id], releases[model.release_id].records)
                ),
            },
            "after_recall": (at := since[model.release_id]) is not None
            and model.trained_on > at.astimezone(CITY_ZONE).date(),
        }
        for model in found
    ]


def register_documents(
    *, acting: Actor, release_id: UUID, models: Iterable[TrainedModel]
) -> list[Document]:
    """The documents of some of ``models_of``, each with the name of its holder in both languages.

    Whose models somebody else looks at, reads that they did.
    """
    found = list(models)
    parties = {model.party_id for model in found}
    note_accesses(
        acting=acting, party_ids=parties, what="model", why="recall", subject=str(release_id)
    )
    names = party_names(parties)
    return [
        document | {"holder": names[model.party_id]}
        for model, document in zip(found, model_documents(found), strict=True)
    ]


def models_counted(releases: Iterable[Release]) -> dict[UUID, int]:
    """How many models were trained on each release, as their makers say; none: not in it."""
    told = TrainedModel.objects.filter(release__in=list(releases), withdrawal=None)
    counted = told.order_by().values_list("release_id").annotate(count=Count("id"))
    return dict(counted)


def forget_names(party_id: UUID) -> None:
    """Empty the names that a person gave; that the models were trained stays."""
    TrainedModel.objects.filter(party_id=party_id).exclude(name="").update(name="")


def _held(acting: Actor, release_id: UUID, party_id: UUID) -> Release:
    """The release, locked against others who tell of models of it."""
    taken = Download.objects.filter(file__release_id=release_id, party_id=party_id)
    if not acting.acts_for(party_id) or not taken.exists():
        raise problems.RELEASE_UNKNOWN.problem()
    return Release.objects.select_for_update(of=("self",), no_key=True).get(id=release_id)


def _unfit(release: Release, name: str, trained_on: date, rows: int | None) -> list[FieldError]:
    errors = []
    if not 0 < len(name) <= NAME_MAX or not name.isprintable():
        errors.append(FieldError("name", _("Write one to 80 characters.")))
    elif any(holds(name) for _key, holds in text_gates.items()):
        errors.append(FieldError("name", _("Leave out what points to a person.")))
    assert release.ended_at is not None, "a release that was downloaded has ended"
    first, last = release.ended_at.astimezone(CITY_ZONE).date(), now().astimezone(CITY_ZONE).date()
    if not first <= trained_on <= last:
        errors.append(
            FieldError("trained_on", _("A day from the publication of the release until today."))
        )
    if rows is not None and not 0 < rows <= release.records:
        errors.append(FieldError("rows", _("No more rows than the release has.")))
    return errors


def _noted(kind: str, acting: Actor, model: TrainedModel) -> tuple[UUID, datetime]:
    """Log entry and event of what was said; their id and time. The name is in neither."""
    about = {"release": str(model.release_id), "model": str(model.id)}
    entry = record(kind=kind, acting=acting, subject=model.party_id, payload=about)
    outbox.publish(
        kind=kind, subject=str(model.release_id), payload={**about, "party": str(model.party_id)}
    )
    return entry.id, entry.recorded_at
