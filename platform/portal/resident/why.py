"""Why a contribution earned what it earned: the calculation, factor by factor."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contributions.selectors import contribution_for
from dure.accounts.acting import Actor
from dure.core.language import localized
from portal.doors import signed_in
from portal.formatting import amount_text, exact, multiplier_number, number_text, percent_text
from rewards.epochs.selectors import RewardExplanation, reward_document


@dataclass(frozen=True)
class FactorLine:
    label: str
    sign: str
    value: str
    text: str
    is_sum: bool = False


def factor_lines(document: RewardExplanation) -> list[FactorLine]:
    """The factors in the order of the formula, and the reward that is their product."""
    asset = document["asset"]
    words = {
        "records": _("Records"),
        "base": _("Base"),
        "quality": _("Quality"),
        "representativeness": _("Representativeness"),
        "novelty": _("Novelty"),
        "cap": _("Cap"),
        "reward": _("Reward"),
    }
    lines = []
    for factor in document["factors"]:
        key, value = factor["key"], factor["value"]
        if key in ("base", "reward"):
            text = amount_text(value, asset)
        else:
            text = number_text(value) if key == "records" else number_text(value, 3)
        sign = {"records": "", "reward": "="}.get(key, "×")
        lines.append(FactorLine(words.get(key, key), sign, value, text, key == "reward"))
    return lines


def standing_text(state: str) -> str:
    """How firm the amount is."""
    return {
        "estimate": _("An estimate as of now; it settles when the settlement is closed."),
        "closed": _("The settlement is closed; a second person has to approve it."),
        "approved": _("Approved and paid into your account."),
    }.get(state, _("Nothing is earned by this contribution."))


@require_safe
@signed_in
def why(request: HttpRequest, receipt: str) -> HttpResponseBase:
    found = contribution_for(Actor.of(request), receipt)
    document = reward_document(found)
    epoch, asset = document["epoch"], document["asset"]
    settled = epoch is not None and epoch["state"] != "open"
    context = {
        "receipt": receipt,
        "document": document,
        "asset": asset,
        "standing": standing_text(document["state"]),
        "factors": factor_lines(document),
        "strata": [
            {
                **line,
                "label": localized(line["label"]),
                "dimension_label": localized(line["dimension_label"]),
                "coverage": percent_text(line["after"], line["target"]),
                "records": number_text(exact(line["mass"]) / 1000),
                "records_value": exact(line["mass"]) / 1000,
                "times": multiplier_number(line["multiplier"]),
            }
            for line in document["lines"]
        ],
        "manifest_url": f"/api/v1/epochs/{epoch['id']}/manifest/" if epoch and settled else "",
    }
    return render(request, "portal/resident/why.html", context)
