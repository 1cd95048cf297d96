"""The treasury's rules as a form: which values each has, how they are asked for and read back.

A rule's document is JSON (rewards.treasury.rules). A path such as ``minimum.bank`` or
``direct[0].fixed`` names a value in it, and its control is called ``payout-minimum-bank``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dure.core.money import Asset
from portal.formatting import unit_text
from portal.operator.editor.controls import Choices, Document, Input, as_list, as_text
from portal.resident.redemptions import rail_text
from rewards.models import PolicySubject
from rewards.treasury.rules import PARTS, RAILS

LINES_SPARE: Final = 1
#: How values are asked for whose kind is no control; a day as what is typed, wrong or not.
CONTROLS: Final = dict.fromkeys(("whole", "thousandths", "amount", "share"), "number") | {
    "day": "text"
}
_STEP = re.compile(r"[^.\[\]]+")


@dataclass(frozen=True)
class Value:
    """One value of a rule, asked for under its ``label`` and read under ``said``, where given.

    ``kind`` is text, day, whole, thousandths, amount, share, select, many or names (of keys).
    """

    path: str
    label: str
    kind: str = "amount"
    hint: str = ""
    choices: Choices = ()
    lang: str = ""
    said: str = ""


@dataclass(frozen=True)
class Group:
    title: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Asked:
    """The controls of a group."""

    title: str
    inputs: tuple[Input, ...]


def control(subject: str, path: str) -> str:
    """The id and name of the control of a value."""
    return "-".join((subject, *_STEP.findall(path)))


def groups(subject: str, document: Document) -> tuple[Group, ...]:
    """The values of a rule in the order of its form."""
    match PolicySubject(subject):
        case PolicySubject.PAYOUT:
            return _payout()
        case PolicySubject.WITHHOLDING:
            return _withholding()
        case PolicySubject.UNCLAIMED:
            return _unclaimed()
        case PolicySubject.LICENSING:
            return _licensing(document)


def asked(subject: str, document: Document, errors: Mapping[str, str]) -> tuple[Asked, ...]:
    """The form of a rule, filled in; ``errors`` are by path."""
    return tuple(
        Asked(group.title, tuple(_inputs(subject, group.values, document, errors)))
        for group in groups(subject, document)
    )


def path_of(subject: str, document: Document, field: str) -> str:
    """The value that a refusal is shown at: the one it names, or the first below it."""
    paths = [value.path for group in groups(subject, document) for value in group.values]
    return next((path for path in paths if path.startswith(field)), field)


def document_of(subject: str, sent: Mapping[str, str]) -> dict[str, Any]:  # Any: JSON
    """The document that a form says; what cannot be read stays text, which the rule refuses."""
    document: dict[str, Any] = {}
    places = [int(name.split("-")[2]) for name in sent if _is_line(subject, name)]
    blank: Document = {"direct": [{}] * (max(places, default=-1) + 1)}
    for group in groups(subject, blank):
        for value in group.values:
            _put(document, value.path, _read(subject, value, sent))
    if "direct" in document:
        document["direct"] = [line for line in document["direct"] if any(line.values())]
    if not any(document.get("euro", {}).values()):  # no rate is published
        document.pop("euro", None)
    if not document.get("funds"):  # one for each district
        document.pop("funds", None)
    return document


def _is_line(subject: str, name: str) -> bool:
    return bool(re.fullmatch(rf"{subject}-direct-[0-9]{{1,2}}-key", name, re.ASCII))


def _read(subject: str, value: Value, sent: Mapping[str, str]) -> Any:  # Any: JSON
    name = control(subject, value.path)
    if value.kind == "many":
        return [code for code, _label in value.choices if sent.get(f"{name}-{code}")]
    text = sent.get(name, "").strip()
    if value.kind == "names":
        return _names_of(text)
    if value.kind in ("whole", "thousandths"):
        digits = text.replace(",", "")
        return int(digits) if re.fullmatch(r"[0-9]{1,9}", digits, re.ASCII) else text
    return text.replace(",", "") if value.kind in ("amount", "share") else text


def _names_of(text: str) -> dict[str, dict[str, str]]:
    """Names by key, out of lines such as ``dobong = 도봉 기금 = Dobong fund``."""
    found = {}
    for line in text.splitlines():
        key, ko, en = (part.strip() for part in ([*line.split("=", 2), "", ""])[:3])
        if key or ko or en:
            found[key] = {"ko": ko, "en": en}
    return found


def lines_of(held: Any) -> str:  # Any: JSON
    """Names by key as the form has them."""
    names = held if isinstance(held, Mapping) else {}
    return "\n".join(f"{key} = {name['ko']} = {name['en']}" for key, name in names.items())


def _put(document: dict[str, Any], path: str, value: Any) -> None:  # Any: JSON
    """Set a value at its path, making what lies between."""
    steps = _STEP.findall(path)
    here: Any = document
    for step, after in pairwise(steps):
        if isinstance(here, list):
            while len(here) <= int(step):
                here.append({})
            here = here[int(step)]
        else:
            here = here.setdefault(step, [] if after.isdigit() else {})
    here[steps[-1]] = value


def held_at(document: Document, path: str) -> Any:  # Any: JSON
    """What a document says at a path; None where it says nothing."""
    here: Any = document
    for step in _STEP.findall(path):
        if isinstance(here, list):
            here = here[int(step)] if int(step) < len(here) else None
        else:
            here = here.get(step) if isinstance(here, Mapping) else None
    return here


def _inputs(
    subject: str, values: Iterable[Value], document: Document, errors: Mapping[str, str]
) -> Iterator[Input]:
    for value in values:
        name, error = control(subject, value.path), errors.get(value.path, "")
        held = held_at(document, value.path)
        if value.kind == "names":
            yield Input(name, value.label, "area", lines_of(held), value.hint, error=error)
            continue
        if value.kind != "many":
            kind = CONTROLS.get(value.kind, value.kind)
            yield Input(
                name, value.label, kind, as_text(held), value.hint, value.choices,
                error=error, lang=value.lang,
            )  # fmt: skip
            continue
        for code, label in value.choices:
            yield Input(
                f"{name}-{code}", f"{value.label}: {label}", "tick", "1",
                ticked=code in as_list(held), error=error,
            )  # fmt: skip
            error = ""  # said once, at the first


def _payout() -> tuple[Group, ...]:
    units = tuple((asset, unit_text(asset)) for asset in Asset.values)
    least = tuple(Value(f"minimum.{rail}", _least(rail), said=rail_text(rail)) for rail in RAILS)
    takes = tuple(Value(f"assets.{rail}", rail_text(rail), "many", choices=units) for rail in RAILS)
    return (
        Group(_("Smallest amounts"), least),
        Group(_("What each way takes"), takes),
        Group(
            _("Who pays"),
            (
                Value("debtor.name", _("Name of the payer"), "text"),
                Value("debtor.account", _("Account number of the payer"), "text"),
                Value("debtor.bic", _("BIC of the payer's bank"), "text"),
            ),
        ),
        Group(
            _("Rate and time"),
            (
                Value("rate.won", _("Rate: won"), "whole"),
                Value("rate.tokens", _("Rate: for so many tokens"), "whole"),
                Value("overdue_days", _("Days without an answer until it is overdue"), "whole"),
            ),
        ),
        Group(
            _("Neighbourhood funds"),
            (
                Value(
                    "funds",
                    _("Funds that a gift can go to"),
                    "names",
                    _("One per line: key = Korean name = English name. Empty: each district."),
                ),
            ),
        ),
    )


def _least(rail: str) -> str:
    return _("Smallest amount: %(way)s") % {"way": rail_text(rail)}


def _withholding() -> tuple[Group, ...]:
    units = tuple((asset, unit_text(asset)) for asset in Asset.values)
    ways = tuple((rail, rail_text(rail)) for rail in RAILS)
    thousandths = _("Of each thousand: 220 is 22 %.")
    return (
        Group(
            _("The tax"),
            (
                Value("name.ko", _("Name in Korean"), "text", lang="ko"),
                Value("name.en", _("Name in English"), "text", lang="en"),
                Value("source", _("Law it rests on"), "text"),
                Value(
                    "rate",
                    _("Rate, in thousandths"),
                    "thousandths",
                    thousandths,
                    said=pgettext("tax", "Rate"),
                ),
                Value(
                    "taxable",
                    _("Part that is income, in thousandths"),
                    "thousandths",
                    said=_("Part that is income"),
                ),
                Value("threshold", _("Not on income up to, for each payment")),
                Value("step", _("Rounded down to")),
            ),
        ),
        Group(
            _("On what"),
            (
                Value("assets", _("Unit"), "many", choices=units),
                Value("rails", _("Way"), "many", choices=ways),
            ),
        ),
    )


def _unclaimed() -> tuple[Group, ...]:
    leaving = (
        ("escrow", _("Set aside for 30 days, then to the neighbourhood funds")),
        ("keep", _("Set aside until the time is over")),
        ("fund", _("To the neighbourhood funds at once")),
    )
    return (
        Group(
            "",
            (
                Value("dormant_days", _("Days without use until it is set aside"), "whole"),
                Value("years", _("Years in which it can be claimed"), "whole"),
                Value("warning_days", _("Days before the end that the owner is warned"), "whole"),
                Value("leaving", _("What somebody who left has not taken out"), "select",
                      choices=leaving),
            ),
        ),
    )  # fmt: skip


def _licensing(document: Document) -> tuple[Group, ...]:
    count = len(as_list(document.get("direct"))) + LINES_SPARE
    lines = tuple(
        value
        for place in range(count)
        for value in (
            Value(f"direct[{place}].key", _("Line %(number)d: name") % {"number": place + 1},
                  "text", _("Small letters, digits and hyphens; empty: no line.")),
            Value(f"direct[{place}].fixed", _("Line %(number)d: won") % {"number": place + 1}),
            Value(f"direct[{place}].per_record",
                  _("Line %(number)d: won for each record") % {"number": place + 1}),
        )
    )  # fmt: skip
    share = _("From 0 to 1.")
    parts = {
        "contributors": _("Contributors"),
        "funds": _("Neighbourhood funds"),
        "operation": _("Operation"),
    }
    return (
        Group(_("Direct costs"), lines),
        Group(
            _("Shared costs"),
            (
                Value("infrastructure.cost", _("Infrastructure, won a year")),
                Value("infrastructure.share", _("Part of it that a licence bears"), "share", share),
                Value("investment.cost", _("Investment, won")),
                Value("investment.recovered", _("Of it recovered already, won")),
                Value("investment.user_share", _("Part of it that users bear"), "share", share),
                Value("margin", _("Margin"), "share", share),
            ),
        ),
        Group(
            _("Euro in won, for firms that tell their size in won"),
            (
                Value("euro.won", _("Rate: won"), "whole", _("All four empty: no rate.")),
                Value("euro.euro", _("Rate: for so many euro"), "whole"),
                Value("euro.as_of", _("Published for the day"), "day", _("Such as 2026-11-02.")),
                Value("euro.source", _("Published by"), "text"),
            ),
        ),
        Group(
            _("Where the revenue goes"),
            tuple(Value(f"split.{part}", parts[part], "share", share) for part in PARTS),
        ),
    )
