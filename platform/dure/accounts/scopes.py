"""What a key opens: an area of the API to read, or to write as well.

An address belongs to the area of its first part below ``/api/v1/``. An address that no area names
is closed to keys that do not open everything, so that a new one is never open by accident.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

API_ROOT: Final = "/api/v1/"
EVERYTHING: Final = "*"
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
#: What anybody may read needs no scope; to write it is the work of the city's staff.
PUBLISHED: Final = "published"

AREAS: Final[Mapping[str, str]] = {
    "contributions": "contributions",
    "uploads": "contributions",
    "feeds": "contributions",
    "notices": "consents",
    "consents": "consents",
    "guardianships": "consents",
    "wallet": "wallet",
    "redemptions": "wallet",
    "claims": "wallet",
    "licences": "licences",
    "rights-requests": "rights",
    "objections": "rights",
    "accesses": "rights",
    "webhooks": "webhooks",
    "cases": "audit",
    "payouts": "operations",
    "books": "operations",
    "disclosures": "operations",
    "giving-back": "operations",
    "training-questions": "operations",
    "calls": PUBLISHED,
    "references": PUBLISHED,
    "epochs": PUBLISHED,
    "parameters": PUBLISHED,
    "releases": PUBLISHED,
    "catalog.jsonld": PUBLISHED,
    "algorithms": PUBLISHED,
    "findings": PUBLISHED,
    "reports": PUBLISHED,
    "log": PUBLISHED,
    "integrity": PUBLISHED,
    "schema": PUBLISHED,
}
#: Below a release these areas are not public. Files are: who may fetch which, each release says.
_OF_A_RELEASE: Final = {"recipients": "operations", "models": "licences"}

SCOPES: Final[Mapping[str, str | Promise]] = {
    "contributions:read": _("Contributions: see state, findings and rewards"),
    "contributions:write": _("Contributions: send files, correct and withdraw them"),
    "consents:read": _("Consents: see them"),
    "consents:write": _("Consents: give and withdraw them"),
    "wallet:read": _("Wallet: balances and statements"),
    "wallet:write": _("Wallet: ask for pay-outs"),
    "licences:read": _("Licences: quotes, agreements and files of releases"),
    "licences:write": _("Licences: agree to one, and tell of deletions and trained models"),
    "rights:read": _("Rights: see requests, objections and who looked"),
    "rights:write": _("Rights: make requests and objections"),
    "webhooks:read": _("Webhooks: endpoints and deliveries"),
    "webhooks:write": _("Webhooks: add, change and redeliver"),
    "audit:read": _("Audit: see your cases, samples and findings"),
    "audit:write": _("Audit: publish findings"),
    "operations:read": _("Work of the city's staff: see it"),
    "operations:write": _("Work of the city's staff: do it"),
}
#: All that a test key can open: what it sends in is marked, and nothing else changes by it.
TEST_SCOPES: Final = ("contributions:read", "contributions:write", "webhooks:read")
#: What the pages offer to organisations.
FOR_ORGANISATIONS: Final = tuple(
    scope for scope in SCOPES if not scope.startswith(("audit:", "operations:", "rights:"))
)


def needed(method: str, path: str) -> str | None:
    """The scope that a request needs; None where anybody may read.

    ``*`` for an address that no area names.
    """
    parts = path.removeprefix(API_ROOT).strip("/").split("/")
    first, reads = parts[0], method in READING
    area = AREAS.get(first)
    if not path.startswith(API_ROOT) or area is None:
        return EVERYTHING
    if first == "releases" and len(parts) > 2 and parts[2] in _OF_A_RELEASE:
        area = _OF_A_RELEASE[parts[2]]
    if area == PUBLISHED:
        return None if reads else "operations:write"
    # A quote is computed, not kept: asking for one changes nothing.
    reads = reads or parts[:2] == ["licences", "quote"]
    return f"{area}:{'read' if reads else 'write'}"
