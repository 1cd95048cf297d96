"""The ledger in the formats of other people's book-keeping: Beancount, hledger, CSV.

Accounts appear under their public ids, never with names. Through Equity accounts value enters,
Assets accounts keep it; amounts are signed as in the ledger, so every transfer sums to zero.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from io import StringIO
from itertools import groupby
from typing import Final, NamedTuple

from django.db import connection

from dure.core.clock import rfc3339
from dure.core.money import format_amount
from rewards.ledger.statements import MOVEMENTS, ZONE
from rewards.models import SOURCES, AccountKind

ROWS_AT_ONCE: Final = 10_000
CSV_COLUMNS: Final = ("transfer", "seq", "effective_at", "kind", "account", "amount", "asset")

_ENTRIES: Final = f"""
SELECT m.transfer_id, m.seq, m.effective_at, m.kind, a.kind, a.scope, a.public_id, m.amount, m.asset
FROM {MOVEMENTS} m JOIN rewards_account a ON a.id = m.account_id
WHERE m.effective_at >= %s AND m.effective_at < %s ORDER BY m.effective_at, m.transfer_id, m.seq
"""  # noqa: S608  # no input: both parts are constants


class ExportedEntry(NamedTuple):
    """One leg; ``amount`` is a decimal string of whole units."""

    transfer: str
    seq: int
    effective_at: datetime
    kind: str
    account: str
    amount: str
    asset: str


def entries(start: datetime, end: datetime) -> Iterator[ExportedEntry]:
    """Entries of a time in the order of the books."""
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, [start, end])
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            for id_, seq, moment, kind, account_kind, scope, public_id, amount, asset in rows:
                name = account_name(account_kind, scope, str(public_id))
                yield ExportedEntry(str(id_), seq, moment, kind, name, format_amount(amount), asset)


def account_name(kind: str, scope: str, public_id: str) -> str:
    """``Equity:Issuance``, ``Assets:Pool:Air-daily``, ``Assets:Wallet:<public id>``."""
    top = "Equity" if kind in SOURCES else "Assets"
    last = public_id if kind == AccountKind.WALLET else scope
    return ":".join(part[:1].upper() + part[1:] for part in (top, kind, last) if part)


def as_csv(exported: Iterable[ExportedEntry]) -> str:
    """One row for each entry, with a header; times in RFC 3339."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    writer.writerows((*entry[:2], rfc3339(entry.effective_at), *entry[3:]) for entry in exported)
    return text.getvalue()


def as_beancount(exported: Iterable[ExportedEntry]) -> str:
    """Beancount text that opens every account it uses on the first day."""
    rows = list(exported)
    if not rows:
        return ""
    first = _day(rows[0].effective_at)
    names = sorted({row.account for row in rows})
    opened = [f"{first} open {name}" for name in names]
    return "\n".join((*opened, "", *_transfers(rows, '{day} * "{kind}" ^{transfer}', "  ")))


def as_hledger(exported: Iterable[ExportedEntry]) -> str:
    """hledger journal text; two spaces part account and amount."""
    return "\n".join(_transfers(list(exported), "{day} * ({transfer}) {kind}", "    "))


def _transfers(rows: list[ExportedEntry], header: str, indent: str) -> Iterator[str]:
    for transfer, legs in groupby(rows, key=lambda row: row.transfer):
        own = list(legs)
        yield header.format(day=_day(own[0].effective_at), kind=own[0].kind, transfer=transfer)
        yield from (f"{indent}{leg.account}  {leg.amount} {leg.asset}" for leg in own)
        yield ""


def _day(moment: datetime) -> str:
    return moment.astimezone(ZONE).date().isoformat()
