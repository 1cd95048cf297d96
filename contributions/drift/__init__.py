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

__all__ = [
    "Change",
    "Distribution",
    "Fingerprint",
    "changes",
    "describe_categories",
    "describe_numbers",
    "precision_of",
    "psi",
    "recount_numbers",
]
