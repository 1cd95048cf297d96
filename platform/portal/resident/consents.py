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

from dure.accounts import guardians
from dure.accounts.acting import Actor
from dure.accounts.guardianship import Guardianship
from dure.accounts.invitations import invitations_to
from dure.accounts.models import Person
from dure.accounts.selectors import organisations_of
from dure.core.language import current, localized
from governance.consent.authority import decidable_parties
from governance.consent.purpose_words import purpose_label
from governance.consent.selectors import (
    ConsentDocument,
    consent_document,
    consents_query,
    undecided_disclosures,
)
from governance.consent.services import decide, withdraw
from governance.models import STANDING, Notice
from portal.auditor.epochs import call_titles
from portal.consent_words import ground_text, state_text
from portal.doors import signed_in

ACTIVE = tuple(state.value for state in STANDING)


def _card(
    document: ConsentDocument, titles: dict[str, str], parties: dict[str, str]
) -> dict[str, Any]:  # Any: a template's context
    return {
        "id": document["id"],
        "purpose": purpose_label(document["purpose"], document["notice"]["text"]),
        "state": state_text(document["state"]),
        "active": document["state"] in ACTIVE,
        "recipient": _recipient(document),
        "valid_until": document["valid_until"],
        "guardian": document["events"][-1]["by"] == "guardian",
        "city": document["events"][-1]["by"] == "city",
        "ground": ground_text(document["events"][-1]["ground"]),
        "signal": document["events"][-1]["signal"] == "gpc",
        "again": document["state"] == "expired",
        "call": titles.get(document["scope"], document["scope"]),
        "party": parties.get(document["party"], ""),
        "at": document["decided_at"],
        "notice": localized(document["notice"]["text"]),
        "retention_days": document["notice"]["retention_days"],
        "version": document["notice"]["version"],
        "log_index": document["events"][-1]["log"]["index"],
        "notice_id": document["notice"]["id"],
        "party_id": document["party"],
        "recipient_key": document["recipient"],
        "receipt_url": f"/api/v1/consents/{document['id']}/receipt/",
    }


def _recipient(document: ConsentDocument) -> str:
    """Who receives the data: a third party that the notice names, or the city itself."""
    for named in document["notice"]["recipients"]:
        if named["key"] == document["recipient"]:
            return localized(named["name"])
    return _("The city itself")


def newest_of_each(documents: list[ConsentDocument]) -> list[ConsentDocument]:
    """One card per purpose and recipient: the decision about the newest notice."""
    found: dict[tuple[str, str, str, str], ConsentDocument] = {}
    for document in sorted(documents, key=lambda row: row["notice"]["version"]):
        key = (
            document["party"],
            document["scope"],
            document["purpose"],
            document["recipient"],
        )
        found[key] = document
    return list(found.values())


def _wards(person: Person) -> dict[str, str]:
    """Names of the children for whom a person decides, by party."""
    rows = Person.objects.filter(party_id__in=guardians.wards_of(person))
    return {str(child.party_id): child.name for child in rows}


def _guarding(person: Person) -> list[Guardianship]:
    found = person.wards.filter(
        child__party_id__in=guardians.wards_of(person), confirmed_at__isnull=False, ended_at=None
    )
    return list(found.select_related("child"))


def _open_decisions(
    actor: Actor,
    documents: list[ConsentDocument],
    titles: dict[str, str],
    parties: dict[str, str],
) -> list[dict[str, Any]]:  # Any: a template's context
    """Disclosures to third parties that are still to be decided, for calls taken part in.

    A browser that sends Global Privacy Control is not asked.
    """
    if actor.signal:
        return []
    places = sorted({(document["party"], document["scope"]) for document in documents})
    return [
        {
            "party": party,
            "who": parties.get(party, ""),
            "call": titles.get(scope, scope),
            "notice": notice.id,
            "purpose": purpose_label(notice.purpose, notice.text),
            "text": localized(notice.text),
            "recipient": recipient,
            "recipient_name": next(
                localized(named["name"]) for named in notice.recipients if named["key"] == recipient
            ),
        }
        for party, scope in places
        for notice, recipient in undecided_disclosures(
            party_id=UUID(party), scope=scope, required=True
        )
    ]


@require_safe
@signed_in
def consents(request: HttpRequest) -> HttpResponseBase:
    """Every decision of the person and their organisations, those in force first."""
    actor = Actor.of(request)
    person = actor.require_person()
    parties = {str(person.party_id): person.name}
    parties |= {str(o.party_id): localized(o.name) for o in organisations_of(person)}
    wards = _wards(person)
    parties |= wards
    documents = [consent_document(row) for row in consents_query(decidable_parties(actor))]
    documents = newest_of_each(documents)
    documents.sort(key=lambda document: document["decided_at"], reverse=True)
    documents.sort(key=lambda document: document["state"] not in ACTIVE)
    titles = call_titles({document["scope"] for document in documents})
    context = {
        "consents": [_card(document, titles, parties) for document in documents],
        "signal": bool(actor.signal),
        "asking": guardians.waiting_for(person),
        "invited": invitations_to(person),
        "guarding": _guarding(person),
        "needs_guardian": guardians.is_under_fourteen(person.party_id),
        "open": _open_decisions(actor, documents, titles, parties),
    }
    return render(request, "portal/resident/consents.html", context)


@require_POST
@signed_in
def consent_withdrawal(request: HttpRequest, consent_id: UUID) -> HttpResponseBase:
    """Take one consent back, from now on."""
    actor = Actor.of(request)
    consent = consents_query(decidable_parties(actor)).filter(id=consent_id).first()
    if consent is None:
        raise Http404
    withdraw(acting=actor, consent=consent)
    messages.success(request, pgettext("status", "Consent withdrawn"))
    return redirect("portal:consents")


@require_POST
@signed_in
def decision(request: HttpRequest) -> HttpResponseBase:
    """One decision about one recipient, or agreeing anew to what expired."""
    actor = Actor.of(request)
    try:
        notice = Notice.objects.filter(id=UUID(request.POST.get("notice", ""))).first()
        party = UUID(request.POST.get("party", ""))
    except ValueError:
        raise Http404 from None
    if notice is None:
        raise Http404
    decide(
        acting=actor,
        party_id=party,
        notice=notice,
        granted=request.POST.get("decision") == "agree",
        language=current(),
        recipient=request.POST.get("recipient", ""),
    )
    messages.success(request, _("Your decision was recorded."))
    return redirect("portal:consents")


@require_POST
@signed_in
def guardianship(request: HttpRequest, guardianship_id: UUID, answer: str) -> HttpResponseBase:
    """A guardian confirms, declines or ends."""
    actor = Actor.of(request)
    if answer == "confirmation":
        guardians.confirm_guardianship(acting=actor, guardianship_id=guardianship_id)
        messages.success(request, _("You decide for this child until it is 14."))
    elif answer == "end":
        guardians.decline_guardianship(acting=actor, guardianship_id=guardianship_id)
        messages.success(request, _("You no longer decide for this child."))
    else:
        raise Http404
    return redirect("portal:consents")
