"""How the service stands right now: the integrity checks in words, for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dure.core.canonical import Json
from governance.integrity import IntegrityDocument, integrity_document
from portal.formatting import number_text

#: The checks cost a few statements each; nobody can make the platform run them all the time.
FRESH_S = 15


@dataclass(frozen=True)
class Line:
    """One part of the service: what it is, whether it is well, and a figure for it."""

    name: str
    well: bool
    detail: str


def fresh_integrity() -> IntegrityDocument:
    """The newest outcome that this process knows of."""
    near = caches["near"]
    found: IntegrityDocument | None = near.get("portal.status")
    if found is None:
        found = integrity_document()
        near.set("portal.status", found, FRESH_S)
    return found


def _figure(check: Mapping[str, Json], key: str) -> str:
    value = check.get(key)
    return number_text(value) if isinstance(value, int) and not isinstance(value, bool) else "–"


def _details(name: str, check: Mapping[str, Json]) -> tuple[str, str]:
    """Name of a part and the figure beside it; an unknown part keeps its own name."""
    match name:
        case "log":
            size, verified = _figure(check, "size"), _figure(check, "verified_up_to")
            if not check.get("verified_at"):
                return _("Public log"), _("%(size)s entries signed") % {"size": size}
            return (
                _("Public log"),
                _("%(size)s entries signed, the first %(verified)s verified in whole")
                % {"size": size, "verified": verified},
            )
        case "outbox":
            return (
                _("Messages between the parts"),
                _("Oldest undelivered: %(seconds)s s") % {"seconds": _figure(check, "lag_seconds")},
            )
        case "rights":
            return (
                _("Answers due by law"),
                _("%(open)s open, %(overdue)s overdue")
                % {"open": _figure(check, "open"), "overdue": _figure(check, "overdue")},
            )
        case "findings":
            return (
                _("Findings of auditors"),
                _("%(open)s open, %(overdue)s overdue")
                % {"open": _figure(check, "open"), "overdue": _figure(check, "overdue")},
            )
        case "ledger":
            return _("Ledger"), _("Every transfer sums to zero, recomputed from its entries")
        case "contributions":
            return (
                _("Checking of contributions"),
                _("Every contribution is decided or within its time"),
            )
        case "releases":
            return (
                _("Releases of data"),
                _("%(rows)s rows, %(count)s of somebody who withdrew")
                % {"rows": _figure(check, "rows"), "count": _figure(check, "withdrawn")},
            )
        case "totals":
            return _("Sums of contributions"), _("Every sum is what adding up gives")
        case "giving-back":
            return (
                _("Amounts to give back"),
                _("%(open)s open, %(overdue)s overdue")
                % {"open": _figure(check, "open"), "overdue": _figure(check, "overdue")},
            )
        case "photos":
            return _("Photos"), _("Every photo is stored with its contribution")
        case _:
            return name, ""


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Every registered check with its outcome; whatever is registered later shows by itself."""
    document = fresh_integrity()
    lines = []
    for name, check in document["checks"].items():
        label, detail = _details(name, check)
        well = check.get("ok") is True
        lines.append(Line(label, well, detail if well else _("Needs attention; it is known")))
    context = {"lines": lines, "ok": document["ok"], "at": document["checked_at"]}
    return render(request, "portal/public/status.html", context)
