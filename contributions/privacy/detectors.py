"""What one cell holds: each detector reads a folded text and yields hits with their place in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from contributions.privacy import documents, persons, traces
from contributions.privacy.hit import Hit

# The gravest first: where two detectors read the same characters, the earlier one is right.
DETECTORS: tuple[Callable[[str, frozenset[str]], Iterator[Hit]], ...] = (
    documents.registrations,
    documents.cards,
    documents.licences,
    documents.passports,
    traces.devices,
    traces.phones,
    traces.businesses,
    documents.accounts,
    traces.emails,
    traces.network,
    persons.births,
    persons.positions,
    persons.addresses,
    traces.plates,
    persons.names,
)


def detect(text: str, kinds: frozenset[str]) -> list[Hit]:
    """Hits in one folded text under a column of these kinds; no overlaps, the gravest first."""
    hits: list[Hit] = []
    for detector in DETECTORS:
        for hit in detector(text, kinds):
            if all(hit.end <= other.start or hit.start >= other.end for other in hits):
                hits.append(hit)
    return hits
