"""A statement to keep: as CSV for programs, as PDF for people."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Final

from django.utils import dateparse, formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dure.core.canonical import Json
from dure.core.cells import neutralise
from dure.core.language import city_name, current
from dure.core.money import Asset, with_thousands
from dure.core.pdf import compile_pdf
from rewards.wallet.statement import LineDocument, SectionDocument, StatementDocument, kind_text

COLUMNS: Final = (
    "month",
    "asset",
    "row",
    "at",
    "kind",
    "receipt",
    "reference",
    "amount",
    "balance",
    "transfer",
)
_TEMPLATE: Final = (Path(__file__).parent / "statement.typ").read_text(encoding="utf-8")


def statement_csv(document: StatementDocument) -> bytes:
    """UTF-8 with a mark for spreadsheets; opening, lines and closing of each asset, in order."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    month = document["month"]
    for section in document["sections"]:
        asset = section["asset"]
        rows = [("opening", "", "", "", "", "", section["opening"], "")]
        rows += [
            (
                "line",
                line["at"],
                line["kind"],
                line["receipt"] or "",
                line["reference"],
                line["amount"],
                line["balance"],
                line["transfer"],
            )
            for line in section["lines"]
        ]
        rows.append(("closing", "", "", "", "", "", section["closing"], ""))
        apart = {
            "pending": section["pending"],
            "confirmed": section["confirmed"],
            "held": section["held"],
            "paid": section["paid"],
        }
        rows += [(name, "", "", "", "", amount, "", "") for name, amount in apart.items()]
        for row in rows:
            writer.writerow([neutralise(cell) for cell in (month, asset, *row)])
    return "\ufeff".encode() + out.getvalue().encode()


def statement_pdf(document: StatementDocument) -> bytes:
    """The statement in the reader's language; the same document gives the same bytes."""
    return compile_pdf(_TEMPLATE, _printed(document))


def _printed(document: StatementDocument) -> Json:
    month = date.fromisoformat(f"{document['month']}-01")
    title = _("Statement, %(month)s") % {"month": formats.date_format(month, "YEAR_MONTH_FORMAT")}
    return {
        "city": city_name(),
        "title": title,
        "language": current(),
        "owner": document["owner"],
        "state": ""
        if document["complete"]
        else _("This month is not over; the statement will still change."),
        "empty": _("Nothing moved in this month."),
        "note": _("Every line is an entry of the ledger. Pending amounts are not yours yet."),
        "heads": [_("Date"), _("What for"), _("Amount"), _("Balance")],
        "sections": [_section(section) for section in document["sections"]],
    }


def _section(section: SectionDocument) -> Json:
    unit = _("won") if section["asset"] == Asset.KRW else pgettext("unit", "DURE")
    figures = [
        (_("Balance at the beginning"), section["opening"]),
        (_("Came in"), section["into"]),
        (_("Went out"), section["out"]),
        (_("Balance at the end"), section["closing"]),
        (_("of it confirmed and free"), section["confirmed"]),
        (_("of it held for pay-outs under way"), section["held"]),
        (_("Pending, not in the balance"), section["pending"]),
        (_("Taken out until now, tax included"), section["paid"]),
        (_("Tax withheld this year"), section["withheld_in_year"]),
    ]
    return {
        "unit": unit,
        "figures": [[name, with_thousands(amount)] for name, amount in figures],
        "lines": [
            [
                _day(line["at"]),
                _what(line),
                with_thousands(line["amount"]),
                with_thousands(line["balance"]),
            ]
            for line in section["lines"]
        ],
    }


def _what(line: LineDocument) -> str:
    text = kind_text(line["kind"])
    if line["reverses"]:
        text = f"{text}: {kind_text(line['reverses'])}"
    return f"{text} {line['receipt']}" if line["receipt"] else text


def _day(text: str) -> str:
    moment = dateparse.parse_datetime(text)
    assert moment is not None  # written by rfc3339
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")
