"""The treasury's rules as they are read: in words and units, group by group."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from dure.core.money import Asset
from portal.formatting import date_text, exact, exact_amount_text, number_text
from portal.operator.editor.controls import Document, as_list, as_text
from portal.operator.rule_form import Value, groups, held_at, lines_of
from portal.public.licences import money_text, rate_source_text
from rewards.licences.invoice import line_text
from rewards.licences.sizes import Currency

_FIGURE = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
_LINE = re.compile(r"direct\[([0-9]+)\]\.key", re.ASCII)
#: Said together with the value before them, as ``1 euro = 1,600 won``.
_WITHIN = re.compile(r"rate\.tokens|euro\.euro|direct\[[0-9]+\]\.(fixed|per_record)", re.ASCII)


@dataclass(frozen=True)
class Shown:
    """A value in words, and whether it differs from the one in force."""

    label: str
    text: str
    changed: bool


@dataclass(frozen=True)
class ShownGroup:
    """Values that belong together; the title is empty where there is but one group."""

    title: str
    values: tuple[Shown, ...]


def shown(subject: str, document: Document, in_force: Document) -> list[ShownGroup]:
    """A version in words, group by group, with what differs from the one in force."""
    before = {
        (title, label): text for title, values in _said(subject, in_force) for label, text in values
    }
    return [
        ShownGroup(
            title,
            tuple(Shown(label, text, before.get((title, label)) != text) for label, text in values),
        )
        for title, values in _said(subject, document)
    ]


def _said(subject: str, document: Document) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Labels and texts of what a version says, by the title of their group."""
    for group in groups(subject, document):
        values = [
            (label, text)
            for value in group.values
            if not _WITHIN.fullmatch(value.path)
            for label, text in (_pair(value, document),)
            if text
        ]
        if values:
            yield group.title, values


def _pair(value: Value, document: Document) -> tuple[str, str]:
    """What a value is called and what it says; an empty text where it says nothing."""
    line = _LINE.fullmatch(value.path)
    if line:
        return _direct(document, int(line[1]))
    if value.path == "rate.won":
        rate = {asset: _figure_at(document, f"rate.{name}") for asset, name in _SIDES}
        sides = [exact_amount_text(rate[asset], asset) for asset, _name in _SIDES if rate[asset]]
        return _("Exchange rate"), " = ".join(sides)
    if value.path == "euro.won":
        won, euro = (_figure_at(document, f"euro.{name}") for name in ("won", "euro"))
        if not (won and euro):
            return _("Exchange rate"), ""
        sides = [money_text(int(euro), Currency.EURO), money_text(int(won), Currency.WON)]
        return _("Exchange rate"), " = ".join(sides)
    return value.said or value.label, _text(value, document)


_SIDES = ((Asset.DURE.value, "tokens"), (Asset.KRW.value, "won"))


def _direct(document: Document, place: int) -> tuple[str, str]:
    """A line of direct costs, called as invoices call it: what it costs, and for each record."""
    key = as_text(held_at(document, f"direct[{place}].key"))
    if not key:
        return "", ""
    parts = {
        name: exact_amount_text(
            _figure_at(document, f"direct[{place}].{name}") or "0", Asset.KRW.value
        )
        for name in ("fixed", "per_record")
    }
    name = line_text(f"direct.{key}")
    return name.removeprefix("direct."), _("%(fixed)s and %(per_record)s for each record") % parts


def _figure_at(document: Document, path: str) -> str:
    """The digits at a path; empty where there are none."""
    text = as_text(held_at(document, path))
    return text if _FIGURE.fullmatch(text) else ""


def _text(value: Value, document: Document) -> str:
    held = held_at(document, value.path)
    if value.kind == "many":
        return ", ".join(label for code, label in value.choices if code in as_list(held)) or "–"
    if value.kind == "names":
        return lines_of(held).replace("\n", "; ") or _("One for each district")
    text = as_text(held)
    if value.path == "euro.source":
        return rate_source_text(text)
    if value.path.startswith("minimum."):
        rail = value.path.removeprefix("minimum.")
        taken = [
            code for code in Asset.values if code in as_list(held_at(document, f"assets.{rail}"))
        ]
        if taken and _FIGURE.fullmatch(text):
            return " · ".join(exact_amount_text(text, asset) for asset in taken)
    match value.kind:
        case "day":
            try:
                return date_text(date.fromisoformat(text)) if text else ""
            except ValueError:
                return text
        case "share" | "thousandths" if _FIGURE.fullmatch(text):
            of = 1 if value.kind == "share" else 1000
            return f"{number_text((exact(text) * 100 / of).normalize())}%"
        # An account number is made of digits too, and is no amount.
        case "whole" | "amount" if _FIGURE.fullmatch(text):
            return number_text(text)
    return dict(value.choices).get(text, text)
