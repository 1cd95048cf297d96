"""What two wordings of a call say differently, part by part in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from portal.check_words import check_title
from portal.operator.editor.part_words import check_words, column_words, purpose_parts

Document = Mapping[str, Any]  # Any: the call document is JSON
ABSENT = object()


@dataclass(frozen=True)
class Difference:
    """`before` and `after` as texts; empty where there was or is nothing."""

    what: str
    before: str
    after: str
    money: bool = False


def differences(before: Document, after: Document) -> list[Difference]:
    """Every member that differs, in the order of the document."""
    found: list[Difference] = []
    for name in dict.fromkeys([*before, *after]):
        was, now = before.get(name, ABSENT), after.get(name, ABSENT)
        if was == now or {was is ABSENT or was is None, now is ABSENT or now is None} == {True}:
            continue
        found += _member(name, was, now)
    return found


def _member(name: str, was: object, now: object) -> Iterator[Difference]:
    money = name in ("pool", "price_cap", "method", "cost_multipliers", "target_mass")
    parts = _parts(name, was), _parts(name, now)
    if parts[0] is None and parts[1] is None:
        yield Difference(member_text(name), _text(was), _text(now), money)
        return
    old, new = parts[0] or {}, parts[1] or {}
    for key in dict.fromkeys([*old, *new]):
        if old.get(key) != new.get(key):
            what = f"{member_text(name)}: {key}"
            yield Difference(what, *_told(name, old.get(key), new.get(key)), money)


def _told(name: str, was: object, now: object) -> tuple[str, str]:
    """Both in words; as they stand where words would leave out what differs."""
    in_words = {"schema": column_words, "checks": check_words}.get(name)
    if in_words is None:
        return _text(was), _text(now)
    told = [in_words(each) if isinstance(each, Mapping) else _text(each) for each in (was, now)]
    if None not in told and told[0] != told[1]:
        return str(told[0]), str(told[1])
    return _text(was), _text(now)


def _parts(name: str, value: object) -> dict[str, Any] | None:
    """A member whose parts are compared by name: columns, checks, dimensions, purposes, texts."""
    if name == "schema" and isinstance(value, Mapping):
        return {str(each.get("name")): each for each in value.get("fields", [])}
    if name == "checks" and isinstance(value, list):
        named: dict[str, Any] = {}
        for check in value:
            column = check.get("kwargs", {}).get("column", "")
            title = f"{check_title(check['type'])} {column}".strip()
            copies = sum(1 for key in named if key.split(" #")[0] == title)
            named[f"{title} #{copies + 1}" if copies else title] = check
        return named
    if name == "strata" and isinstance(value, list):
        return {str(each.get("dimension")): each for each in value}
    if name == "purposes" and isinstance(value, list):
        return purpose_parts(value)
    if name in ("title", "description", "pool") and isinstance(value, Mapping):
        words = {"ko": _("Korean"), "en": _("English"), "amount": _("Amount"), "asset": _("Asset")}
        return {words.get(str(part), str(part)): text for part, text in value.items()}
    return None


def member_text(name: str) -> str:
    """What a member of the call document is called."""
    return {
        "title": _("Title"),
        "description": _("Description"),
        "schema": _("Column"),
        "checks": _("Check"),
        "duplicates": _("Duplicates"),
        "strata": _("Dimension"),
        "target_mass": _("Target (records)"),
        "method": _("How value is computed"),
        "pool": _("Budget"),
        "price_cap": _("Price cap"),
        "intake_fill": _("Intake limit (multiple of target)"),
        "tolerance": _("Share of rows that may be set aside"),
        "purposes": _("Purpose"),
        "opens_at": pgettext("a call", "Opens"),
        "closes_at": _("Closes"),
        "retention_days": _("Days that data is kept"),
        "licence": _("Licence of releases"),
        "disclosure": _("In releases"),
        "deterrence": _("Checked and held back"),
    }.get(name, name)


def _text(value: object) -> str:
    if value is None or value is ABSENT:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
