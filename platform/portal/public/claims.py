"""Claiming with a code what still waits for somebody whose account is gone; no sign-in needed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.messages.storage.base import BaseStorage
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dure.accounts.rate_limits import ClaimLimit
from dure.core.problems import Problem
from portal.doors import shows_problems
from portal.error_summary import ErrorSummary, Item, summary_of_form
from portal.formatting import amount_text
from portal.resident.banks import ACCOUNT, BANKS
from rewards.wallet.claims import HOLDER_MAX, claim_with_code
from rewards.wallet.selectors import claimed_document

CODE_MAX = 80
ACCOUNT_MAX = 60
PAID = "paid"


class ClaimForm(forms.Form):
    """The code, and the bank account to which it is paid."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=CODE_MAX,
        help_text=gettext_lazy(
            "Five groups of five letters and digits, shown to you when you asked to be erased."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    bank = forms.ChoiceField(label=gettext_lazy("Bank"))
    destination = forms.CharField(
        label=gettext_lazy("Number of the account"),
        max_length=ACCOUNT_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    holder = forms.CharField(
        label=gettext_lazy("Name on the account"),
        max_length=HOLDER_MAX,
        help_text=gettext_lazy("As it stands in the bank book."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:  # Any: Django's
        super().__init__(*arguments, **options)
        field = self.fields["bank"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Choose a bank")), *BANKS]

    def clean_destination(self) -> str:
        number = str(self.cleaned_data["destination"]).strip()
        if not ACCOUNT.fullmatch(number):
            raise forms.ValidationError(_("Write the number in digits."))
        return number


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@shows_problems
def claim(request: HttpRequest) -> HttpResponseBase:
    """The form; a right code and a wrong one cost the same, and only few tries are taken."""
    if request.method != "POST":
        return _page(request, ClaimForm(), paid=_just_paid(request))
    form = ClaimForm(request.POST)
    if not ClaimLimit().allow(request):
        text = _("There were too many tries from here. Try again in an hour.")
        return _page(request, form, ErrorSummary(items=(Item(text),)), status=429)
    if not form.is_valid():
        return _page(request, form, summary_of_form(form))
    said = form.cleaned_data
    try:
        found = claim_with_code(
            code=said["code"],
            holder=said["holder"],
            destination=f"{said['bank']}:{said['destination']}",
        )
    except Problem as problem:
        for error in problem.errors:
            form.add_error(error.field, str(error.message))
        if not problem.errors:
            general = f"{problem.kind.title}. {problem.kind.advice}"
            own = str(problem.detail)
            form.add_error("code", general if own == problem.kind.advice else own)
        return _page(request, form, summary_of_form(form))
    amounts = ", ".join(
        amount_text(each["pays"], each["asset"]) for each in claimed_document(found)["amounts"]
    )
    text = _("%(amounts)s goes to the account with the next batch, which two people approve.")
    messages.success(request, text % {"amounts": amounts}, extra_tags=PAID)
    return redirect("portal:claim")


def _just_paid(request: HttpRequest) -> bool:
    """Whether the page is about to tell of a claim; then no form is there to be sent again."""
    waiting = messages.get_messages(request)
    found = any(one.extra_tags == PAID for one in waiting)
    if isinstance(waiting, BaseStorage):
        waiting.used = False  # they are still to be shown
    return found


def _page(
    request: HttpRequest,
    form: ClaimForm,
    problems: ErrorSummary | None = None,
    status: int = 0,
    *,
    paid: bool = False,
) -> HttpResponse:
    context = {"form": form, "problems": problems, "paid": paid}
    code = status or (422 if problems else 200)
    return render(request, "portal/public/claim.html", context, status=code)
