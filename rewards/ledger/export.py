"""The ledger in the formats of other people's book-keeping: Beancount, hledger, CSV.

Accounts appear under their public ids, never with names. Through Equity accounts value enters,
Assets accounts keep it; amounts are signed as in the ledger, so every transfer sums to zero.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from io import StringIO
from itertools import groupby
from typing import Final, NamedTuple

from django.db import connection

from dure.core.clock import rfc3339
from dure.core.money import Asset, format_amount
from rewards.ledger.statements import MOVEMENTS, ZONE
from rewards.models import SOURCES, AccountKind

ROWS_AT_ONCE: Final = 10_000
PART_SIZE: Final = 64 * 1024
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
    with connection.chunked_cursor() as cursor:
        cursor.execute(_ENTRIES, [start, end])
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            for id_, seq, moment, kind, account_kind, scope, public_id, amount, asset in rows:
                name = account_name(account_kind, scope, str(public_id))
                yield ExportedEntry(str(id_), seq, moment, kind, name, format_amount(amount), asset)


def account_name(kind: str, scope: str, public_id: str) -> str:
    """``Equity:Issuance``, ``Assets:Pool:Air-daily``, ``Assets:Wallet:<public id>``."""
    top = "Equity" if kind in SOURCES else "Assets"
    # Beancount takes letters, digits and hyphens; a scope may hold more.
    last = public_id if kind == AccountKind.WALLET else re.sub(r"[^\w]+", "-", scope).strip("-")
    return ":".join(part[:1].upper() + part[1:] for part in (top, kind, last) if part)


def csv_parts(exported: Iterable[ExportedEntry]) -> Iterator[str]:
    """One row for each entry, with a header; times in RFC 3339."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for entry in exported:
        writer.writerow((*entry[:2], rfc3339(entry.effective_at), *entry[3:]))
        if text.tell() > PART_SIZE:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def beancount_parts(exported: Iterable[ExportedEntry]) -> Iterator[str]:
    """Beancount text; an account is opened before its first transfer."""
    opened: set[str] = set()
    for day, own in _days(exported):
        for name in sorted({leg.account for leg in own} - opened):
            opened.add(name)
            yield f"{day} open {name}\n"
        yield f'{day} * "{own[0].kind}" ^{own[0].transfer}\n'
        yield from (f"  {leg.account}  {leg.amount} {leg.asset}\n" for leg in own)
        yield "\n"


def hledger_parts(exported: Iterable[ExportedEntry]) -> Iterator[str]:
    """hledger journal text; two spaces part account and amount.

    Accounts and assets are declared before they are used, so that ``check --strict`` passes.
    """
    yield from (f"commodity 1000.000000 {asset}\n" for asset in Asset.values)
    declared: set[str] = set()
    for day, own in _days(exported):
        for name in sorted({leg.account for leg in own} - declared):
            declared.add(name)
            yield f"account {name}\n"
        yield f"{day} * ({own[0].transfer}) {own[0].kind}\n"
        yield from (f"    {leg.account}  {leg.amount} {leg.asset}\n" for leg in own)
        yield "\n"


#: Formats by name; each makes parts of text out of entries, without keeping them.
FORMATS: Final[dict[str, Callable[[Iterable[ExportedEntry]], Iterator[str]]]] = {
    "beancount": beancount_parts,
    "csv": csv_parts,
    "hledger": hledger_parts,
}


def as_csv(exported: Iterable[ExportedEntry]) -> str:
    """All of ``csv_parts`` in one text."""
    return "".join(csv_parts(exported))


def as_beancount(exported: Iterable[ExportedEntry]) -> str:
    """All of ``beancount_parts`` in one text."""
    return "".join(beancount_parts(exported))


def as_hledger(exported: Iterable[ExportedEntry]) -> str:
    """All of ``hledger_parts`` in one text."""
    return "".join(hledger_parts(exported))


def _days(exported: Iterable[ExportedEntry]) -> Iterator[tuple[str, list[ExportedEntry]]]:
    """Transfers, each with its day in the city."""
    for _, legs in groupby(exported, key=lambda row: row.transfer):
        own = list(legs)
        yield own[0].effective_at.astimezone(ZONE).date().isoformat(), own
