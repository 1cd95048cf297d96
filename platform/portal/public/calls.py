"""Home, the list of calls and the page of one call."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from contributions.selectors.calls import (
    call_document,
    call_documents,
    open_calls,
    published_version,
)
from dure.accounts.acting import Actor
from dure.accounts.selectors import contributor_attributes
from dure.core.clock import rfc3339
from dure.core.language import localized
from dure.core.money import Asset
from governance.consent.purpose_words import purpose_label
from governance.log.selectors import latest_checkpoint
from portal.doors import shows_problems
from portal.maps.district_map import DistrictMap, district_map
from portal.public.cards import CallCard, call_card
from portal.public.figures import budget_spent, city_totals, city_yield
from portal.public.own_district import district_context, own_district
from portal.public.schema_words import columns, sample_csv
from portal.strata import StratumRow
from portal.worth import rate_text

CARDS_ON_HOME = 3


@dataclass(frozen=True)
class Purpose:
    key: str
    label: str
    required: bool
    text: str
    #: Names of the third parties that everybody decides on separately.
    recipients: tuple[str, ...]


def checkpoint_line() -> dict[str, Any] | None:  # Any: a template's context
    """Size and time of the newest signed checkpoint."""
    checkpoint = latest_checkpoint()
    if checkpoint is None:
        return None
    return {"size": checkpoint.size, "at": rfc3339(checkpoint.signed_at)}


def _map_of(card: CallCard) -> DistrictMap | None:
    dimension = card.dimension("district")
    return district_map({row.key: row for row in dimension.rows}) if dimension else None


@gzip_page
@require_safe
@shows_problems
def home(request: HttpRequest) -> HttpResponse:
    """The promise, the live map of the first call with districts, three calls, how it works."""
    district = own_district(request)
    cards = [call_card(one, district=district) for one in call_documents(open_calls())]
    map_call = next((card for card in cards if card.dimension("district")), None)
    context = {
        "cards": cards[:CARDS_ON_HOME],
        "map_call": map_call,
        "map": _map_of(map_call) if map_call else None,
        "dimension": map_call.dimension("district") if map_call else None,
        "yield": city_yield(),
        "rate": rate_text(),
        "contribute_url": (
            reverse("portal:call", args=[cards[0].slug])
            if len(cards) == 1
            else reverse("portal:calls")
        ),
        "totals": city_totals(),
        "checkpoint": checkpoint_line(),
        **district_context(request),
    }
    return render(request, "portal/public/home.html", context)


@gzip_page
@require_safe
def calls(request: HttpRequest) -> HttpResponse:
    district = own_district(request)
    cards = [call_card(one, district=district) for one in call_documents(open_calls())]
    # Where one's own district is missed most comes first; amounts of two assets do not compare.
    cards.sort(key=lambda card: card.own.times if card.own else Decimal(0), reverse=True)
    context = {"cards": cards, **district_context(request)}
    return render(request, "portal/public/calls.html", context)


def purposes_of(document: dict[str, Any]) -> list[Purpose]:  # Any: the call document is JSON
    """A call's purposes by name."""
    return [
        Purpose(
            purpose["key"],
            purpose_label(purpose["key"], purpose["notice"]),
            bool(purpose["required"]),
            localized(purpose["notice"]),
            tuple(localized(named["name"]) for named in purpose.get("recipients", ())),
        )
        for purpose in document["purposes"]
    ]


def _own_strata(request: HttpRequest, document: dict[str, Any], card: CallCard) -> list[StratumRow]:
    """The reader's own strata where the call goes by verified attributes."""
    actor = Actor.of(request)
    if actor.person is None:
        return []
    attributes = contributor_attributes(actor.person.party_id)
    wanted = {
        rule["dimension"]: attributes.get(rule["column"].removeprefix("contributor."))
        for rule in document.get("strata_rules", [])
    }
    return [
        row
        for dimension in card.dimensions
        for row in dimension.rows
        if wanted.get(row.dimension) == row.key
    ]


@gzip_page
@require_safe
@shows_problems
def call(request: HttpRequest, slug: str) -> HttpResponse:
    document = call_document(published_version(slug))
    context = call_context(document, district=own_district(request))
    context |= district_context(request)
    context["own_strata"] = _own_strata(request, document, context["card"])
    if document["pool"]["asset"] == Asset.DURE:
        context["rate"] = rate_text()
    pool = document["pool"]
    context["budget_spent"] = budget_spent(slug, pool["asset"], pool["amount"])
    return render(request, "portal/public/call.html", context)


# Any: the call document is JSON, and what comes out a template's context.
def call_context(document: dict[str, Any], *, district: str = "") -> dict[str, Any]:
    """What the page of a call shows to everybody; with a district also what it earns there."""
    card = call_card(document, district=district)
    fields, other_rules = columns(document)
    return {
        "card": card,
        "document": document,
        "fields": fields,
        "other_rules": other_rules,
        "purposes": purposes_of(document),
        "dimensions": card.dimensions,
        "map": _map_of(card),
    }


@require_safe
@shows_problems
def call_sample(request: HttpRequest, slug: str) -> HttpResponse:
    """A CSV with the call's columns and one example row."""
    content = sample_csv(call_document(published_version(slug), live=False))
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}-sample.csv"'
    return response
