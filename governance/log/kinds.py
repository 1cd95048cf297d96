"""The closed list of what the log records, each kind with the payload it promises."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dure.core.canonical import Json, canonical_hash

# Identifiers, hashes and decimal amounts fit; an e-mail address, a phone number written with
# spaces or a sentence about somebody does not.
_SAFE_TEXT = re.compile(r"[A-Za-z0-9가-힣_.,:/+=-]{0,256}", re.ASCII)
_PERSONAL_TEXT = re.compile(r"01\d[-.]?\d{3,4}[-.]?\d{4}|\d{6}-\d{7}", re.ASCII)
_SAFE_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_DEPTH_MAX = 4


class UnknownKind(ValueError):
    """The kind is not on the closed list."""


class UnfitPayload(ValueError):
    """The payload lacks what its kind promises, or holds what a public log must not."""


@dataclass(frozen=True)
class Kind:
    """A kind of log entry; ``required`` names the payload members that are always there."""

    name: str
    required: tuple[str, ...] = ()
    version: int = 1

    @property
    def document(self) -> dict[str, Json]:
        """What the schema hash in a leaf is the hash of."""
        return {
            "kind": self.name,
            "payload": {"required": sorted(self.required)},
            "version": self.version,
        }


_KINDS = (
    Kind("consent.given", ("notice", "scope", "purpose")),
    Kind("consent.refused", ("notice", "scope", "purpose")),
    Kind("consent.renewed", ("notice", "scope", "purpose")),
    Kind("consent.withdrawn", ("notice", "scope", "purpose")),
    Kind("consent.expired", ("notice", "scope", "purpose", "ground")),
    Kind("consent.invalidated", ("notice", "scope", "purpose", "ground")),
    Kind("consent.revoked", ("notice", "scope", "purpose", "ground")),
    Kind("consent.measure_proposed", ("measure", "notice", "outcome", "ground")),
    Kind("consent.measure_approved", ("measure", "notice", "outcome", "touched")),
    Kind("guardianship.confirmed"),
    Kind("notice.published", ("notice", "scope", "purpose", "version")),
    Kind("contribution.received"),
    Kind("contribution.accepted"),
    Kind("contribution.returned"),
    Kind("contribution.corrected"),
    Kind("contribution.photo_added", ("receipt", "content")),
    Kind("contribution.recounted"),
    Kind("contribution.rejected"),
    Kind("contribution.failed"),
    Kind("contribution.withdrawn"),
    Kind("quality.run"),
    Kind("call.drafted"),
    Kind("call.revised"),
    Kind("call.publication_proposed"),
    Kind("call.published"),
    Kind("reference.registered"),
    Kind("epoch.opened"),
    Kind("epoch.closed"),
    Kind("epoch.approved"),
    Kind("epoch.rejected", ("epoch", "manifest", "ground")),
    Kind("epoch.reversal_proposed", ("epoch", "manifest", "reverses", "ground")),
    Kind("epoch.reversed", ("epoch", "manifest", "reverses", "returned")),
    Kind("reward.issued"),
    Kind("transfer.reversed"),
    Kind(
        "claims.drawn",
        ("drawing", "epoch", "population_root", "size", "checkpoint_root", "drawn_sha256"),
    ),
    Kind("claim.passed", ("check", "drawing", "position")),
    Kind("claim.finding_proposed", ("check", "drawing", "position", "ground")),
    Kind("claim.finding_decided", ("check", "drawing", "position", "ground", "outcome")),
    Kind("claim.part_granted", ("check", "drawing", "position", "objection")),
    Kind("claim.finding_overruled", ("check", "drawing", "position", "objection", "transfer")),
    Kind("dividend.frozen", ("dividend", "licence", "people", "root")),
    Kind("dividend.posted", ("batch", "people", "root", "total")),
    Kind("parameter.proposed", ("call", "version", "parameters", "effect_sha256")),
    Kind("parameter.approved", ("change", "call", "version", "effect_sha256")),
    Kind("parameter.activated", ("change", "call", "version", "effect_sha256")),
    Kind("period.closed", ("month", "trial_balance_sha256")),
    Kind("books.exported", ("month", "format")),
    Kind("training.questions_stored", ("questions_sha256", "rows")),
    Kind("treasury.rule_proposed", ("rule", "version", "sha256")),
    Kind("treasury.rule_approved", ("rule", "version", "sha256")),
    Kind("payout.batched", ("batch", "rail", "file_sha256")),
    Kind("payout.approved", ("batch", "file_sha256")),
    Kind("payout.sent", ("batch", "file_sha256")),
    Kind("payout.discarded", ("batch",)),
    Kind("payout.settled", ("rail", "count")),
    Kind("payout.failed", ("rail", "count")),
    Kind("payout.returned", ("rail", "count")),
    Kind("payout.answer_proposed", ("rail", "answer_sha256")),
    Kind("payout.answer_agreed", ("rail", "answer_sha256")),
    Kind("payout.answer_discarded", ("rail", "answer_sha256")),
    Kind("payment.noted", ("licence", "amount")),
    Kind("revenue.recorded", ("licence", "asset", "amount")),
    Kind("leaving.chosen", ("wish",)),
    Kind("leaving.code_issued"),
    Kind("unclaimed.set_aside", ("count",)),
    Kind("unclaimed.expired", ("count",)),
    Kind("unclaimed.claimed", ("count",)),
    Kind("release.built", ("release", "call", "number", "package_sha256")),
    Kind("release.superseded", ("release", "call")),
    Kind("release.patch_held_back", ("release", "call", "rule")),
    Kind("release.deletion_attested", ("release",)),
    Kind("release.model_told", ("release", "model")),
    Kind("release.model_withdrawn", ("release", "model")),
    Kind("report.published", ("period", "edition", "sha256")),
    Kind("key.rotated"),
    Kind("algorithm.registered", ("algorithm", "version", "code_sha256")),
    Kind("role.granted"),
    Kind("role.ended", ("role",)),
    Kind("api_key.issued"),
    Kind("rights.received", ("right", "days")),
    Kind("rights.answered", ("request", "right", "outcome")),
    Kind("rights.restricted", ("ground",)),
    Kind("rights.restriction_lifted", ("ground",)),
    Kind("objection.received", ("subject_kind", "days")),
    Kind("objection.answered", ("request", "outcome")),
    Kind("disclosure.asked", ("disclosure", "scope")),
    Kind("disclosure.approved", ("disclosure", "scope")),
    Kind("disclosure.opened", ("disclosure", "scope", "rows")),
    Kind("erasure.executed", ("basis",)),
    Kind("act.proposed", ("proposal", "act")),
    Kind("act.approved", ("proposal", "act")),
    Kind("act.dropped", ("proposal", "act")),
    Kind("log.head_acknowledged", ("reason", "anchored_size", "stored_size")),
    Kind("audit.run", ("audit", "findings_sha256", "outcome")),
    Kind("case.opened", ("case", "about_kind", "about", "until")),
    Kind("case.closed", ("case",)),
    Kind(
        "sample.committed",
        (
            "sample",
            "case",
            "population",
            "population_root",
            "population_size",
            "size",
            "seed_sha256",
            "seed_typed",
        ),
    ),
    Kind("sample.drawn", ("sample", "seed", "checkpoint_size", "checkpoint_root", "drawn_sha256")),
    Kind("replay.recorded", ("case", "epoch", "manifest_sha256", "outcome")),
    Kind(
        "finding.published",
        ("finding", "about_kind", "about", "kind", "severity", "finding_sha256"),
    ),
    Kind("finding.answered", ("finding", "outcome", "answer_sha256")),
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _KINDS}
SCHEMA_HASHES: Mapping[str, str] = {kind.name: canonical_hash(kind.document) for kind in _KINDS}


#: Entries that are about one contribution.
ABOUT_A_CONTRIBUTION = ("contribution.", "quality.")


def check_payload(kind: str, payload: Mapping[str, Json]) -> None:
    """Raises UnknownKind or UnfitPayload unless the payload may stand in a public leaf.

    Texts are identifiers, hashes, dates or decimal strings of at most 256 characters; the
    message names the member at fault, never its value.
    """
    if kind not in KINDS:
        msg = f"{kind!r} is not a kind of log entry"
        raise UnknownKind(msg)
    missing = sorted(set(KINDS[kind].required) - set(payload))
    if missing:
        msg = f"{kind} needs {', '.join(missing)}"
        raise UnfitPayload(msg)
    # The pseudonym of a contribution leads from entry to entry; to no others than its own.
    if "receipt" in payload and not kind.startswith(ABOUT_A_CONTRIBUTION):
        msg = f"{kind} must not hold a receipt number (docs/adr/0016)"
        raise UnfitPayload(msg)
    _check_value(dict(payload), where=kind, depth=0)


def _check_value(value: Json, *, where: str, depth: int) -> None:
    if depth > _DEPTH_MAX:
        msg = f"{where} is nested too deeply"
        raise UnfitPayload(msg)
    if isinstance(value, str):
        if _SAFE_TEXT.fullmatch(value) is None or _PERSONAL_TEXT.fullmatch(value) is not None:
            msg = f"{where} holds text that is not an identifier, hash, date or amount"
            raise UnfitPayload(msg)
    elif isinstance(value, float):
        msg = f"{where} is a binary fraction; write amounts as decimal strings"
        raise UnfitPayload(msg)
    elif isinstance(value, Mapping):
        for key, member in value.items():
            if depth == 0 and _SAFE_KEY.fullmatch(key) is None:
                msg = f"a member name of {where} is not a plain lower-case word"
                raise UnfitPayload(msg)
            _check_value(key, where=f"a member name of {where}", depth=depth)
            _check_value(member, where=f"{where}.{key}", depth=depth + 1)
    elif isinstance(value, Sequence):
        for member in value:
            _check_value(member, where=f"{where}[]", depth=depth + 1)
