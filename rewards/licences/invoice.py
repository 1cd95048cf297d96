"""The invoice of a licence: what was agreed, as it is to be paid; on the page and as PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypedDict

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from dure.accounts.selectors import party_name
from dure.core.clock import rfc3339
from dure.core.language import city_address, city_name, current, localized
from dure.core.money import Asset, format_amount, with_thousands
from dure.core.pdf import compile_pdf
from rewards.models import Licence

_TEMPLATE: Final = (Path(__file__).parent / "invoice.typ").read_text(encoding="utf-8")


class InvoiceLine(TypedDict):
    label: str
    amount: str


class InvoiceDocument(TypedDict):
    """What a licensee owes or has paid; decimal strings in won, and the lines sum to ``total``.

    ``number`` is what a payment has to name. ``paid_at`` is null until the payment is recorded.
    """

    number: str
    licence: str
    issuer: str
    address: str
    contact: str
    holder: str
    call: str
    records: int
    policy: str
    reduced: bool
    asset: str
    lines: list[InvoiceLine]
    total: str
    issued_at: str
    paid_at: str | None


def invoice_number(licence: Licence) -> str:
    """What a payment names: the year of the agreement and the last digits of the licence's id."""
    year = timezone.localtime(licence.agreed_at).year
    return f"L-{year}-{str(licence.id).replace('-', '')[-8:].upper()}"


def issuer() -> str:
    """Who licenses and is paid: the installation; Dure itself is named in the reader's language."""
    return city_name()


def line_text(key: str) -> str:
    """What a line of a quote pays for."""
    return {
        "direct.preparation": _("Preparing the data"),
        "direct.delivery": _("Delivering the data"),
        "infrastructure": _("Share of the infrastructure"),
        "margin": _("Margin"),
    }.get(key, key)


def invoice_document(licence: Licence) -> InvoiceDocument:
    """The invoice of a licence that somebody may see, in the reader's language."""
    quote = licence.quote
    return {
        "number": invoice_number(licence),
        "licence": str(licence.id),
        "issuer": issuer(),
        "address": city_address(),
        "contact": settings.CONTACT_EMAIL,
        "holder": localized(party_name(licence.party_id)),
        "call": localized(licence.call.published.document["title"])
        if licence.call.published
        else licence.call.slug,
        "records": quote["records"],
        "policy": quote["policy"],
        "reduced": quote["reduced"],
        "asset": Asset.KRW.value,
        "lines": [
            {"label": line_text(line["key"]), "amount": line["amount"]} for line in quote["lines"]
        ],
        "total": format_amount(licence.total),
        "issued_at": rfc3339(licence.agreed_at),
        "paid_at": rfc3339(licence.paid_at) if licence.paid_at else None,
    }


def invoice_pdf(licence: Licence) -> bytes:
    """The invoice in the reader's language; the same licence gives the same bytes."""
    document = invoice_document(licence)
    paid = timezone.localtime(licence.paid_at) if licence.paid_at else None
    facts = [
        (_("Number"), document["number"]),
        (_("Date"), timezone.localtime(licence.agreed_at).strftime("%Y-%m-%d")),
        (_("From"), f"{document['issuer']}, {document['address']}, {document['contact']}"),
        (_("To"), document["holder"]),
        (_("For"), document["call"]),
        (_("Settled records"), f"{document['records']:,}"),
        (_("Published terms"), terms_text(document["policy"])),
    ]
    lines = [[line["label"], with_thousands(line["amount"])] for line in document["lines"]]
    return compile_pdf(
        _TEMPLATE,
        {
            "title": _("Invoice %(number)s") % {"number": document["number"]},
            "language": current(),
            "state": _("Paid on %(day)s.") % {"day": paid.strftime("%Y-%m-%d")}
            if paid
            else _("To be paid; name the number of this invoice in the transfer."),
            "facts": [[name, text] for name, text in facts],
            "heads": [_("Line"), _("Amount, won")],
            "lines": lines,
            "total": [_("Total"), with_thousands(document["total"])],
            "reduced": reduced_text() if document["reduced"] else "",
            "note": not_a_tax_invoice(),
        },
    )


def terms_text(policy: str) -> str:
    """What the published terms of a licence are called: ``licensing-3`` is their third version."""
    if policy == "example":
        return _("terms shown as an example until the city decides its own")
    return _("licensing terms, version %(number)s") % {"number": policy.rpartition("-")[2]}


def reduced_text() -> str:
    """Why there is no line but the direct costs."""
    return _(
        "Reduced to the direct costs, because the licensee is small or does non-profit research."
    )


def not_a_tax_invoice() -> str:
    """What this document is not."""
    return _(
        "This invoice asks for payment. It is not a tax invoice under the Value-Added Tax Act."
    )
