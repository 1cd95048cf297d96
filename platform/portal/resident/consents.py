"""Consents: one card per purpose; taking one back is one click, with its effect stated first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from dure.accounts.acting import Actor
from dure.accounts.selectors import organisations_of
from dure.core.language import localized
from governance.consent.selectors import ConsentDocument, consent_document, consents_query
from governance.consent.services import withdraw
from portal.auditor.epochs import call_titles
from portal.doors import signed_in
from portal.public.calls import purpose_label


def state_text(state: str) -> str:
    """What a decision is called."""
    return {
        "given": _("Consent given"),
        "refused": _("Consent refused"),
        "withdrawn": _("Consent withdrawn"),
    }.get(state, state)


def _card(
    document: ConsentDocument, titles: dict[str, str], parties: dict[str, str]
) -> dict[str, Any]:  # Any: a template's context
    return {
        "id": document["id"],
        "purpose": purpose_label(document["purpose"], document["notice"]["text"]),
        "state": state_text(document["state"]),
        "active": document["state"] == "given",
        "call": titles.get(document["scope"], document["scope"]),
        "party": parties.get(document["party"], ""),
        "at": document["decided_at"],
        "notice": localized(document["notice"]["text"]),
        "retention_days": document["notice"]["retention_days"],
        "version": document["notice"]["version"],
        "log_index": document["events"][-1]["log"]["index"],
        "receipt_url": f"/api/v1/consents/{document['id']}/receipt/",
    }


@require_safe
@signed_in
def consents(request: HttpRequest) -> HttpResponseBase:
    """Every decision of the person and their organisations, those in force first."""
    actor = Actor.of(request)
    person = actor.require_person()
    parties = {str(person.party_id): person.name}
    parties |= {str(o.party_id): localized(o.name) for o in organisations_of(person)}
    documents = [consent_document(consent) for consent in consents_query(actor.parties)]
    documents.sort(key=lambda document: document["decided_at"], reverse=True)
    documents.sort(key=lambda document: document["state"] != "given")
    titles = call_titles({document["scope"] for document in documents})
    context = {"consents": [_card(document, titles, parties) for document in documents]}
    return render(request, "portal/resident/consents.html", context)


@require_POST
@signed_in
def consent_withdrawal(request: HttpRequest, consent_id: UUID) -> HttpResponseBase:
    """Take one consent back, from now on."""
    actor = Actor.of(request)
    consent = consents_query(actor.parties).filter(id=consent_id).first()
    if consent is None:
        raise Http404
    withdraw(acting=actor, consent=consent)
    messages.success(request, pgettext("status", "Consent withdrawn"))
    return redirect("portal:consents")
