"""A licence in the browser: a quote with its lines, the agreement, how to pay, the files."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from rest_framework.response import Response

from contributions.models import Release, ReleaseKind, ReleaseState
from contributions.releases.attestation import attest_deletion
from contributions.releases.problems import RELEASE_UNKNOWN
from contributions.releases.reach import reaches
from contributions.releases.selectors import release_document, release_for
from dure.accounts.acting import Actor
from dure.accounts.selectors import organisations_of, party_names
from dure.core.canonical import canonical_hash
from dure.core.idempotency import run_idempotently
from dure.core.language import current, localized
from dure.core.problems import Problem
from governance.access.services import note_accesses
from governance.consent.disclosure import purposes_with_recipients
from portal.auditor.epochs import call_titles
from portal.doors import signed_in
from portal.error_summary import ErrorSummary, Item, summary_of_form
from portal.formatting import date_text, number_text
from portal.public.data import release_name
from portal.public.trained import TrainedModelForm, models_context, tell
from rewards.licences.invoice import (
    invoice_document,
    invoice_number,
    invoice_pdf,
    issuer,
    line_text,
    not_a_tax_invoice,
)
from rewards.licences.selectors import (
    licence_document,
    licence_for,
    licence_terms,
    licences,
)
from rewards.licences.services import QuoteDocument, agree, need_reach, quoted
from rewards.licences.sizes import (
    OTHERS_MAX,
    SIZE_MAX,
    Asker,
    AskerDocument,
    Currency,
    Told,
    ToldDocument,
    limits_document,
    rate_in_force,
    told,
)
from rewards.models import Licence
from rewards.treasury.rules import EXAMPLE_LICENSING
from rewards.valuation.cost import EuroRate, Purpose

LISTED = 100
#: Rows left empty for firms that are still to be named.
OTHERS_FREE = 2


#: Fields of a form that say nothing of what is agreed to.
UNASKED = frozenset({"csrfmiddlewaretoken", "key"})


class Figure(forms.IntegerField):
    """A number as people write it or paste it: with marks between thousands, or without."""

    widget = forms.TextInput
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": gettext_lazy("Enter a whole number."),
    }

    def to_python(self, value: Any) -> int | None:  # Any: as it was sent
        return super().to_python(re.sub(r"[,\s]", "", value) if isinstance(value, str) else value)


class Other(forms.Form):
    """A firm that belongs together with the one that asks, and by which share."""

    people = Figure(label=gettext_lazy("People employed"), min_value=0, max_value=SIZE_MAX)
    turnover = Figure(label=gettext_lazy("Turnover a year"), min_value=0, max_value=SIZE_MAX)
    balance = Figure(label=gettext_lazy("Balance sheet total"), min_value=0, max_value=SIZE_MAX)
    share = forms.DecimalField(
        label=gettext_lazy("Share in percent"),
        min_value=Decimal(0),
        max_value=Decimal(100),
        max_digits=7,
        decimal_places=4,
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for name, field in self.fields.items():
            field.widget.attrs["inputmode"] = "decimal" if name == "share" else "numeric"

    def told(self) -> Told:
        found = self.cleaned_data
        return told({**found, "share": Fraction(found["share"]) / 100})


Others = forms.formset_factory(
    Other, extra=OTHERS_FREE, max_num=OTHERS_MAX, absolute_max=OTHERS_MAX, validate_max=True
)


def _others(request: HttpRequest, rows: int | None = None) -> forms.BaseFormSet[Other]:
    """The firms named in what was sent; ``rows`` to show that many, some of them still empty."""
    if request.method != "POST":
        return Others(prefix="others")
    sent = request.POST.copy()
    sent.setdefault("others-TOTAL_FORMS", "0")
    sent.setdefault("others-INITIAL_FORMS", "0")
    if rows is not None:
        sent["others-TOTAL_FORMS"] = str(min(rows, OTHERS_MAX))
    return Others(sent, prefix="others")


PURPOSES = [
    (Purpose.COMMERCIAL.value, gettext_lazy("Commercial use")),
    (Purpose.RESEARCH.value, gettext_lazy("Non-profit research")),
]


class Asked(forms.Form):
    """Who wants the data, what for, and how large they are: all that the price depends on."""

    party = forms.ChoiceField(label=gettext_lazy("Who takes the licence?"))
    purpose = forms.ChoiceField(
        label=gettext_lazy("What is the data for?"),
        choices=PURPOSES,
    )
    people = Figure(label=gettext_lazy("People employed"), min_value=0, max_value=SIZE_MAX)
    turnover = Figure(label=gettext_lazy("Turnover a year"), min_value=0, max_value=SIZE_MAX)
    balance = Figure(label=gettext_lazy("Balance sheet total"), min_value=0, max_value=SIZE_MAX)
    currency = forms.ChoiceField(label=gettext_lazy("Amounts are in"))

    field_order = ["party", "purpose", "people", "currency", "turnover", "balance"]

    def __init__(self, parties: list[tuple[str, str]], *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        rate = rate_in_force()
        amounts = self.fields["currency"]
        assert isinstance(amounts, forms.ChoiceField)
        amounts.choices = [(Currency.EURO.value, _("Euro"))]
        if rate is not None:  # what is used here every day comes first
            amounts.choices = [(Currency.WON.value, _("Won")), *amounts.choices]
        amounts.required = False
        self.fields["people"].help_text = limits_text(rate)
        field = self.fields["party"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = parties
        for name in ("people", "turnover", "balance"):
            self.fields[name].widget.attrs["inputmode"] = "numeric"

    def asker(self, others: forms.BaseFormSet[Other]) -> Asker:
        found = self.cleaned_data
        named = tuple(other.told() for other in others if other.has_changed())
        currency = Currency(found["currency"] or Currency.EURO)
        return Asker(Purpose(found["purpose"]), told(found), named, currency)


def money_text(amount: int, currency: Currency) -> str:
    """An amount as firms tell it: ``50,000,000 euro``."""
    words = {"amount": number_text(amount)}
    return (_("%(amount)s won") if currency is Currency.WON else _("%(amount)s euro")) % words


def _large(count: int) -> str:
    """A large round number as it is read: Korean counts by myriads (``800억``, ``5,000만``)."""
    if current() == "ko":
        for unit, name in ((10**8, "억"), (10**4, "만")):
            if count >= unit and not count % unit:
                return f"{number_text(count // unit)}{name}"
    return number_text(count)


def rate_source_text(source: str) -> str:
    """Who published a rate; that of the example is none, said in the reader's language."""
    example = source == EXAMPLE_LICENSING["euro"]["source"]
    return _("an example, not a published rate") if example else source


def limits_text(rate: EuroRate | None) -> str:
    """Who pays the direct costs alone, in both currencies where a rate is published."""
    limits = limits_document(rate)

    def both(amounts: dict[str, int | None]) -> str:
        assert amounts["EUR"] is not None
        euro = _("%(amount)s euro") % {"amount": _large(amounts["EUR"])}
        if amounts["KRW"] is None:
            return euro
        won = _("%(amount)s won") % {"amount": _large(amounts["KRW"])}
        return f"{euro} ({won})"

    text = _(
        "Small and medium-sized firms and non-profit research pay the direct costs alone. Small is"
        " who employs fewer than %(people)s people and stays within %(turnover)s of turnover or"
        " %(balance)s of balance sheet total."
    ) % {
        "people": number_text(str(limits["people_below"])),
        "turnover": both(limits["turnover_most"]),
        "balance": both(limits["balance_most"]),
    }
    if rate is None:
        return text
    dated = _("Rate: %(won)s won for %(euro)s euro on %(day)s (%(source)s).") % {
        "won": number_text(str(rate.won)),
        "euro": number_text(str(rate.euro)),
        "day": date_text(rate.as_of),
        "source": rate_source_text(rate.source),
    }
    return f"{text} {dated}"


def _parties(acting: Actor) -> list[tuple[str, str]]:
    """In whose name the person may agree: the organisations first."""
    person = acting.require_person()
    own = [
        (str(one.party_id), localized(one.name))
        for one in organisations_of(person)
        if acting.acts_for(one.party_id)
    ]
    myself = _("%(name)s (myself)") % {"name": person.name}
    return [*own, (str(person.party_id), myself)]


def _licensable(actor: Actor, release_id: UUID) -> Release:
    release = release_for(actor, str(release_id))
    if release.state != ReleaseState.PUBLISHED:
        raise RELEASE_UNKNOWN.problem()
    return release


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def licensing(request: HttpRequest, release_id: UUID) -> HttpResponseBase:
    """First the price, then the agreement to exactly that price."""
    acting = Actor.of(request)
    release = _licensable(acting, release_id)
    if request.method != "POST":
        return _form_page(request, release, Asked(_parties(acting)), _others(request))
    form, others = Asked(_parties(acting), request.POST), _others(request)
    if not (form.is_valid() and others.is_valid()):
        return _form_page(request, release, form, others, problems=_wrong(form, others))
    asker = form.asker(others)
    party_id = UUID(form.cleaned_data["party"])
    call, _quote, document = quoted(release.call.slug, asker, party_id)
    others = _others(request, len(asker.others) + OTHERS_FREE)
    try:
        need_reach(call, party_id)
    except Problem as refusal:
        said = f"{refusal.kind.title}. {refusal.detail}"
        out = ErrorSummary(items=(Item(said),))
        return _form_page(request, release, form, others, problems=out)
    if request.POST.get("step") != "agree":
        return _form_page(request, release, form, others, document)
    if request.POST.get("total") != document["total"]:
        items = (Item(_("The price has changed meanwhile. Look at it before you agree.")),)
        return _form_page(request, release, form, others, document, ErrorSummary(items=items))
    agreed = _agree(acting, party_id, release.call.slug, asker, request.POST)
    messages.success(request, _("You agreed to the licence. It holds once it is paid."))
    return redirect("portal:licence", agreed)


def _agree(acting: Actor, party_id: UUID, call_slug: str, asker: Asker, sent: QueryDict) -> str:
    """The licence that one shown price leads to, however often its button is pressed."""

    def run() -> Response:
        made = agree(acting=acting, party_id=party_id, call_slug=call_slug, asker=asker)
        return Response({"id": str(made.id)}, status=201)

    key = re.sub(r"[^0-9a-f-]", "", sent.get("key", ""))[:36]
    wanted = {name: sent.getlist(name) for name in sent if name not in UNASKED}
    answer = run_idempotently(
        actor=acting.require_person().id,
        key=f"portal-licence-{key}" if key else None,
        request_hash=canonical_hash({**wanted, "call": call_slug}),
        run=run,
    )
    return str(answer.data["id"])


def _wrong(form: Asked, others: forms.BaseFormSet[Other]) -> ErrorSummary:
    """Every error of the page, in the order of its fields."""
    items = summary_of_form(form).items
    items += tuple(Item(str(message)) for message in others.non_form_errors())
    return ErrorSummary(
        items=sum((summary_of_form(other).items for other in others if other.errors), items)
    )


def _form_page(
    request: HttpRequest,
    release: Release,
    form: Asked,
    others: forms.BaseFormSet[Other],
    quote: QuoteDocument | None = None,
    problems: ErrorSummary | None = None,
) -> HttpResponse:
    document = release_document(release)
    context = {
        "release_id": release.id,
        "name": release_name(document),
        "form": form,
        "others": others,
        "others_open": any(other.has_changed() for other in others),
        "quote": quote,
        "key": uuid4(),
        "lines": _lines(quote) if quote else [],
        "by_name": quote and purposes_with_recipients(release.call.slug),
        "problems": problems,
    }
    status = 422 if problems else 200
    return render(request, "portal/public/licensing.html", context, status=status)


def _lines(quote: QuoteDocument | dict[str, Any]) -> list[dict[str, str]]:  # Any: JSON
    return [{"label": line_text(line["key"]), "amount": line["amount"]} for line in quote["lines"]]


def _told(asker: AskerDocument | None) -> dict[str, Any] | None:  # Any: a template's context
    """What the licensee told of itself, in words; None where it was not kept yet."""
    if asker is None:
        return None
    currency = Currency(asker["currency"])

    def sizes(firm: AskerDocument | ToldDocument) -> dict[str, str]:
        return {
            "people": number_text(firm["people"]),
            "turnover": money_text(firm["turnover"], currency),
            "balance": money_text(firm["balance"], currency),
        }

    return {
        **sizes(asker),
        "purpose": dict(PURPOSES)[asker["purpose"]],
        "others": [{**sizes(other), "share": other["share"]} for other in asker["others"]],
    }


def licence_rows(found: list[Licence]) -> list[dict[str, Any]]:  # Any: a template's context
    """Licences as lists show them."""
    titles = call_titles({licence.call.slug for licence in found})
    holders = party_names(licence.party_id for licence in found)
    return [
        {
            **licence_terms(licence),
            "title": titles.get(licence.call.slug, licence.call.slug),
            "holder": localized(holders[licence.party_id]),
        }
        for licence in found
    ]


@require_safe
@signed_in
def own_licences(request: HttpRequest) -> HttpResponse:
    """Every licence of the person and of the organisations they belong to."""
    acting = Actor.of(request)
    mine = licences(acting).filter(party_id__in=acting.parties).order_by("-agreed_at", "-id")
    context = {"licences": licence_rows(list(mine[:LISTED]))}
    return render(request, "portal/public/licences.html", context)


@never_cache
@require_safe
@signed_in
def licence(request: HttpRequest, licence_id: UUID) -> HttpResponse:
    """One licence: what was agreed, how to pay, and the files once it is paid."""
    acting = Actor.of(request)
    return _licence_page(request, acting, licence_for(acting, licence_id))


@require_POST
@signed_in
def models(request: HttpRequest, licence_id: UUID) -> HttpResponseBase:
    """The licensee says which model it trained on a release."""
    acting = Actor.of(request)
    found = licence_for(acting, licence_id)
    if not acting.acts_for(found.party_id):
        raise RELEASE_UNKNOWN.problem()
    form, problems = tell(request, found)
    if problems is not None:
        return _licence_page(request, acting, found, form, problems)
    messages.success(request, _("Thank you. The model is on record."))
    return redirect("portal:licence", found.id)


def _licence_page(
    request: HttpRequest,
    acting: Actor,
    found: Licence,
    form: TrainedModelForm | None = None,
    problems: ErrorSummary | None = None,
) -> HttpResponse:
    (row,) = licence_rows([found])
    row |= licence_document(found)
    paid = found.paid_at is not None
    releases = _within_reach(found) if paid else []
    context = {
        "licence": row,
        "lines": _lines(found.quote),
        "told": _told(found.quote.get("asker")),
        "paid": paid,
        "reference": invoice_number(found),
        "contact": settings.CONTACT_EMAIL,
        "payee": issuer(),
        "releases": [
            {"id": each.id, "name": release_name(document), "files": document["files"]}
            for each in releases
            for document in (release_document(each),)
        ],
        "problems": problems,
        **models_context(acting, found, form),
        "own": found.party_id in acting.parties,
    }
    status = 422 if problems else 200
    return render(request, "portal/public/licence.html", context, status=status)


@require_POST
@signed_in
def deletion(request: HttpRequest, licence_id: UUID) -> HttpResponse:
    """The licensee says that the recalled rows of a release are deleted."""
    acting = Actor.of(request)
    found = licence_for(acting, licence_id)
    try:
        release = UUID(request.POST.get("release", ""))
    except ValueError:
        raise RELEASE_UNKNOWN.problem() from None
    attest_deletion(acting=acting, release_id=release, party_id=found.party_id)
    messages.success(request, _("Thank you. The deletion is on record."))
    return redirect("portal:licence", found.id)


def _within_reach(found: Licence) -> list[Release]:
    """Published releases of the call that may reach the licensee now, the newest first."""
    published = Release.objects.filter(call=found.call, state=ReleaseState.PUBLISHED)
    return [
        each
        for each in published.select_related("call", "call_version").order_by("-number")[:LISTED]
        if each.kind == ReleaseKind.OPEN or reaches(each, {found.party_id})
    ]


def _invoiced(acting: Actor, licence_id: UUID) -> Licence:
    """A licence whose invoice the reader may see; whoever else's it is reads that it was seen."""
    found = licence_for(acting, licence_id)
    note_accesses(acting=acting, party_ids={found.party_id}, what="licence", why="invoicing")
    return found


@never_cache
@require_safe
@signed_in
def invoice(request: HttpRequest, licence_id: UUID) -> HttpResponse:
    """What a licensee owes or has paid, to print and to keep."""
    acting = Actor.of(request)
    found = _invoiced(acting, licence_id)
    context = {
        "licence_id": found.id,
        "title": call_titles({found.call.slug}).get(found.call.slug, found.call.slug),
        "invoice": invoice_document(found),
        "note": not_a_tax_invoice(),
        "own": found.party_id in acting.parties,
    }
    return render(request, "portal/public/invoice.html", context)


@never_cache
@require_safe
@signed_in
def invoice_file(request: HttpRequest, licence_id: UUID) -> HttpResponse:
    """The same as PDF."""
    found = _invoiced(Actor.of(request), licence_id)
    response = HttpResponse(invoice_pdf(found), content_type="application/pdf")
    name = f"{invoice_number(found)}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
