"""The form of a push: how its file was written. A change is worth a note, never a refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

PRECISION_MAX = 15


@dataclass(frozen=True)
class Fingerprint:
    """`form`: format, encoding, delimiter …; `types` and `precision` (decimals) per column."""

    form: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    precision: dict[str, int] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:  # Any: JSON
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Fingerprint:  # Any: JSON, as `document` wrote it
        """Read back what was stored; a part that is missing is empty."""
        return cls(
            {str(key): str(value) for key, value in document.get("form", {}).items()},
            {str(key): str(value) for key, value in document.get("types", {}).items()},
            {str(key): int(value) for key, value in document.get("precision", {}).items()},
        )


@dataclass(frozen=True)
class Change:
    """`what` is a part of the form, "type", "precision", "added" or "removed"."""

    what: str
    column: str
    before: str
    now: str

    def document(self) -> dict[str, str]:
        return asdict(self)


def changes(before: Fingerprint, now: Fingerprint) -> list[Change]:
    """What is different, in a fixed order; empty for equal fingerprints."""
    found = [
        Change(part, "", before.form[part], now.form[part])
        for part in sorted(set(before.form) & set(now.form))
        if before.form[part] != now.form[part]
    ]
    for name in sorted(set(before.types) | set(now.types)):
        earlier, later = before.types.get(name), now.types.get(name)
        if earlier is None:
            found.append(Change("added", name, "", str(later)))
        elif later is None:
            found.append(Change("removed", name, earlier, ""))
        elif earlier != later:
            found.append(Change("type", name, earlier, later))
    for name in sorted(set(before.precision) & set(now.precision)):
        if before.precision[name] != now.precision[name]:
            found.append(
                Change("precision", name, str(before.precision[name]), str(now.precision[name]))
            )
    return found


def precision_of(texts: Sequence[str | None]) -> int:
    """Most decimals that the numbers of a column are written with; 0 of none."""
    most = 0
    for text in texts:
        digits = (text or "").strip().partition(".")[2]
        most = max(most, len(digits) if digits.isascii() and digits.isdigit() else 0)
    return min(most, PRECISION_MAX)
