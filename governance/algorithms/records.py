"""What the register says about an algorithm, as the bytes that the log holds the hash of. Pure."""

from __future__ import annotations

from typing import Final, TypedDict, cast

from dure.core.canonical import Json, canonical_bytes, sha256_hex
from governance.algorithms.code_hash import source_hashes
from governance.registries import AlgorithmEntry

Texts = dict[str, str]

NON_DISCRIMINATION: Final = {
    "ko": "이름, 성별, 나이, 사는 곳은 모집이 계층으로 공개한 경우가 아니면 계산에 들어가지 "
    "않습니다. 감사 때마다 확인된 속성별로 결과를 견주고 그 결과를 서명하여 공개합니다.",
    "en": "Name, sex, age and address play no part unless the call publishes them as strata. "
    "Every audit compares the outcomes of groups by verified attributes and is signed and "
    "published.",
}
RISKS: Final = {
    "ko": "집단에 따라 다르게 대하게 될 수 있습니다. 규칙과 가중치를 공개하여 누구나 다시 계산할 "
    "수 있게 하고, 감사를 되풀이하며, 이의가 있으면 사람이 30일 안에 다시 봅니다.",
    "en": "Groups of people could be treated unequally. Rules and weights are public and can be "
    "recomputed by anybody, audits are repeated, and a human answers objections within thirty "
    "days.",
}


class Change(TypedDict):
    """One member of a record that two versions have otherwise; texts or hashes, empty if absent."""

    member: str
    before: str | Texts
    after: str | Texts


def record_of(entry: AlgorithmEntry) -> dict[str, Json]:
    """Everything that the register says about an algorithm, with the hashes of its sources."""
    return {
        "id": entry.id,
        "version": entry.version,
        "name": dict(entry.name),
        "purpose": dict(entry.purpose),
        "how": dict(entry.how),
        "data": dict(entry.data),
        "human_oversight": dict(entry.human_oversight),
        "non_discrimination": dict(entry.non_discrimination or NON_DISCRIMINATION),
        "risks": dict(entry.risks or RISKS),
        "legal_basis": dict(entry.legal_basis),
        "automated": entry.automated,
        "in_use_since": entry.in_use_since,
        "sources": dict(source_hashes(entry.modules)),
    }


def record_bytes(entry: AlgorithmEntry) -> bytes:
    """The record in canonical form."""
    return canonical_bytes(record_of(entry))


def record_hash(entry: AlgorithmEntry) -> str:
    """SHA-256 of the record."""
    return sha256_hex(record_bytes(entry))


def differences(before: dict[str, Json], after: dict[str, Json]) -> list[Change]:
    """Members in which two records differ; each source file stands for itself."""
    flat_before, flat_after = _flat(before), _flat(after)
    return [
        {"member": name, "before": flat_before.get(name, ""), "after": flat_after.get(name, "")}
        for name in sorted(flat_before.keys() | flat_after.keys())
        if flat_before.get(name) != flat_after.get(name)
    ]


def _flat(record: dict[str, Json]) -> dict[str, str | Texts]:
    flat: dict[str, str | Texts] = {}
    for name, value in record.items():
        if name == "sources" and isinstance(value, dict):
            flat |= {f"sources.{module}": str(digest) for module, digest in value.items()}
        elif isinstance(value, dict):
            flat[name] = cast("Texts", value)
        elif isinstance(value, bool):
            flat[name] = "true" if value else "false"
        else:
            flat[name] = str(value)
    return flat
