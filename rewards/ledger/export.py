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
from itertools import chain
from typing import Any, Final, NamedTuple

from django.db import connection

from dure.core.clock import rfc3339
from dure.core.money import Asset, format_amount
from rewards.ledger.statements import MOVEMENTS, ZONE
from rewards.models import SOURCES, AccountKind

ROWS_AT_ONCE: Final = 10_000
PART_SIZE: Final = 64 * 1024
CSV_COLUMNS: Final = ("transfer", "seq", "effective_at", "kind", "account", "amount", "asset")

# Each account once, with the moment of its first entry in the time.
_ACCOUNTS: Final = f"""
SELECT a.kind, a.scope, a.public_id, f.first
FROM (
    SELECT m.account_id, min(m.effective_at) AS first FROM {MOVEMENTS} m
    WHERE m.effective_at >= %s AND m.effective_at < %s GROUP BY m.account_id
) f JOIN rewards_account a ON a.id = f.account_id ORDER BY f.first, a.id
"""  # noqa: S608  # no input: both parts are constants

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


class ExportedAccount(NamedTuple):
    """An account that moved in a time; ``day`` is the day in the city when it first did."""

    name: str
    day: str


class Exported(NamedTuple):
    """The books of a time, to be read once from their beginning; nothing is asked for before.

    A dividend to a whole city has more legs and opens more wallets than memory should hold, so
    neither is ever kept. ``accounts`` asked for after the first entry names those of every entry.
    """

    accounts: Iterable[ExportedAccount]
    entries: Iterable[ExportedEntry]


def exported(start: datetime, end: datetime) -> Exported:
    """The accounts and the entries of a time."""
    return Exported(accounts(start, end), entries(start, end))


def accounts(start: datetime, end: datetime) -> Iterator[ExportedAccount]:
    """Accounts that moved in a time, each name once, in the order of their first entries.

    Two accounts of one name (an asset each) are one; wallets have names of their own.
    """
    shared: set[str] = set()
    for kind, scope, public_id, first in _rows(_ACCOUNTS, start, end):
        name = account_name(kind, scope, str(public_id))
        if kind != AccountKind.WALLET:
            if name in shared:
                continue
            shared.add(name)
        yield ExportedAccount(name, _day(first))


def entries(start: datetime, end: datetime) -> Iterator[ExportedEntry]:
    """Entries of a time in the order of the books."""
    rows = _rows(_ENTRIES, start, end)
    for id_, seq, moment, kind, account_kind, scope, public_id, amount, asset in rows:
        name = account_name(account_kind, scope, str(public_id))
        yield ExportedEntry(str(id_), seq, moment, kind, name, format_amount(amount), asset)


def _rows(statement: str, start: datetime, end: datetime) -> Iterator[tuple[Any, ...]]:  # Any: SQL
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, [start, end])
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from rows


def account_name(kind: str, scope: str, public_id: str) -> str:
    """``Equity:Issuance``, ``Assets:Pool:Air-daily``, ``Assets:Wallet:<public id>``."""
    top = "Equity" if kind in SOURCES else "Assets"
    # Beancount takes letters, digits and hyphens; a scope may hold more.
    last = public_id if kind == AccountKind.WALLET else re.sub(r"[^\w]+", "-", scope).strip("-")
    return ":".join(part[:1].upper() + part[1:] for part in (top, kind, last) if part)


def csv_parts(books: Exported) -> Iterator[str]:
    """One row for each entry, with a header; times in RFC 3339."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for entry in books.entries:
        writer.writerow((*entry[:2], rfc3339(entry.effective_at), *entry[3:]))
        if text.tell() > PART_SIZE:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def beancount_parts(books: Exported) -> Iterator[str]:
    """Beancount text; every account is opened on the day of its first transfer."""
    yield from _in_parts(
        books,
        opening=lambda account: f"{account.day} open {account.name}\n",
        heading=lambda leg: f'{_day(leg.effective_at)} * "{leg.kind}" ^{leg.transfer}\n',
        posting=lambda leg: f"  {leg.account}  {leg.amount} {leg.asset}\n",
    )


def hledger_parts(books: Exported) -> Iterator[str]:
    """hledger journal text; two spaces part account and amount.

    Accounts and assets are declared before they are used, so that ``check --strict`` passes.
    """
    yield "".join(f"commodity 1000.000000 {asset}\n" for asset in Asset.values)
    yield from _in_parts(
        books,
        opening=lambda account: f"account {account.name}\n",
        heading=lambda leg: f"{_day(leg.effective_at)} * ({leg.transfer}) {leg.kind}\n",
        posting=lambda leg: f"    {leg.account}  {leg.amount} {leg.asset}\n",
    )


#: Formats by name; each makes parts of text out of the books, without keeping them.
FORMATS: Final[dict[str, Callable[[Exported], Iterator[str]]]] = {
    "beancount": beancount_parts,
    "csv": csv_parts,
    "hledger": hledger_parts,
}


def _in_parts(
    books: Exported,
    *,
    opening: Callable[[ExportedAccount], str],
    heading: Callable[[ExportedEntry], str],
    posting: Callable[[ExportedEntry], str],
) -> Iterator[str]:
    """First the accounts, then the transfers leg by leg, in parts of some size."""
    lines: list[str] = []
    size = 0
    for line in _lines(books, opening, heading, posting):
        lines.append(line)
        size += len(line)
        if size > PART_SIZE:
            yield "".join(lines)
            lines, size = [], 0
    yield "".join(lines)


def _lines(
    books: Exported,
    opening: Callable[[ExportedAccount], str],
    heading: Callable[[ExportedEntry], str],
    posting: Callable[[ExportedEntry], str],
) -> Iterator[str]:
    legs = iter(books.entries)
    # What is posted from here on is in the accounts at most: no leg is without its account.
    first = next(legs, None)
    yield from map(opening, books.accounts)
    transfer = ""
    for leg in () if first is None else chain([first], legs):
        if leg.transfer != transfer:
            transfer = leg.transfer
            yield "\n" + heading(leg)
        yield posting(leg)


def _day(moment: datetime) -> str:
    """The day in the city."""
    return moment.astimezone(ZONE).date().isoformat()
