"""Reading contributions: for their owners, for the rooms above, for a page at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypedDict
from uuid import UUID

from django.db.models import QuerySet

from contributions import problems
from contributions.findings_text import sentence
from contributions.models import Contribution, Finding, Stage, StageRun, State
from contributions.models.contributions import MOVING, STAGES
from contributions.reasons import reason
from contributions.registries import RewardDocument, reward_page_provider, reward_provider
from dure.accounts.acting import Actor
from dure.core.clock import rfc3339
from dure.core.ids import RECEIPT
from governance.consent.selectors import consenting_parties
from governance.models import LogEntry


class FindingDocument(TypedDict):
    """A row that was set aside or remarked on; `row` is the 1-based data row."""

    row: int
    column: str
    rule: str
    message: str


def contributions_of(parties: Iterable[UUID]) -> QuerySet[Contribution]:
    """Contributions of these parties, newest first, ready for `contribution_documents`."""
    return (
        Contribution.objects.filter(party_id__in=list(parties))
        .select_related("call", "call_version")
        .prefetch_related("masses")
        .order_by("-submitted_at", "-id")
    )


def of_the_keys_kind(actor: Actor, found: QuerySet[Contribution]) -> QuerySet[Contribution]:
    """A test key sees tests and a live key the rest; whoever is signed in sees both."""
    return found if actor.api_key is None else found.filter(test=actor.tests)


def contribution_for(actor: Actor, receipt: str) -> Contribution:
    """A contribution of the actor's own parties; unknown and foreign receipts answer alike.

    Raises CONTRIBUTION_UNKNOWN.
    """
    contribution = None
    if RECEIPT.match(receipt):
        mine = of_the_keys_kind(actor, contributions_of(actor.parties))
        contribution = mine.filter(receipt=receipt).first()
    if contribution is None:
        raise problems.CONTRIBUTION_UNKNOWN.problem()
    return contribution


def contribution_document(contribution: Contribution) -> dict[str, Any]:  # Any: JSON
    """The contribution as the API and the pages show it."""
    return contribution_documents([contribution])[0]


def contribution_documents(page: Sequence[Contribution]) -> list[dict[str, Any]]:  # Any: JSON
    """Documents of a page of contributions with a fixed number of queries."""
    entries = [contribution.log_entry for contribution in page]
    places = dict(LogEntry.objects.filter(id__in=entries).values_list("id", "index"))
    earned = _rewards(page)
    return [
        _document(contribution, places.get(contribution.log_entry), earned[contribution.id])
        for contribution in page
    ]


def _document(
    contribution: Contribution, log_index: int | None, earned: RewardDocument
) -> dict[str, Any]:  # Any: JSON
    moving = contribution.state in MOVING
    return {
        "receipt": contribution.receipt,
        "call": contribution.call.slug,
        "test": contribution.test,
        "state": contribution.state,
        "stage": contribution.stage if moving else None,
        "reason": reason(contribution.reason_rule, contribution.reason_params),
        "reason_code": contribution.reason_rule or None,
        "counts": {
            "received": contribution.received,
            "accepted": contribution.accepted,
            "quarantined": contribution.quarantined,
            "duplicate": contribution.duplicate,
        },
        "quality": {
            "score": contribution.quality_score or None,
            "checks": contribution.checks,
        },
        "strata": [
            {"dimension": mass.dimension, "key": mass.key, "mass": mass.mass}
            for mass in contribution.masses.all()
        ],
        "unmapped": contribution.unmapped,
        "reward": earned,
        "log": {"index": log_index},
        "submitted_at": rfc3339(contribution.submitted_at),
        "updated_at": rfc3339(contribution.updated_at),
    }


def _rewards(page: Sequence[Contribution]) -> dict[UUID, RewardDocument]:
    at_once = reward_page_provider.get("rewards")
    if at_once is not None:
        return at_once(page)
    one = reward_provider.get("reward")
    return {each.id: one(each) if one else _nothing_yet(each) for each in page}


def _nothing_yet(contribution: Contribution) -> RewardDocument:
    asset = contribution.call_version.document["pool"]["asset"]
    return {"asset": asset, "pending": "0", "confirmed": "0"}


def findings_of(contribution: Contribution) -> QuerySet[Finding]:
    """Findings in the order of the stages and rows; kept up to a limit, counted in full."""
    return Finding.objects.filter(contribution=contribution).order_by("id")


def finding_document(finding: Finding) -> FindingDocument:
    """A finding with its sentence in the reader's language; never the value itself."""
    return {
        "row": finding.row,
        "column": finding.column,
        "rule": finding.rule,
        "message": sentence(finding.rule, finding.params),
    }


def findings_page(contribution: Contribution, limit: int = 100) -> list[FindingDocument]:
    """The first findings of a contribution."""
    return [finding_document(finding) for finding in findings_of(contribution)[:limit]]


def progress(contribution: Contribution) -> list[dict[str, Any]]:  # Any: for a template
    """The five stages for a page: `stage`, `label`, `state` (done, now, waiting or stopped).

    A stage that was completed also has `ended_at`.
    """
    ended = dict(
        StageRun.objects.filter(contribution=contribution).values_list("stage", "ended_at")
    )
    steps: list[dict[str, Any]] = []
    for stage in STAGES:
        step: dict[str, Any] = {"stage": stage.value, "label": stage.label}
        if contribution.state == State.ACCEPTED or STAGES.index(stage) < STAGES.index(
            Stage(contribution.stage)
        ):
            step["state"] = "done"
        elif stage != contribution.stage:
            step["state"] = "waiting"
        else:
            step["state"] = "now" if contribution.state in MOVING else "stopped"
        if stage in ended:
            step["ended_at"] = ended[stage]
        steps.append(step)
    return steps


def usable(call_slug: str, *, purpose: str | None = None) -> QuerySet[Contribution]:
    """Accepted contributions of a call that may be used now: neither withdrawn nor excluded.

    With a purpose, only those whose party consents to it at this moment; to be asked at every use.
    """
    found = Contribution.objects.filter(
        call__slug=call_slug, state=State.ACCEPTED, excluded_at=None
    ).order_by("accepted_at", "id")
    if purpose is None:
        return found
    return found.filter(party__in=consenting_parties(scope=call_slug, purpose=purpose))
