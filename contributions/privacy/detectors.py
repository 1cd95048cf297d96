"""What one cell holds: each detector reads a folded text and yields hits with their place in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from contributions.privacy import documents, persons, traces
from contributions.privacy.hit import Hit

# The gravest first: where two detectors read the same characters, the earlier one is right. Beside
# each, the fewest digits of anything it finds: most texts have fewer.
DETECTORS: tuple[tuple[Callable[[str, frozenset[str]], Iterator[Hit]], int], ...] = (
    (documents.registrations, 7),
    (documents.cards, 14),
    (documents.licences, 10),
    (documents.passports, 6),
    (traces.devices, 4),
    (traces.phones, 7),
    (traces.businesses, 10),
    (documents.accounts, 6),
    (traces.emails, 0),
    (traces.network, 0),
    (persons.births, 3),
    (persons.positions, 8),
    (persons.addresses, 1),
    (traces.plates, 6),
    (persons.names, 0),
)
DIGITS = re.compile("[0-9]")


def detect(text: str, kinds: frozenset[str]) -> list[Hit]:
    """Hits in one folded text under a column of these kinds; no overlaps, the gravest first."""
    hits: list[Hit] = []
    digits = len(DIGITS.findall(text))
    for detector, fewest in DETECTORS:
        if digits < fewest:
            continue
        for hit in detector(text, kinds):
            if all(hit.end <= other.start or hit.start >= other.end for other in hits):
                hits.append(hit)
    return hits
