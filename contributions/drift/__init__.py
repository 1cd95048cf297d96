"""What a feed looks like from push to push: its form, its distributions, and how far they moved.

Pure. Nothing here keeps a text that the call does not name itself: a distribution holds counts,
rounded limits of numbers, and the categories that the call lists.
"""

from contributions.drift.distribution import (
    Distribution,
    describe_categories,
    describe_numbers,
    psi,
    recount_numbers,
)
from contributions.drift.fingerprint import Change, Fingerprint, changes, precision_of
from contributions.drift.histogram import Histogram, histogram_of

__all__ = [
    "Change",
    "Distribution",
    "Fingerprint",
    "Histogram",
    "changes",
    "describe_categories",
    "describe_numbers",
    "histogram_of",
    "precision_of",
    "psi",
    "recount_numbers",
]
