"""What organisations push call by call, and how pushes to a call move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum

from contributions.models import Call, Contribution, Stage, StageRun, State
from contributions.selectors.quality_report import MOVED, descriptions_of, told
from dure.accounts.models import Party
from dure.core.clock import rfc3339

Document = dict[str, Any]  # Any: JSON
COUNTED = ("received", "accepted", "quarantined", "duplicate")
PUSHES_SHOWN = 30


def feed_lines(
    parties: Iterable[UUID] | None = None, *, call_slug: str | None = None
) -> QuerySet[Contribution, Any]:
    """One line per organisation and call: of these parties, of one call, or of everybody."""
    organisations = Party.objects.filter(kind=Party.Kind.ORGANISATION)
    if parties is not None:
        organisations = organisations.filter(id__in=list(parties))
    pushed = Contribution.objects.filter(party_id__in=organisations.values("id"), test=False)
    if call_slug is not None:
        pushed = pushed.filter(call__slug=call_slug)
    return (
        pushed.order_by()
        .values("party_id", "call_id", "call__slug")
        .annotate(
            pushes=Count("id"),
            returned=Count("id", filter=Q(state=State.RETURNED)),
            **{f"sum_{name}": Sum(name) for name in COUNTED},
        )
        .order_by("call__slug", "party_id")
    )


def feed_documents(lines: Iterable[Mapping[str, Any]]) -> list[Document]:
    """The feeds of some lines, each with its latest push and how that one moved."""
    lines = list(lines)
    pairs = {(line["party_id"], line["call_id"]) for line in lines}
    latest = {
        (each.party_id, each.call_id): each
        for each in Contribution.objects.filter(
            party_id__in={party for party, _call in pairs},
            call_id__in={call for _party, call in pairs},
            test=False,
        )
        .order_by("party_id", "call_id", "-submitted_at")
        .distinct("party_id", "call_id")
    }
    described = descriptions_of(each.id for each in latest.values())
    found = []
    for line in lines:
        last = latest[line["party_id"], line["call_id"]]
        description = described.get(last.id, {})
        found.append(
            {
                "party": str(line["party_id"]),
                "call": line["call__slug"],
                "pushes": line["pushes"],
                "last_push": rfc3339(last.submitted_at),
                "last_receipt": last.receipt,
                "last_state": last.state,
                "counts": {name: line[f"sum_{name}"] for name in COUNTED},
                "error_rate": rate(line["sum_quarantined"], line["sum_received"]),
                "returned": line["returned"],
                "fingerprint": description.get("fingerprint", {}),
                "drift": told(description.get("drift")),
            }
        )
    return found


def pushes_of_call(call_slug: str) -> list[Document]:
    """The latest contributions to a call whose checks ran, newest first, with how each moved.

    `psi` is the largest index of a column, None where there was no earlier push to compare with.
    """
    checked = StageRun.objects.filter(contribution=OuterRef("id"), stage=Stage.QUALITY)
    latest = list(
        Contribution.objects.filter(Exists(checked), call=Call.objects.get(slug=call_slug))
        .order_by("-submitted_at", "-id")
        .only("receipt", "party_id", "submitted_at", "state", "quarantined", "received")[
            :PUSHES_SHOWN
        ]
    )
    described = descriptions_of(each.id for each in latest)
    return [_push(held, told(described.get(held.id, {}).get("drift"))) for held in latest]


def _push(held: Contribution, drift: Document | None) -> Document:
    indices = (drift or {}).get("psi", {})
    return {
        "receipt": held.receipt,
        "party": str(held.party_id),
        "submitted_at": rfc3339(held.submitted_at),
        "state": held.state,
        "error_rate": rate(held.quarantined, held.received),
        "psi": max(indices.values(), default=None),
        "moved": sorted(name for name, index in indices.items() if index >= MOVED),
        "changes": (drift or {}).get("changes", []),
    }


def calls_with_pushes() -> list[str]:
    """Slugs of the calls that anybody contributed to, in order.

    Of each call one contribution is looked up by its index; EXISTS would be answered by reading
    them all.
    """
    any_one = Contribution.objects.filter(call=OuterRef("id")).order_by("call_id", "state")
    return list(
        Call.objects.annotate(any_one=Subquery(any_one.values("id")[:1]))
        .filter(any_one__isnull=False)
        .order_by("slug")
        .values_list("slug", flat=True)
    )


def rate(part: int, whole: int) -> str | None:
    """A share as a decimal with four places; None of nothing."""
    return f"{float(Fraction(part, whole)):.4f}" if whole else None
