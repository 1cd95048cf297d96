"""A report's values in the words of a reader: numbers with their units, codes with their names.

Pure but for the two languages. What stands in the signed document is not changed; print and pages
show the text and keep the value beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from governance.reports.documents import (
    AMOUNT,
    DIGEST,
    MASS,
    MOMENT,
    PERSONS,
    SHARE,
    Column,
    Figure,
    Table,
)

CITY: Final = ZoneInfo("Asia/Seoul")
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_HIDDEN = {"ko": "비공개", "en": "withheld"}
_UNITS = {"KRW": {"ko": "원", "en": " won"}, "DURE": {"ko": " 두레", "en": " DURE"}}
Row = Mapping[str, object]


def hidden(language: str) -> str:
    """What stands where a number is withheld."""
    return _HIDDEN[language]


def number(value: str | int) -> str:
    """``1234567.50`` as ``1,234,567.5``."""
    sign, _, digits = ("-" if str(value).startswith("-") else "", "", str(value).lstrip("-"))
    whole, _dot, part = digits.partition(".")
    part = part.rstrip("0")
    return f"{'−' if sign else ''}{int(whole):,}" + (f".{part}" if part else "")


def percent(value: str) -> str:
    """``0.413205`` as ``41.3 %``, rounded half to even as Decimal does."""
    return f"{(Decimal(value) * 100).quantize(Decimal('0.1'))} %"


def moment(value: str) -> str:
    """A time of RFC 3339 in the city's clock, to the minute."""
    return datetime.fromisoformat(value).astimezone(CITY).strftime("%Y-%m-%d %H:%M")


def amount(value: str, asset: str, language: str) -> str:
    """An amount with its asset."""
    return number(value) + _UNITS.get(asset, {}).get(language, f" {asset}")


def figure_text(figure: Figure, language: str) -> str:
    """A figure as it is read."""
    value, unit = figure["value"], figure["unit"]
    if value is None:
        return hidden(language)
    if not _NUMBER.fullmatch(str(value)):
        return str(value)
    if unit in _UNITS:
        return amount(str(value), unit, language)
    if unit == SHARE:
        return percent(str(value))
    if unit == PERSONS and language == "ko":
        return f"{number(value)}명"
    return number(value)


def cell_text(table: Table, column: Column, row: Row, language: str) -> str:
    """A cell as it is read."""
    key, unit = column["key"], column.get("unit", "")
    value = row.get(key)
    if value is None:
        return hidden(language)
    if isinstance(value, Mapping):
        return str(value.get(language) or value.get("en") or "")
    named = table.get("words", {}).get(key, {}).get(str(value))
    if named is not None:
        return named.get(language) or str(value)
    text = str(value)
    if unit == MOMENT:
        return moment(text) if text else ""
    if not _NUMBER.fullmatch(text) or unit == DIGEST:
        return text
    if unit == SHARE:
        return percent(text)
    if unit == MASS:
        return number(str(Decimal(text) / 1000))
    if unit == AMOUNT and row.get("asset"):
        return amount(text, str(row["asset"]), language)
    if unit in _UNITS:
        return amount(text, unit, language)
    return number(text)


def is_number(table: Table, column: Column) -> bool:
    """Whether a column holds numbers, so that they stand flush right."""
    if column.get("unit") in (DIGEST, MOMENT) or column["key"] in table.get("words", {}):
        return False
    # An empty text stands where there was nothing to count yet.
    values = [value for row in table["rows"] if (value := row.get(column["key"])) != ""]
    return any(value is not None for value in values) and all(
        value is None or (isinstance(value, str | int) and _NUMBER.fullmatch(str(value)))
        for value in values
    )


def shown_columns(table: Table) -> list[Column]:
    """The columns that a reader needs: a name once, and no unit that stands with every amount."""
    keys = {column["key"] for column in table["columns"]}
    dropped = {"epoch"} if "manifest" in keys else set()
    if "call" in table.get("words", {}):
        dropped.add("title")
    if any(column.get("unit") == AMOUNT for column in table["columns"]):
        dropped.add("asset")
    return [column for column in table["columns"] if column["key"] not in dropped]
