"""What auditors examine of epochs: one as a whole, and contributions that a sample drew from it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from contributions.models import CallVersion, Contribution
from dure.accounts.acting import Actor
from dure.core.problems import NOT_FOUND
from governance.access.services import note_access
from governance.cases.samples import is_drawn, sample_for
from governance.models import AuditSample
from governance.registries import AuditSubject, Population
from rewards.epochs.selectors import RewardExplanation, reward_document
from rewards.models import Epoch, EpochInput, EpochState


@dataclass(frozen=True)
class Examined:
    """A contribution as an auditor may see it, and the calculation of its reward."""

    sample: AuditSample
    pseudonym: str
    contribution: Contribution
    reward: RewardExplanation


def _settled(epoch_id: str) -> Epoch | None:
    try:
        wanted = UUID(epoch_id)
    except ValueError:
        return None
    epochs = Epoch.objects.exclude(state=EpochState.OPEN).select_related("call")
    return epochs.defer("manifest", "terms").filter(id=wanted).first()


def epoch_subject(epoch_id: str) -> AuditSubject | None:
    """An epoch that was closed."""
    epoch = _settled(epoch_id)
    if epoch is None:
        return None
    version = CallVersion.objects.filter(published_for=epoch.call).first()
    title = version.document["title"] if version is not None else {}
    ko, en = title.get("ko", epoch.call.slug), title.get("en", epoch.call.slug)
    titles = {"ko": f"{ko} {epoch.number}회차 정산", "en": f"{en}, settlement {epoch.number}"}
    return AuditSubject(titles, epoch.call.slug)


def inputs_of_epoch(epoch_id: str) -> Population | None:
    """The contributions of a closed epoch, under their names in its manifest."""
    subject, epoch = epoch_subject(epoch_id), _settled(epoch_id)
    if subject is None or epoch is None:
        return None
    names = EpochInput.objects.filter(epoch=epoch).order_by("pseudonym")
    return Population(subject.title, tuple(names.values_list("pseudonym", flat=True)), subject.call)


def examined_contribution(acting: Actor, sample_id: UUID, position: int) -> Examined:
    """The contribution at a place (from 1) of a sample; its party gets a note of the look.

    Raises NOT_FOUND for what was not drawn from an epoch, and what ``sample_for`` raises.
    """
    sample = sample_for(acting, sample_id)
    if sample.population_kind != "epoch" or not is_drawn(sample):
        raise NOT_FOUND.problem()
    drawn = sample.drawing.items
    if not 1 <= position <= len(drawn):
        raise NOT_FOUND.problem()
    pseudonym = drawn[position - 1]
    row = (
        EpochInput.objects.filter(epoch_id=sample.population_id, pseudonym=pseudonym)
        .select_related("contribution__call", "contribution__call_version")
        .first()
    )
    if row is None:
        raise NOT_FOUND.problem()
    found = row.contribution
    note_access(
        acting=acting,
        party_id=found.party_id,
        what="contribution",
        why="audit",
        subject=found.receipt,
    )
    return Examined(sample, pseudonym, found, reward_document(found))
