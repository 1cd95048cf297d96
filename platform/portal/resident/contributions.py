"""A person's contributions: the list, the status of one, why it earned what it earned."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from contributions.evidence.selectors import photo_document, photos_of
from contributions.models import Contribution, State
from contributions.models.contributions import MOVING
from contributions.selectors import (
    contribution_document,
    contribution_documents,
    contribution_for,
    contributions_of,
    findings_page,
    progress,
)
from contributions.selectors.checking import (
    ProgressDocument,
    duplicate_findings,
    progress_document,
)
from contributions.selectors.fixing import rows_to_fix
from contributions.withdrawal.services import WITHDRAWABLE, withdraw
from dure.accounts.acting import Actor
from dure.core.language import localized
from portal.doors import signed_in
from portal.error_summary import ErrorSummary
from portal.formatting import exact, number_text, share_text, stage_text
from portal.public.check_words import check_text
from rewards.holdback.selectors import ToGiveBackDocument, to_give_back

# Seconds between polls: the first answers come quickly, a long job is asked less often.
_PACE = ((2, 1), (6, 2))
_SLOW = 5
#: Shorter waits are over before they are read; longer ones are told in minutes.
LEAST_TOLD_S = 5
LONGEST_IN_SECONDS = 90
FINDINGS_SHOWN = 100
DUPLICATES_SHOWN = 1_000
PAGE_LENGTH = 25


@dataclass(frozen=True)
class Step:
    """One of the five stages as a reader sees it."""

    label: str
    standing: str
    current: bool
    state_label: str


@dataclass(frozen=True)
class Banner:
    tone: str
    title: str
    text: str


def steps(contribution: Contribution) -> list[Step]:
    """The stages in order: done, now, stopped or still to come."""
    moving = contribution.state in MOVING
    words = {
        "done": _("Done"),
        "now": _("In progress") if contribution.state == State.CHECKING else _("Next"),
        "stopped": _("Stopped here"),
        "waiting": _("To come") if moving else "–",
    }
    # Who withdraws what had been accepted stopped nothing on its way.
    through = contribution.state == State.WITHDRAWN and contribution.accepted_at is not None
    return [
        Step(
            label=stage_text(step["stage"]),
            standing=standing,
            current=standing in ("now", "stopped"),
            state_label=words[standing],
        )
        for step in progress(contribution)
        for standing in ("done" if through else step["state"],)
    ]


def rows_done(told: ProgressDocument) -> str:
    """How many rows the stage under way has done; nothing before it could tell."""
    done = sum(each["rows_done"] for each in told["stages"] if each["state"] == "now")
    if not done:
        return ""
    return _("About {done} of {rows} rows of this stage are done.").format(
        done=number_text(done), rows=number_text(told["rows"])
    )


def time_left(seconds: float | None) -> str:
    """How long it still takes, as one says it; nothing where earlier files tell nothing."""
    if not seconds or seconds < LEAST_TOLD_S:
        return ""
    if seconds < LONGEST_IN_SECONDS:
        return _("About {seconds} seconds to go.").format(seconds=5 * ceil(seconds / 5))
    return _("About {minutes} minutes to go.").format(minutes=number_text(ceil(seconds / 60)))


def _nothing_new(document: dict[str, Any]) -> str:  # Any: the contribution document is JSON
    """Where some rows were known and others set aside, the reason alone would speak of one kind."""
    counts = document["counts"]
    if not (counts["duplicate"] and counts["quarantined"]):
        return ""
    return _(
        "{known} records were contributed before and {aside} rows were set aside,"
        " so none was added."
    ).format(known=number_text(counts["duplicate"]), aside=number_text(counts["quarantined"]))


def banner(document: dict[str, Any]) -> Banner | None:  # Any: the contribution document is JSON
    """What the state means for the contributor."""
    reason = document.get("reason") or ""
    match document["state"]:
        case State.ACCEPTED if not document["counts"]["accepted"]:
            return Banner("", _("Checked: nothing new was in it"), _nothing_new(document) or reason)
        case State.ACCEPTED:
            return Banner("good", _("Your contribution was accepted"), reason)
        case State.RETURNED:
            return Banner("heed", _("Please fix the file and send it again"), reason)
        case State.REJECTED:
            return Banner("bad", _("The file was refused and deleted"), reason)
        case State.FAILED:
            return Banner("bad", _("We could not process the file"), reason)
        case State.WITHDRAWN:
            return Banner("", _("This contribution was withdrawn"), reason)
    return None


def _to_give_back(
    contribution: Contribution, reward: dict[str, str] | None
) -> ToGiveBackDocument | None:
    """What an objection gives back; while a part still waits, no finding has taken it."""
    return to_give_back(contribution) if reward and not exact(reward["pending"]) else None


def _state_context(contribution: Contribution, polls: int) -> dict[str, Any]:  # Any: a context
    document = contribution_document(contribution)
    moving = document["state"] in MOVING
    told = progress_document(contribution) if moving else None
    findings = [] if moving else findings_page(contribution, limit=FINDINGS_SHOWN)
    repeated = [] if moving else duplicate_findings(contribution, limit=DUPLICATES_SHOWN)
    score = document["quality"]["score"]
    return {
        "receipt": contribution.receipt,
        "contribution": document,
        "call": {
            "slug": contribution.call.slug,
            "title": localized(contribution.call_version.document["title"]),
        },
        "steps": steps(contribution),
        "rows_done": rows_done(told) if told else "",
        "time_left": time_left(told["expected_seconds"]) if told else "",
        "moving": moving,
        "polls": polls + 1,
        "delay": next((pause for upto, pause in _PACE if polls < upto), _SLOW),
        "banner": banner(document),
        "reward": document["reward"],
        "to_give_back": _to_give_back(contribution, document["reward"]),
        "findings": [*findings, *repeated],
        "rows_to_fix": [] if moving else rows_to_fix(contribution),
        "more_findings": FINDINGS_SHOWN if contribution.findings_total > len(findings) else 0,
        "checks": [
            {**result, "text": check_text(check)}
            for result, check in zip(
                document["quality"]["checks"],
                contribution.call_version.document["checks"],
                strict=False,
            )
        ],
        "quality_score": share_text(score) if score and document["counts"]["accepted"] else "",
        "log_index": document["log"]["index"],
        "can_withdraw": document["state"] in WITHDRAWABLE,
    }


@require_safe
@signed_in
def contribution(request: HttpRequest, receipt: str) -> HttpResponseBase:
    return contribution_page(request, contribution_for(Actor.of(request), receipt))


def contribution_page(
    request: HttpRequest, contribution: Contribution, problems: ErrorSummary | None = None
) -> HttpResponse:
    """The status page; with problems of a form on it, it answers 422 and says so."""
    context = {
        **_state_context(contribution, 0),
        "photos": [photo_document(photo) for photo in photos_of(contribution)],
        "photos_max": settings.PHOTOS_MAX,
        "can_add_photos": contribution.state in WITHDRAWABLE,
        "problems": problems,
        "photo_wrong": problems is not None
        and any(item.anchor == "photo" for item in problems.items),
    }
    status = 422 if problems else 200
    return render(request, "portal/resident/contribution.html", context, status=status)


@require_safe
@signed_in
def contribution_progress(request: HttpRequest, receipt: str) -> HttpResponseBase:
    """The changing part of the status page; asks for itself again until the state is final."""
    found = contribution_for(Actor.of(request), receipt)
    asked = request.GET.get("polls", "0")
    polls = int(asked) if asked.isdecimal() and len(asked) < 6 else 0
    context = _state_context(found, polls)
    response = render(request, "portal/resident/contribution_state.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def contribution_withdrawal(request: HttpRequest, receipt: str) -> HttpResponseBase:
    """States the effect first; the second click withdraws."""
    actor = Actor.of(request)
    found = contribution_for(actor, receipt)
    if request.method == "POST":
        withdraw(acting=actor, receipt=receipt)
        messages.success(request, _("The contribution was withdrawn."))
        return redirect("portal:contribution", receipt)
    return render(request, "portal/resident/withdrawal.html", {"receipt": found.receipt})


@require_safe
@signed_in
def contributions(request: HttpRequest) -> HttpResponseBase:
    """What the person and their organisations handed in, newest first."""
    found = contributions_of(Actor.of(request).parties)
    before = parse_datetime(request.GET.get("before", "") or "")
    if before is not None and is_aware(before):
        found = found.filter(submitted_at__lt=before)
    page = list(found[: PAGE_LENGTH + 1])
    shown = page[:PAGE_LENGTH]
    titles = {one.receipt: localized(one.call_version.document["title"]) for one in shown}
    context = {
        "contributions": [
            {**document, "call_title": titles[document["receipt"]]}
            for document in contribution_documents(shown)
        ],
        "next_page": shown[-1].submitted_at.isoformat() if len(page) > len(shown) else "",
    }
    return render(request, "portal/resident/contributions.html", context)
