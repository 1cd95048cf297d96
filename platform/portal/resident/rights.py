"""A person's rights: taking data out, correcting, stopping, erasing; and who looked at it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contributions.models import State
from contributions.selectors.contributions import contributions_of
from dure.accounts import guardians
from dure.accounts.acting import Actor
from dure.core.money import Asset
from dure.core.problems import Problem
from governance.access.selectors import accesses_of
from governance.consent.selectors import consents_of
from governance.models import STANDING, RequestState, RestrictionGround
from governance.rights import services
from governance.rights.appeals import APPEALABLE, SUBJECT
from governance.rights.restriction import standing
from governance.rights.selectors import (
    objection_document,
    objections_query,
    request_document,
    requests_query,
)
from portal.doors import signed_in
from portal.error_summary import ErrorSummary, Item
from portal.public.accounts.lately import make_sure
from portal.resident.leaving import farewell, leaving, wants_a_code
from portal.resident.objections import answer_text, subject_text
from portal.rights_words import effects, look_text, right_text
from portal.worth import worth_text
from rewards.wallet.selectors import wallet_document

#: Rights that have a form of their own; the address says which.
FORMS = ("correction", "restriction", "objection", "explanation", "human_review", "erasure")


@require_safe
@signed_in
def me(request: HttpRequest) -> HttpResponseBase:
    """Everything about oneself, from one place."""
    party = Actor.of(request).require_person().party_id
    tokens = (one for one in wallet_document(party)["balances"] if one["asset"] == Asset.DURE)
    ready = next((one["confirmed"] for one in tokens), "0")
    context = {
        "under_fourteen": guardians.is_under_fourteen(party),
        "ready": ready,
        "worth": worth_text(ready, Asset.DURE),
        "accepted": contributions_of([party]).filter(state=State.ACCEPTED).count(),
        "consents": sum(one.state in STANDING for one in consents_of(party)),
    }
    return render(request, "portal/resident/me.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def rights(request: HttpRequest) -> HttpResponseBase:
    """What can be asked for, what was asked for, and who looked; the form asks for a file."""
    if request.method != "POST":
        return _page(request)
    acting = Actor.of(request)
    try:
        make_sure(request)
        services.request_right(acting=acting, kind="export")
    except Problem as problem:
        return _page(request, _summary(problem))
    messages.success(
        request, _("Your data is being put together. The file appears here within minutes.")
    )
    return redirect("portal:rights")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def right(request: HttpRequest, kind: str) -> HttpResponseBase:
    """One right: what it brings about first, then the form."""
    if kind not in FORMS:
        raise Http404
    if request.method != "POST":
        return _form(request, kind)
    acting = Actor.of(request)
    if kind == "erasure" and request.POST.get("sure") != "yes":
        item = Item(_("Say that you have read what happens."), "sure")
        return _form(request, kind, ErrorSummary(items=(item,)))
    try:
        said = farewell(request.POST) if kind == "erasure" else None
        make_sure(request)
        services.request_right(
            acting=acting, kind=kind, text=request.POST.get("text", ""), farewell=said
        )
    except Problem as problem:
        return _form(request, kind, _summary(problem))
    messages.success(
        request, _("Your request was received. The page shows by when it is answered.")
    )
    return redirect("portal:claim-code" if wants_a_code(said) else "portal:rights")


@require_POST
@signed_in
def lifting(request: HttpRequest) -> HttpResponseBase:
    """The person lets the data be used again."""
    acting = Actor.of(request)
    party = acting.require_person().party_id
    ground = RestrictionGround.REQUEST
    if request.POST.get("ground") == RestrictionGround.OBJECTION:
        ground = RestrictionGround.OBJECTION
    services.lift_restriction(acting=acting, party_id=party, ground=ground)
    messages.success(request, _("Your data is used again where your consents allow it."))
    return redirect("portal:rights")


def _page(request: HttpRequest, problems: ErrorSummary | None = None) -> HttpResponse:
    party = Actor.of(request).require_person().party_id
    asked = _requests(party)
    context = {
        "problems": problems,
        "ready": next((row for row in asked if row["export"]), None),
        "making": any(row["kind"] == "export" and not row["answer"] for row in asked),
        "forms": [
            {"kind": kind, "label": right_text(kind), "effect": effects(kind)[0]} for kind in FORMS
        ],
        "stopped": [
            {
                "since": row.since,
                "own": services.theirs_to_lift(party, row.ground),
                "why": row.ground,
                "until": until,
            }
            for row, until in standing(party)
        ],
        "requests": asked,
        "objections": _objections(party),
        "looks": [{**look, **look_text(look)} for look in accesses_of(party)[:100]],
    }
    status = 422 if problems else 200
    return render(request, "portal/resident/rights.html", context, status=status)


def _form(request: HttpRequest, kind: str, problems: ErrorSummary | None = None) -> HttpResponse:
    anchor = problems.items[0].anchor if problems else ""
    left = leaving(request) if kind == "erasure" else None
    context = {
        "kind": kind,
        "heading": right_text(kind),
        "effects": effects(kind, asks_of_wallet=left is not None),
        "asks_text": kind != "erasure",
        "erasing": kind == "erasure",
        "text": request.POST.get("text", ""),
        "limit": services.TEXT_LENGTH_MAX,
        "leaving": left,
        "problems": problems,
        "wrong": anchor,
    }
    status = 422 if problems else 200
    return render(request, "portal/resident/right.html", context, status=status)


def _summary(problem: Problem) -> ErrorSummary:
    anchor = {
        "rights-text-unfit": "text",
        "identity-unconfirmed": "password",
        "nothing-to-take-out": "wish-pay",
    }.get(problem.kind.code, "")
    if problem.errors and problem.errors[0].field in ("destination", "rail", "bank", "wish"):
        first = problem.errors[0]
        return ErrorSummary(items=(Item(str(first.message), first.field),))
    advice, detail = str(problem.kind.advice), str(problem.detail)
    if detail != advice:
        # What was said for this one case takes the place of the general words.
        return ErrorSummary(items=(Item(detail, anchor),))
    return ErrorSummary(advice=advice, items=(Item(str(problem.kind.title), anchor),))


def _requests(party: UUID) -> list[dict[str, Any]]:  # Any: a template's context
    rows = requests_query(frozenset({party})).order_by("-received_at", "id")
    documents = [request_document(row) for row in rows]
    looked_at = set(
        objections_query(frozenset({party}))
        .filter(subject_kind=SUBJECT, state=RequestState.RECEIVED)
        .values_list("subject_id", flat=True)
    )
    return [
        {
            **document,
            "label": right_text(document["kind"]),
            "state_label": answer_text(document["state"]),
            "may_appeal": document["state"] in APPEALABLE and document["id"] not in looked_at,
        }
        for document in documents
    ]


def _objections(party: UUID) -> list[dict[str, Any]]:  # Any: a template's context
    rows = objections_query(frozenset({party})).order_by("-received_at", "id")
    documents = [objection_document(row) for row in rows]
    return [
        {
            **document,
            "label": subject_text(document["subject"]["kind"]),
            "subject_id": document["subject"]["id"],
            "state_label": answer_text(document["state"]),
        }
        for document in documents
    ]
