"""Reading licences: those of the parties that somebody acts for; operators see all."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypedDict
from uuid import UUID

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from contributions.models import Release
from contributions.releases.attestation import late_parties
from contributions.releases.recipients import recalls_by_holder
from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core.clock import rfc3339
from dure.core.money import Asset, format_amount
from dure.core.problems import NOT_FOUND
from rewards.dividends import selectors as dividends
from rewards.licences.invoice import invoice_number
from rewards.models import BulkBatch, Dividend, Licence


class LicenceTerms(TypedDict):
    """What was agreed, and how far its payment is."""

    id: str
    call: str
    asset: str
    total: str
    quote: dict[str, Any]  # Any: JSON, as it was agreed
    state: str
    agreed_at: str
    noted_at: str | None
    paid_at: str | None


class LicenceDocument(LicenceTerms):
    recalls: list[dict[str, Any]]  # Any: JSON
    suspended: bool


def licences(actor: Actor) -> QuerySet[Licence]:
    """Licences that the actor may see."""
    found = Licence.objects.select_related("call")
    return found if actor.has(Role.OPERATOR) else found.filter(party_id__in=actor.parties)


def licence_for(actor: Actor, licence_id: UUID) -> Licence:
    """One of them; NOT_FOUND for unknown and foreign ones alike."""
    licence = licences(actor).filter(id=licence_id).first()
    if licence is None:
        raise NOT_FOUND.problem()
    return licence


def invoice_numbers(scopes: Collection[str]) -> dict[str, str]:
    """The numbers of the invoices of licences, by their ids; what is no licence is left out."""
    found = Licence.objects.annotate(key=Cast("id", TextField())).filter(key__in=scopes)
    return {str(licence.id): invoice_number(licence) for licence in found} if scopes else {}


def licensees(actor: Actor, release: Release) -> set[UUID]:
    """Parties that the actor acts for and that have paid for the release's data."""
    paid = Licence.objects.filter(call_id=release.call_id, paid_at__isnull=False)
    return set(paid.filter(party_id__in=actor.parties).values_list("party_id", flat=True))


def licence_terms(licence: Licence) -> LicenceTerms:
    """A licence with its quote; ``state`` is ``agreed`` or ``paid``. Asks the database nothing.

    ``noted_at`` is when its payment was noted, which a second person then confirms.
    """
    return {
        "id": str(licence.id),
        "call": licence.call.slug,
        "asset": Asset.KRW.value,
        "total": format_amount(licence.total),
        "quote": licence.quote,
        "state": "paid" if licence.paid_at else "agreed",
        "agreed_at": rfc3339(licence.agreed_at),
        "noted_at": rfc3339(licence.noted_at) if licence.noted_at else None,
        "paid_at": rfc3339(licence.paid_at) if licence.paid_at else None,
    }


def licence_documents(licences: Collection[Licence]) -> list[LicenceDocument]:
    """The terms of licences, and what binds their holders since.

    ``recalls`` are releases of a licence's call that the licensee downloaded and of which rows have
    to be deleted, because somebody withdrew since; ``suspended`` is whether one of them was not
    attested as deleted in time, so that no file is given out. Asks once for each call and release.
    """
    parties = {licence.party_id for licence in licences}
    calls = {licence.call_id for licence in licences}
    recalls = recalls_by_holder(parties, calls)
    late = {
        (party, call)
        for call in {call for _, call in recalls}
        for party in late_parties(parties, call)
    }
    return [
        {
            **licence_terms(licence),
            "recalls": recalls.get((licence.party_id, licence.call_id), []),
            "suspended": (licence.party_id, licence.call_id) in late,
        }
        for licence in licences
    ]


def licence_document(licence: Licence) -> LicenceDocument:
    """One of them."""
    return licence_documents([licence])[0]


def dividend_of(licence_id: UUID) -> Dividend | BulkBatch:
    """The dividend of a licence that was paid; NOT_FOUND before."""
    dividend = dividends.dividend_of(licence_id)
    if dividend is None:
        raise NOT_FOUND.problem()
    return dividend
