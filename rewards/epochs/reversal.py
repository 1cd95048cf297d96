"""The manifest of a reversal: what an epoch paid, to be taken back, the same bytes everywhere.

Pure. A reversal names the epoch it takes back by id and by the hash of its manifest, and repeats
that epoch's outputs: who was paid what, under the same pseudonyms. Its totals say what is taken
back at most, because what somebody has spent already stays paid.
"""

from __future__ import annotations

from typing import Final, NotRequired, TypedDict, cast

from dure.core.canonical import Json, canonical_bytes
from governance.log import merkle
from rewards.epochs.settlement import CallFacts, EpochFacts

FORMAT: Final = "dure-epoch-reversal/1"


class ReversedFacts(TypedDict):
    """The epoch that is taken back."""

    id: str
    number: int
    manifest_sha256: str
    outputs_root: str


class OutputFacts(TypedDict):
    """What one contribution was paid: its pseudonym, and sub-units as a string.

    ``held`` of it waited, where the call holds pay back.
    """

    id: str
    amount: str
    held: NotRequired[str]


class ReversalFacts(TypedDict):
    """Everything that a reversal's manifest follows from."""

    format: str
    epoch: EpochFacts
    call: CallFacts
    reverses: ReversedFacts
    ground: str
    outputs: list[OutputFacts]


def reversal_manifest(facts: ReversalFacts) -> bytes:
    """Canonical JSON of a reversal. Raises ValueError where the outputs are not those it names."""
    if facts["format"] != FORMAT:
        raise ValueError(f"format {facts['format']}")
    outputs = sorted(facts["outputs"], key=lambda item: item["id"])
    if len({item["id"] for item in outputs}) != len(outputs):
        raise ValueError("a contribution appears twice")
    plain = [cast("dict[str, Json]", item) for item in outputs]
    root = merkle.root([merkle.leaf_hash(canonical_bytes(item)) for item in plain]).hex()
    if root != facts["reverses"]["outputs_root"]:
        raise ValueError("these are not the outputs of the epoch that is reversed")
    amounts = [int(item["amount"]) for item in outputs]
    if any(amount < 0 for amount in amounts):
        raise ValueError("an epoch pays nobody less than nothing")
    document: dict[str, Json] = {
        **cast("dict[str, Json]", facts),
        "outputs": [dict(item) for item in plain],
        "outputs_root": root,
        "totals": {"inputs": len(outputs), "returned_at_most": str(sum(amounts))},
    }
    return canonical_bytes(document)
