"""Contributions that the log drew to be checked: one settlement, each with its decision."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core.language import localized
from dure.core.problems import INVALID, NOT_FOUND, FieldError, Problem
from governance.access.services import note_accesses
from portal.auditor.epochs import call_titles, epoch_title
from portal.doors import operators_only
from portal.error_summary import ErrorSummary, summary_of_problem
from portal.formatting import exact, number_text
from rewards.epochs.selectors import epoch_for, reward_document
from rewards.holdback.checks import decide_finding, pass_check, propose_finding
from rewards.holdback.giving_back import (
    URGENCIES,
    Granted,
    giving_back_document,
    giving_back_list,
    granted_against,
)
from rewards.holdback.overruling import give_back
from rewards.holdback.selectors import checks_of, drawn_epochs, pledge_document
from rewards.models import CheckGround, CheckState, ClaimCheck, Epoch

EPOCHS_SHOWN = 50
CHECKS_SHOWN = 100

Context = dict[str, Any]  # Any: a template's context


@require_safe
@operators_only
def drawn(request: HttpRequest) -> HttpResponseBase:
    """Settlements of which contributions were drawn, with how far their checks are.

    What is to be given back stands above, what is due first ahead; ``?due=`` shows what is late.
    """
    epochs = list(drawn_epochs()[:EPOCHS_SHOWN])
    titles = call_titles({epoch.call.slug for epoch in epochs})
    rows = [
        {
            "id": epoch.id,
            "title": epoch_title(titles.get(epoch.call.slug, epoch.call.slug), epoch.number),
            "asset": epoch.asset,
            "pledge": pledge_document(epoch),
        }
        for epoch in epochs
    ]
    context = {"rows": rows, **_to_give_back(Actor.of(request), request.GET.get("due", ""))}
    return render(request, "portal/operator/checks.html", context)


def _to_give_back(acting: Actor, asked: str) -> Context:
    """What granted objections give back, each with its clock; of one urgency where asked for."""
    words = {"overdue": _("Late"), "due-soon": _("Due soon"), "in-time": _("In time")}
    tones = {"overdue": "bad", "due-soon": "heed", "in-time": "info"}
    found = giving_back_list()
    note_accesses(
        acting=acting,
        party_ids={one.check.contribution.party_id for one in found},
        what="contribution",
        why="audit",
    )
    counts = dict.fromkeys(reversed(URGENCIES), 0)
    rows = []
    for one in found:
        document = giving_back_document(one)
        counts[document["urgency"]] += 1
        rows.append(
            {
                **document,
                "urgency_text": words[document["urgency"]],
                "tone": tones[document["urgency"]],
            }
        )
    chosen = asked if asked in counts else ""
    return {
        "to_give_back": [row for row in rows if chosen in ("", row["urgency"])],
        "waiting_to_be_given_back": len(rows),
        "due": chosen,
        "clocks": [
            {"key": key, "label": words[key], "count": count} for key, count in counts.items()
        ],
    }


@require_safe
@operators_only
def epoch(request: HttpRequest, epoch_id: UUID) -> HttpResponseBase:
    """The drawn contributions of a settlement."""
    return _page(request, epoch_for(epoch_id))


@require_POST
@operators_only
def decision(request: HttpRequest, epoch_id: UUID, check_id: UUID) -> HttpResponseBase:
    """Find a contribution in order, state a finding, or decide about one."""
    acting, act, found = Actor.of(request), request.POST.get("act", ""), epoch_for(epoch_id)
    if not checks_of(found).filter(id=check_id).exists():
        raise NOT_FOUND.problem()
    try:
        if act == "pass":
            pass_check(acting=acting, check_id=check_id)
        elif act == "propose":
            _propose(request, acting, check_id)
        elif act in ("uphold", "dismiss"):
            decide_finding(acting=acting, check_id=check_id, upheld=act == "uphold")
        elif act == "give-back":
            give_back(acting=acting, check_id=check_id)
        else:
            raise INVALID.problem(errors=[FieldError("act", _("Choose what to do."))])
    except Problem as problem:
        if problem.kind.status == 404:
            raise
        fields = {"reason": f"reason-{check_id}", "ground": f"ground-{check_id}"}
        return _page(request, found, summary_of_problem(problem, fields), check_id)
    messages.success(request, _told(act, found, check_id))
    return redirect("portal:console-check-epoch", epoch_id=epoch_id)


def _told(act: str, found: Epoch, check_id: UUID) -> str:
    """What a decision did, whose turn it is, and what is left of the settlement."""
    receipt = checks_of(found).get(id=check_id).contribution.receipt
    done = {
        "pass": _("%(receipt)s is in order."),
        "propose": _("The finding about %(receipt)s is proposed. Another person decides about it."),
        "uphold": _("The finding about %(receipt)s is upheld. Its owner reads the reason and may "
                    "object."),
        "dismiss": _("The finding about %(receipt)s is dismissed. Nothing is taken back."),
        "give-back": _("What was taken of %(receipt)s is paid back, and its owner is told."),
    }[act] % {"receipt": receipt}  # fmt: skip
    count = checks_of(found).filter(state=CheckState.DRAWN).count()
    left = _("Nothing of this settlement is left to check.")
    if count:
        left = ngettext("%(left)s is left to check.", "%(left)s are left to check.", count)
        left %= {"left": number_text(count)}
    return f"{done} {left}"


def _propose(request: HttpRequest, acting: Actor, check_id: UUID) -> None:
    ground = request.POST.get("ground", "")
    reason = request.POST.get("reason", "").replace("\r\n", "\n")
    errors = []
    if ground not in CheckGround.values:
        errors.append(FieldError("ground", _("Choose what is wrong.")))
    if not reason.strip():
        errors.append(FieldError("reason", _("Give the reason; its owner reads it.")))
    if errors:
        raise INVALID.problem(errors=errors)
    propose_finding(acting=acting, check_id=check_id, ground=CheckGround(ground), reason=reason)


def _page(
    request: HttpRequest,
    found: Epoch,
    problems: ErrorSummary | None = None,
    wrong: UUID | None = None,
) -> HttpResponse:
    pledge = pledge_document(Epoch.objects.defer("manifest").get(id=found.id))
    acting = Actor.of(request)
    checks = list(checks_of(found)[:CHECKS_SHOWN])
    granted = granted_against(checks)
    note_accesses(
        acting=acting,
        party_ids={check.contribution.party_id for check in checks},
        what="contribution",
        why="audit",
    )
    titles = call_titles({found.call.slug})
    # What is wrong by its field, of the one check it is about.
    said = {"decision": ""}
    for item in problems.items if problems else ():
        said[item.anchor.partition("-")[0]] = item.message
    context: Context = {
        "epoch_id": found.id,
        "title": epoch_title(titles.get(found.call.slug, found.call.slug), found.number),
        "asset": found.asset or "DURE",
        "pledge": pledge,
        "grounds": [
            {"code": each.value, "label": capfirst(str(each.label))} for each in CheckGround
        ],
        "rows": [
            {**_row(check, acting, granted.get(check.id)), "wrong": check.id == wrong and said}
            for check in checks
        ],
        "typed": request.POST.get("reason", "") if problems else "",
        "chosen": request.POST.get("ground", "") if problems else "",
        "problems": problems,
    }
    status = 422 if problems else 200
    return render(request, "portal/operator/check_epoch.html", context, status=status)


def _row(check: ClaimCheck, acting: Actor, granted: Granted | None) -> Context:
    document = reward_document(check.contribution)
    held = document["held"]
    person = acting.require_person()
    approves = granted is not None and acting.has(Role.APPROVER)
    decided = granted is not None and person.id in (check.decider_id, granted.granted_by)
    return {
        "id": check.id,
        "position": check.position,
        "receipt": check.contribution.receipt,
        "records": check.contribution.accepted,
        "strata": [
            _("%(stratum)s (accepted mass %(mass)s)")
            % {
                "stratum": f"{localized(line['dimension_label'])}: {localized(line['label'])}",
                "mass": number_text(exact(line["mass"]) / 1000),
            }
            for line in document["lines"]
        ],
        "held": held,
        "state": capfirst(str(CheckState(check.state).label)),
        "ground": capfirst(str(CheckGround(check.ground).label)) if check.ground else "",
        "reason": check.reason,
        "may_check": check.state == CheckState.DRAWN,
        "may_find": held is not None and held["state"] == "waiting",
        "to_decide": check.state == CheckState.PROPOSED,
        "own": check.checker_id == person.id,
        "to_give_back": granted is not None,
        "granted": giving_back_document(granted) if granted is not None else None,
        "may_give_back": approves and not decided,
        "decided": approves and decided,
    }
