"""Whom a party's data may reach: the third parties that notices name, decided on one by one.

A notice names recipients by keys; where the city says so, a key is a registered organisation
(``organisation``, the identifier of its party). What is asked here is asked at the moment of use.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Min, Q, QuerySet

from governance.models import Consent, ConsentEvent, ConsentState, Notice

#: States in which a party has said no, or somebody has said it for the party.
DECLINED = (ConsentState.REFUSED, ConsentState.WITHDRAWN, ConsentState.REVOKED)


def purposes_with_recipients(scope: str) -> frozenset[str]:
    """Purposes of a scope of which a notice, of whatever version, names third parties."""
    naming = Notice.objects.filter(scope=scope).exclude(recipients=[])
    return frozenset(naming.values_list("purpose", flat=True))


def keys_of(*, scope: str, purpose: str, party_id: UUID) -> frozenset[str]:
    """Keys under which notices of a purpose, of whatever version, name an organisation."""
    named = str(party_id)
    notices = Notice.objects.filter(
        scope=scope, purpose=purpose, recipients__contains=[{"organisation": named}]
    )
    return frozenset(
        recipient["key"]
        for recipients in notices.values_list("recipients", flat=True)
        for recipient in recipients
        if recipient.get("organisation") == named
    )


def parties_told_by_name(*, scope: str, purpose: str) -> QuerySet[Consent, UUID]:
    """Parties who were told by name who receives their data for a purpose, as a subquery.

    Their latest decision on the city's own use is about a notice that names recipients, or they
    have decided on one. To nobody else than those named may their data go.
    """
    asked = Consent.objects.filter(notice__scope=scope, notice__purpose=purpose)
    latest = (
        ConsentEvent.objects.filter(consent__in=asked.filter(recipient=""))
        .order_by("consent__party", "-log_entry__origin_seq")
        .distinct("consent__party")
    )
    told = ConsentEvent.objects.filter(id__in=latest.values("id")).exclude(
        consent__notice__recipients=[]
    )
    return asked.filter(Q(party__in=told.values("consent__party")) | ~Q(recipient="")).values_list(
        "party", flat=True
    )


def declining_parties(*, scope: str, purpose: str) -> QuerySet[ConsentEvent, UUID]:
    """Parties whose latest decision about any third party of a purpose is a no, as a subquery.

    A signal of Global Privacy Control that was recorded is a no; a consent that expired is none.
    """
    return _declining(scope, purpose).values_list("consent__party", flat=True)


def declined_since(*, parties: Collection[UUID], scope: str, purpose: str) -> datetime | None:
    """When the first of these parties said the no that counts to a third party; None: nobody."""
    nos = _declining(scope, purpose).filter(consent__party__in=parties)
    first: datetime | None = nos.aggregate(first=Min("decided_at"))["first"]
    return first


def _declining(scope: str, purpose: str) -> QuerySet[ConsentEvent, ConsentEvent]:
    latest = (
        ConsentEvent.objects.filter(consent__notice__scope=scope, consent__notice__purpose=purpose)
        .exclude(consent__recipient="")
        .order_by("consent__party", "consent__recipient", "-log_entry__origin_seq")
        .distinct("consent__party", "consent__recipient")
    )
    return ConsentEvent.objects.filter(id__in=latest.values("id"), state__in=DECLINED)
