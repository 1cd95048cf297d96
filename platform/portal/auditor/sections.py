"""What lies beside a page: the records that are open to anybody, and the desk of an auditor."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

#: The pages below an entry, by what their names begin with.
_BELOW = {
    "transparency": ("report",),
    "epochs": ("epoch",),
    "findings": ("finding",),
    "algorithms": ("algorithm", "fairness"),
    "log": ("log",),
    "verify": (),
    "audit": ("audit-case", "audit-sample", "audit-replay", "audit-finding"),
    "audit-looks": (),
}


def _entries(labels: list[tuple[str, str]], here: str) -> list[dict[str, Any]]:  # Any: a context
    return [
        {
            "label": label,
            "url": reverse(f"portal:{name}"),
            "here": here == name or here.startswith(_BELOW[name]),
            "exact": here == name,
        }
        for name, label in labels
    ]


def open_records(here: str) -> list[dict[str, Any]]:  # Any: a template's context
    """The menu of all that an outsider can read and check."""
    labels = [
        ("transparency", _("Reports")),
        ("epochs", _("Settlements")),
        ("findings", _("Findings of auditors")),
        ("algorithms", _("Algorithm register")),
        ("log", _("Public log")),
        ("verify", _("Verify a receipt")),
    ]
    return _entries(labels, here)


def desk(here: str) -> list[dict[str, Any]]:  # Any: a template's context
    """The menu of the desk, with the public records that are examined from it."""
    labels = [
        ("audit", _("Cases, samples and findings")),
        ("audit-looks", _("Who looked")),
        ("epochs", _("Settlements")),
        ("algorithms", _("Algorithm register")),
        ("log", _("Public log")),
    ]
    return _entries(labels, here)
