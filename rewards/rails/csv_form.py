"""A batch as operators of cards and local currencies read it: CSV, one line for each payment.

UTF-8 with a line of names, CRLF, comma, amounts in whole won. The columns, in this order:

==================  ==========================================================================
``uid``             the reference to give back with the result; unique for ever
``batch``           the batch's name
``number``          the line's number in the batch, from 1
``destination``     card or account of the person
``amount``          whole won to pay
``currency``        KRW
``asset``           what left the wallet, DURE or KRW
``asset_amount``    how much of it, decimal
``execute_on``      the day to pay, ``2026-11-23``
==================  ==========================================================================

A cell that a spreadsheet would run as a formula begins with an apostrophe.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Final

from dure.core.cells import neutralise
from dure.core.money import format_amount
from rewards.rails.lines import Head, Line

FORMAT: Final = "csv-1"
COLUMNS: Final = (
    "uid",
    "batch",
    "number",
    "destination",
    "amount",
    "currency",
    "asset",
    "asset_amount",
    "execute_on",
)


def document(head: Head, lines: Sequence[Line]) -> bytes:
    """The CSV of a batch; the same bytes for the same batch."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in lines:
        cells = (
            line.uid.hex,
            head.message_id,
            str(line.number),
            line.destination,
            format_amount(line.pays),
            "KRW",
            line.asset,
            format_amount(line.amount),
            head.execute_on.isoformat(),
        )
        writer.writerow([neutralise(cell) for cell in cells])
    return out.getvalue().encode()
