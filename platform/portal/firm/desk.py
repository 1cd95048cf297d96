"""An organisation's desk: where its data stands and what it was settled for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.views.decorators.http import require_safe

from contributions.models import State
from contributions.selectors import contribution_documents, contributions_of
from dure.accounts.models import ApiKey, Organisation
from dure.core.language import localized
from dure.core.money import format_amount
from portal.auditor.epochs import call_titles, epoch_title
from portal.auditor.epochs import state_text as epoch_state_text
from portal.firm.frame import frame
from portal.firm.membership import members_only
from portal.formatting import state_text
from rewards.models import EpochInput, EpochState
from rewards.wallet.selectors import wallet_document

PAGE_LENGTH = 50


@require_safe
@members_only
def desk(request: HttpRequest, organisation: Organisation) -> HttpResponseBase:
    """The way to keys, submissions and settlements, with the figures of now."""
    mine = contributions_of([organisation.party_id])
    context = {
        **frame(request, organisation),
        "submissions": mine.count(),
        "moving": mine.filter(state__in=[State.RECEIVED, State.CHECKING]).count(),
        "keys": ApiKey.objects.filter(organisation=organisation, revoked_at=None).count(),
        "balances": wallet_document(organisation.party_id)["balances"],
    }
    return render(request, "portal/firm/desk.html", context)


@require_safe
@members_only
def submissions(request: HttpRequest, organisation: Organisation) -> HttpResponseBase:
    """What the organisation handed in, by call and state, newest first."""
    found = contributions_of([organisation.party_id])
    slugs = sorted(set(found.order_by().values_list("call__slug", flat=True)))
    call, state = request.GET.get("call", ""), request.GET.get("state", "")
    if call in slugs:
        found = found.filter(call__slug=call)
    if state in State.values:
        found = found.filter(state=state)
    before = parse_datetime(request.GET.get("before", "") or "")
    if before is not None and is_aware(before):
        found = found.filter(submitted_at__lt=before)
    page = list(found[: PAGE_LENGTH + 1])
    shown = page[:PAGE_LENGTH]
    titles = {one.receipt: localized(one.call_version.document["title"]) for one in shown}
    names = call_titles(set(slugs))
    context = {
        **frame(request, organisation),
        "calls": [{"slug": slug, "title": names.get(slug, slug)} for slug in slugs],
        "states": [{"code": code, "label": state_text(code)} for code in State.values],
        "chosen_call": call,
        "chosen_state": state,
        "contributions": [
            {**document, "call_title": titles[document["receipt"]]}
            for document in contribution_documents(shown)
        ],
        "next_page": shown[-1].submitted_at.isoformat() if len(page) > len(shown) else "",
    }
    return render(request, "portal/firm/submissions.html", context)


@require_safe
@members_only
def settlements(request: HttpRequest, organisation: Organisation) -> HttpResponseBase:
    """What each settlement brought, line by line, with its manifest."""
    rows = list(
        EpochInput.objects.filter(contribution__party_id=organisation.party_id)
        .exclude(epoch__state=EpochState.OPEN)
        .select_related("epoch__call", "contribution")
        .defer("epoch__manifest", "epoch__terms")
        .order_by("-epoch__closed_at", "contribution__receipt")[:PAGE_LENGTH]
    )
    titles = call_titles({row.epoch.call.slug for row in rows})
    context = {
        **frame(request, organisation),
        "lines": [
            {
                "receipt": row.contribution.receipt,
                "settlement": epoch_title(
                    titles.get(row.epoch.call.slug, row.epoch.call.slug), row.epoch.number
                ),
                "state": row.epoch.state,
                "state_label": epoch_state_text(row.epoch.state),
                "records": row.records,
                "reward": format_amount(row.reward),
                "asset": row.epoch.asset,
                "manifest_url": f"/api/v1/epochs/{row.epoch_id}/manifest/",
            }
            for row in rows
        ],
    }
    return render(request, "portal/firm/settlements.html", context)
