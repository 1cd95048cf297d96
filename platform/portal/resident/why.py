"""Why a contribution earned what it earned: the calculation, factor by factor."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contributions.models import CallVersion
from contributions.selectors import contribution_for
from dure.accounts.acting import Actor
from dure.core.language import localized
from dure.core.problems import Problem
from portal.doors import signed_in
from portal.formatting import (
    amount_text,
    exact,
    multiplier_number,
    number_text,
    percent_text,
    share_text,
)
from portal.resident.redemptions import parties_of
from rewards.algorithms import ENTRIES
from rewards.dividends.selectors import dividend_explanation
from rewards.epochs.corrected import ChangeDocument
from rewards.epochs.selectors import RewardExplanation, reward_document
from rewards.holdback.selectors import HeldDocument
from rewards.models import CheckGround, CheckState, EpochGround

#: Parts in which the worth of records to a model is counted.
WORTH_UNITS = 10**12


@dataclass(frozen=True)
class FactorLine:
    label: str
    sign: str
    value: str
    text: str
    meaning: str
    is_sum: bool = False


def factor_lines(document: RewardExplanation) -> list[FactorLine]:
    """The factors in the order of the formula, and the reward that is their product."""
    asset = document["asset"]
    words = {
        "records": (_("Records"), _("Records that passed the checks")),
        "base": (_("Base"), _("Mean price of a record over the whole population")),
        "quality": (_("Quality"), _("1 without losses; each failed warning takes its part off")),
        "representativeness": (
            _("Representativeness"),
            _("Above 1 where your records fill a gap, below 1 where there are many already"),
        ),
        "novelty": (_("Novelty"), _("The part that nobody had contributed before")),
        "cap": (_("Cap"), _("1 unless the call’s highest price or its budget set a limit")),
        "reward": (_("Reward"), ""),
    }
    lines = []
    for factor in document["factors"]:
        key, value = factor["key"], factor["value"]
        if key in ("base", "reward"):
            text = amount_text(value, asset)
        else:
            text = number_text(value) if key == "records" else number_text(value, 3)
        sign = {"records": "", "reward": "="}.get(key, "×")
        label, meaning = words.get(key, (key, ""))
        lines.append(FactorLine(label, sign, value, text, meaning, key == "reward"))
    return lines


def standing_text(state: str, held: HeldDocument | None) -> str:
    """How firm the amount is."""
    if state == "approved" and held is not None and held["state"] not in ("paid", "given-back"):
        return _("Approved. What is not held back was credited to your wallet.")
    return {
        "waiting": _("Measured when the settlement is closed; this rule quotes nothing before."),
        "estimate": _("An estimate as of now; it settles when the settlement is closed."),
        "closed": _("The settlement is closed; a second person has to approve it."),
        "approved": _("Approved and credited to your wallet."),
    }.get(state, _("Nothing is earned by this contribution."))


def ground_text(ground: str) -> str:
    """Why a settlement was rejected or taken back."""
    return str(EpochGround(ground).label) if ground in EpochGround.values else ""


def change_lines(changes: Iterable[ChangeDocument]) -> list[dict[str, Any]]:
    """What was corrected, in words."""
    words = {
        "rejected": _("Settlement %(number)d was rejected before it was paid."),
        "reversed": _("Settlement %(number)d was taken back. What it had paid left your wallet."),
        "kept": _("Settlement %(number)d was taken back. You had spent it already: it stays paid."),
    }
    return [
        {
            **change,
            "text": words[change["kind"]] % {"number": change["number"]},
            "ground_text": ground_text(change["ground"]),
        }
        for change in changes
    ]


def held_view(held: HeldDocument | None) -> dict[str, Any] | None:
    """What is held back of a reward, and what a check of the contribution found, in words."""
    if held is None:
        return None
    words = {
        "waiting": _("This part waits until its day; then it is paid by itself."),
        "paid": _("This part had waited and was paid on its day."),
        "returned": _("This part went back to the pool of the call."),
        "given-back": _("This part had gone back to the pool and was paid to you after all."),
    }
    given, granted = held["given_back"], held["to_give_back"]
    # What an objection took off the finding altogether is not to be objected to any more, even
    # while the amount waits for an approver.
    answer = given or granted
    whole = answer is not None and answer["amount"] == held["amount"]
    if given is not None and not whole:
        words["given-back"] = _("What was granted of this part was paid to you after all.")
    checks = {
        CheckState.DRAWN: _("The log drew this contribution to be checked."),
        CheckState.SOUND: _("The log drew this contribution, and it was found in order."),
        CheckState.PROPOSED: _("A finding waits for a second person to decide about it."),
        CheckState.DISMISSED: _("A finding was made, and a second person dismissed it."),
        CheckState.UPHELD: _("A finding was made, and a second person upheld it."),
        CheckState.OVERRULED: _("Your objection to the finding was granted: it no longer stands."),
    }
    if given is not None and not whole:
        checks[CheckState.OVERRULED] = _("Your objection to the finding was granted in part.")
    if granted is not None:
        granted_text = (
            _("Your objection to the finding was granted.")
            if whole
            else _("Your objection to the finding was granted in part.")
        )
        paying = _("The amount is credited to your wallet once a second person has approved it.")
        checks[CheckState.UPHELD] = f"{granted_text} {paying}"
    check = CheckState(held["check"]) if held["check"] else None
    return {
        **held,
        "whole": whole,
        "text": words[held["state"]],
        "check_text": checks[check] if check else "",
        "ground_text": CheckGround(held["ground"]).label if held["ground"] else "",
    }


def stratum_lines(document: RewardExplanation) -> list[dict[str, Any]]:
    """The lines of a reward; what a model learned is shown as a part of all that it learned."""
    found: list[dict[str, Any]] = []
    for line in document["lines"]:
        worth = document["method"] == "knn"
        units = exact(line["mass"]) / (WORTH_UNITS if worth else 1000)
        found.append(
            {
                **line,
                "label": localized(line["label"]),
                "dimension_label": localized(line["dimension_label"]),
                "coverage": percent_text(line["after"], line["target"]),
                "records": number_text(units, 6 if worth else None),
                "records_value": units,
                "times": multiplier_number(line["multiplier"]),
            }
        )
    return found


def rule_url(method: str) -> str:
    """Where the register describes the rule that a reward followed."""
    entry = ENTRIES.get(method)
    return reverse("portal:algorithm", args=[entry.id]) if entry else reverse("portal:algorithms")


@require_safe
@signed_in
def why(request: HttpRequest, receipt: str) -> HttpResponseBase:
    found = contribution_for(Actor.of(request), receipt)
    document = reward_document(found)
    epoch, method = document["epoch"], document["method"]
    settled = epoch is not None and epoch["state"] != "open"
    context = {
        "receipt": receipt,
        "document": document,
        "asset": document["asset"],
        "standing": standing_text(document["state"], document["held"]),
        "factors": factor_lines(document),
        "highest": max(exact(document["reward"]), exact(document["flat"] or 0)),
        "held": held_view(document["held"]),
        "changes": change_lines(document["changes"]),
        "strata": stratum_lines(document),
        "by_strata": method == "coverage",
        "by_worth": method == "knn",
        "quoted": any(line["price_before"] is not None for line in document["lines"]),
        "rule_url": rule_url(method),
        "manifest_url": f"/api/v1/epochs/{epoch['id']}/manifest/" if epoch and settled else "",
    }
    return render(request, "portal/resident/why.html", context)


@require_safe
@signed_in
def dividend(request: HttpRequest, licence_id: UUID) -> HttpResponseBase:
    """Why a dividend is what it is; ``?party=`` names another wallet that the person may see."""
    parties = parties_of(Actor.of(request))
    asked = request.GET.get("party")
    if asked is not None and asked not in parties:
        raise Http404
    document = None
    party = ""
    for party in [asked] if asked else list(parties):
        try:
            document = dividend_explanation(UUID(party), licence_id)
        except Problem:
            continue
        break
    if document is None:
        raise Http404
    call = CallVersion.objects.get(published_for__slug=document["call"]).document
    context = {
        "document": document,
        "asset": document["asset"],
        "weight_asset": call["pool"]["asset"],
        "contributors_part": share_text(exact(document["amount"]) / exact(document["revenue"])),
        "call_title": localized(call["title"]),
        "highest": max(exact(document["share"]), exact(document["flat"])),
        "share_text": share_text(exact(document["weight"]) / exact(document["total_weight"])),
        "proof_json": json.dumps(document["proof"], indent=1),
        "proof_url": f"{reverse('rewards-api:licence-dividend', args=[licence_id])}?party={party}",
    }
    return render(request, "portal/resident/dividend.html", context)
