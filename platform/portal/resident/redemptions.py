"""Using rewards: a form that holds an amount once, and where every earlier one stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from rest_framework.response import Response

from dure.accounts.acting import Actor
from dure.accounts.selectors import organisations_of
from dure.core.canonical import canonical_hash
from dure.core.idempotency import run_idempotently
from dure.core.language import localized
from dure.core.money import SUB_UNITS, Asset, parse_amount
from dure.core.problems import Problem
from portal.doors import signed_in
from portal.error_summary import ErrorSummary, Item, summary_of_form, summary_of_problem
from portal.formatting import amount_text, unit_text
from portal.resident.banks import ACCOUNT, BANKS
from portal.worth import rate_text
from rewards.models import Rail
from rewards.treasury.selectors import payout_rule, unclaimed_rule
from rewards.wallet.selectors import redemption_document, redemptions, wallet_document
from rewards.wallet.services import request_redemption

REDEMPTIONS_SHOWN = 50
DESTINATION_LENGTH_MAX = 60
_ANCHORS = {
    name: f"id_{name}" for name in ("asset", "amount", "rail", "bank", "fund", "destination")
}


def rail_text(rail: str) -> str:
    """What a way of taking value out is called."""
    return {
        Rail.BANK: _("To a bank account"),
        Rail.LOCAL_CURRENCY: _("As local currency"),
        Rail.TRANSIT: _("As credit for public transport"),
        Rail.FUND: _("As a gift to a neighbourhood fund"),
    }.get(Rail(rail), rail)


def redemption_state_text(state: str) -> str:
    """Where a redemption stands."""
    return {
        "held": _("Being paid out"),
        "settled": _("Paid out"),
        "returned": _("Given back to your wallet"),
    }.get(state, state)


class RedemptionForm(forms.Form):
    """What to take out, how much, on which way and where to."""

    party = forms.ChoiceField(label=gettext_lazy("From which wallet"))
    asset = forms.ChoiceField(label=gettext_lazy("What you want to use"))
    amount = forms.CharField(
        label=gettext_lazy("Amount"),
        max_length=20,
        help_text=gettext_lazy("Whole units, for example 3000. What is left stays in the wallet."),
        error_messages={"required": gettext_lazy("Enter an amount.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    rail = forms.ChoiceField(label=gettext_lazy("How"))
    bank = forms.ChoiceField(
        label=gettext_lazy("Bank"),
        required=False,
        help_text=gettext_lazy("Only where the amount goes to a bank account."),
    )
    fund = forms.ChoiceField(
        label=gettext_lazy("Neighbourhood fund"),
        required=False,
        help_text=gettext_lazy("Only where the amount is a gift."),
    )
    destination = forms.CharField(
        label=gettext_lazy("Number of the account or the card"),
        max_length=DESTINATION_LENGTH_MAX,
        required=False,
        help_text=gettext_lazy(
            "The number of the bank account, of the card or of the wallet for local currency."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, parties: dict[str, str], *args: Any, **kwargs: Any) -> None:  # Any: Django's
        _number, paying = payout_rule()
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self._choices("party", list(parties.items()))
        self._choices("asset", [(asset, unit_text(asset)) for asset in Asset.values])
        self._choices("rail", [(rail, rail_text(rail)) for rail in Rail.values])
        self._choices("bank", [("", _("Choose a bank")), *BANKS])
        funds = [(key, localized(name)) for key, name in paying.funds.items()]
        self._choices("fund", [("", _("Choose a fund")), *funds])
        if len(parties) == 1:
            self.fields["party"].widget = forms.HiddenInput()

    def tell_balances(self, balances: Sequence[Mapping[str, Any]]) -> None:  # Any: JSON
        """What there is of each asset, where it is chosen: on a phone the list stands far below."""
        ready = {each["asset"]: amount_text(each["confirmed"], each["asset"]) for each in balances}
        told = [
            (asset, f"{unit_text(asset)} ({ready[asset]})" if asset in ready else unit_text(asset))
            for asset in Asset.values
        ]
        self._choices("asset", told)

    def _choices(self, name: str, choices: Sequence[tuple[str, object]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(value, str(label)) for value, label in choices]

    def clean_amount(self) -> int:
        """Sub-units; what is no amount is said at once."""
        text = str(self.cleaned_data["amount"]).replace(",", "").strip()
        try:
            amount = parse_amount(text)
        except ValueError:
            raise forms.ValidationError(_("Enter the amount in digits.")) from None
        if amount <= 0:
            raise forms.ValidationError(_("Enter an amount above zero."))
        if amount % SUB_UNITS:
            raise forms.ValidationError(_("Enter a whole amount, without a fraction."))
        return amount

    def clean(self) -> dict[str, Any]:  # Any: Django's
        """A bank account is its bank and its number; whoever writes both as one text may.

        A gift goes to the fund that was chosen.
        """
        wanted = super().clean() or self.cleaned_data
        fund = wanted.pop("fund", "")
        if wanted.get("rail") == Rail.FUND:
            wanted["destination"] = fund
            if not fund and "fund" not in self.errors:
                self.add_error("fund", _("Choose the fund that the gift is for."))
        elif not wanted.get("destination") and "destination" not in self.errors:
            self.add_error("destination", _("Enter where the amount should go."))
        number = str(wanted.get("destination", "")).strip()
        if wanted.get("rail") == Rail.BANK and ACCOUNT.fullmatch(number):
            if wanted.get("bank"):
                wanted["destination"] = f"{wanted['bank']}:{number}"
            else:
                self.add_error("bank", _("Choose the bank of the account."))
        wanted.pop("bank", None)
        return wanted


def parties_of(actor: Actor) -> dict[str, str]:
    """Wallets that the person may use, the own one first."""
    person = actor.require_person()
    parties = {str(person.party_id): _("My wallet")}
    for organisation in organisations_of(person):
        parties[str(organisation.party_id)] = localized(organisation.name)
    return parties


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _redeem(actor: Actor, form: RedemptionForm, key: UUID) -> None:
    """One effect for one form, however often its button is pressed."""
    wanted = form.cleaned_data
    party_id = UUID(wanted["party"])

    def run() -> Response:
        redemption = request_redemption(
            acting=actor,
            party_id=party_id,
            asset=wanted["asset"],
            amount=wanted["amount"],
            rail=wanted["rail"],
            destination=wanted["destination"],
        )
        return Response(redemption_document(redemption), status=201)

    run_idempotently(
        actor=actor.require_person().id,
        key=f"portal-redemption-{key}",
        request_hash=canonical_hash({**wanted, "amount": str(wanted["amount"])}),
        run=run,
    )


def _summary(problem: Problem) -> ErrorSummary:
    """A refusal; one that names no field is about the amount."""
    found = summary_of_problem(problem, _ANCHORS)
    if found.items:
        return found
    item = Item(str(problem.kind.title), _ANCHORS["amount"])
    return ErrorSummary(advice=str(problem.detail), items=(item,))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def redeem(request: HttpRequest) -> HttpResponseBase:
    """The form, and below it every earlier redemption."""
    actor = Actor.of(request)
    parties = parties_of(actor)
    first = next(iter(parties))
    if request.method != "POST":
        chosen = request.GET.get("party", "")
        initial = {"party": chosen if chosen in parties else first, "asset": Asset.DURE}
        return _page(request, actor, RedemptionForm(parties, initial=initial))
    form = RedemptionForm(parties, request.POST)
    key = _key(request.POST.get("key", ""))
    if not form.is_valid():
        return _page(request, actor, form, summary_of_form(form))
    if key is None:
        text = _("The form was out of date. Check it and send it again.")
        return _page(request, actor, form, ErrorSummary(detail=text))
    try:
        _redeem(actor, form, key)
    except Problem as problem:
        summary = _summary(problem)
        for error in problem.errors:
            if error.field in form.fields:
                form.add_error(error.field, str(error.message))
        return _page(request, actor, form, summary)
    amount = amount_text(form.cleaned_data["amount"] // SUB_UNITS, form.cleaned_data["asset"])
    messages.success(request, _("%(amount)s is on its way.") % {"amount": amount})
    return redirect("portal:redeem")


def _page(
    request: HttpRequest, actor: Actor, form: RedemptionForm, problems: ErrorSummary | None = None
) -> HttpResponse:
    parties = parties_of(actor)
    rows = redemptions(actor.parties)[:REDEMPTIONS_SHOWN]
    _number, paying = payout_rule()
    _version, unclaimed = unclaimed_rule()
    wallets: list[dict[str, Any]] = [  # Any: a template's context
        {"name": name, "balances": wallet_document(UUID(party))["balances"]}
        for party, name in parties.items()
    ]
    if len(wallets) == 1:
        form.tell_balances(wallets[0]["balances"])
    context = {
        "rate": rate_text(),
        "minimums": [
            {
                "way": rail_text(rail),
                "least": paying.minimum[rail] // SUB_UNITS,
                "assets": paying.assets[rail],
            }
            for rail in Rail.values
            if paying.assets[rail]
        ],
        "unclaimed": unclaimed,
        "form": form,
        "key": uuid4(),
        "problems": problems,
        "wallets": wallets,
        "redemptions": [
            {
                **redemption_document(row),
                "rail_text": rail_text(row.rail),
                "state_text": redemption_state_text(row.state),
                "wallet": parties.get(str(row.party_id), ""),
            }
            for row in rows
        ],
        "several": len(parties) > 1,
    }
    status = 422 if problems else 200
    return render(request, "portal/resident/redeem.html", context, status=status)
