"""The wallet: what is pending, confirmed and paid, and every line of the statement."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Sum
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dure.accounts.acting import Actor
from dure.accounts.selectors import organisations_of
from dure.core.language import localized
from dure.core.money import format_amount
from portal.doors import signed_in
from portal.formatting import exact, unit_text
from portal.worth import worth_text
from rewards.holdback.selectors import held_lines
from rewards.models import RedemptionState
from rewards.wallet.selectors import (
    EntryDocument,
    entries,
    entry_documents,
    redemptions,
    unclaimed_amounts,
    unclaimed_document,
    wallet_document,
)
from rewards.wallet.statement import kind_text
from rewards.wallet.unclaimed import claim

ENTRIES_SHOWN = 50


def entry_line(document: EntryDocument, party_id: UUID) -> dict[str, Any]:  # Any: a context
    """A line of the statement with its reason in words and the way to its calculation."""
    receipt, licence = document["receipt"], document["licence"]
    url = reverse("portal:contribution-why", args=[receipt]) if receipt else ""
    if licence:
        url = f"{reverse('portal:dividend', args=[licence])}?party={party_id}"
    return {
        **document,
        "at": document["posted_at"],
        "text": kind_text(document["kind"]),
        "url": url,
        "link": receipt or _("Why this dividend?"),
    }


def _under_way(party_id: UUID) -> list[dict[str, str]]:
    """What was asked for and is neither confirmed any more nor paid yet, by asset."""
    asked = redemptions(frozenset({party_id})).filter(state=RedemptionState.HELD).order_by()
    sums = asked.values_list("asset").annotate(total=Sum("amount")).order_by("asset")
    return [{"asset": asset, "amount": format_amount(int(total))} for asset, total in sums]


def _wallet(party_id: UUID, name: str) -> dict[str, Any]:  # Any: a template's context
    """One party's balances; an asset that was never used is left out, tokens stay."""
    balances = [
        {
            **balance,
            "unit": unit_text(balance["asset"]),
            "worth": worth_text(balance["confirmed"], balance["asset"]),
        }
        for balance in wallet_document(party_id)["balances"]
        if balance["asset"] == "DURE"
        or any(exact(balance[part]) for part in ("pending", "confirmed", "paid"))
    ]
    rows = list(entries(party_id)[:ENTRIES_SHOWN])
    held = held_lines(party_id)
    kept = list(unclaimed_amounts(frozenset({party_id})).filter(claimed_at=None))
    return {
        "name": name,
        "party": party_id,
        "unused": not (rows or kept or held)
        and not any(exact(str(balance["pending"])) for balance in balances),
        "month": rows[0].transfer.posted_at if rows else None,
        "balances": balances,
        "held": held,
        "waits": any(line["state"] == "waiting" for line in held),
        "under_way": _under_way(party_id),
        "unclaimed": [unclaimed_document(each) for each in kept],
        "entries": [entry_line(document, party_id) for document in entry_documents(rows)],
    }


@require_safe
@signed_in
def wallet(request: HttpRequest) -> HttpResponseBase:
    """The person's own wallet, then those of their organisations."""
    person = Actor.of(request).require_person()
    wallets = [_wallet(person.party_id, _("My wallet"))]
    wallets += [
        _wallet(organisation.party_id, localized(organisation.name))
        for organisation in organisations_of(person)
    ]
    return render(request, "portal/resident/wallet.html", {"wallets": wallets})


@require_POST
@signed_in
def claiming(request: HttpRequest, unclaimed_id: UUID) -> HttpResponseBase:
    """Bring an amount that was set aside back into the wallet."""
    claim(acting=Actor.of(request), unclaimed_id=unclaimed_id)
    messages.success(request, _("The amount is back in your wallet."))
    return redirect("portal:wallet")
