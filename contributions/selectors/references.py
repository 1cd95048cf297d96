"""Reading reference populations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from contributions import problems
from contributions.models import Call, ReferencePopulation
from contributions.strata_labels import Label, label
from dure.core.clock import rfc3339


def references() -> QuerySet[ReferencePopulation]:
    """All of them, by key."""
    return ReferencePopulation.objects.order_by("key")


def named_references(document: Mapping[str, Any]) -> QuerySet[ReferencePopulation]:  # Any: JSON
    """Those that the strata of a call document name, also of a document that is not sound."""
    strata = document.get("strata") or []
    keys = {
        part["reference"]
        for part in (strata if isinstance(strata, list) else [])
        if isinstance(part, dict) and isinstance(part.get("reference"), str)
    }
    return ReferencePopulation.objects.filter(key__in=keys)


def reference_for(key: str) -> ReferencePopulation:
    """One of them; raises REFERENCE_UNKNOWN."""
    reference = ReferencePopulation.objects.filter(key=key).first()
    if reference is None:
        raise problems.REFERENCE_UNKNOWN.problem()
    return reference


def calls_using(reference: ReferencePopulation) -> list[tuple[str, Label]]:
    """Slug and title of each published call that compares itself with a reference."""
    found = Call.objects.filter(published__references=reference).select_related("published")
    return [
        (call.slug, call.published.document["title"])
        for call in found.order_by("slug")
        if call.published is not None
    ]


def reference_document(reference: ReferencePopulation) -> dict[str, Any]:  # Any: JSON
    """The reference as registered, with the labels of its strata and the hash of its document."""
    document: dict[str, Any] = {
        "key": reference.key,
        "title": reference.title,
        "source": reference.source,
        "as_of": reference.as_of,
        "dimensions": reference.dimensions,
        "labels": {
            dimension: {key: dict(label(dimension, key, reference.labels)) for key in strata}
            for dimension, strata in reference.dimensions.items()
        },
        "sha256": reference.sha256,
        "registered_at": rfc3339(reference.registered_at),
    }
    if reference.cells is not None:
        document["cells"] = reference.cells
    return document
