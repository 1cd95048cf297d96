"""Which rule is in force, and every version of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypedDict

from django.db.models import QuerySet

from dure.core.clock import rfc3339
from rewards.models import PolicySubject, TreasuryPolicy
from rewards.treasury import rules


class InForce(NamedTuple):
    """Version 0 is the baseline that holds while the city has decided nothing."""

    number: int
    document: Mapping[str, Any]  # Any: JSON


class RuleDocument(TypedDict):
    id: str
    subject: str
    version: int
    state: str
    document: Mapping[str, Any]  # Any: JSON
    sha256: str
    proposed_at: str
    approved_at: str | None


def in_force(subject: str) -> InForce:
    """The newest approved version of a rule."""
    found = TreasuryPolicy.objects.filter(subject=subject, approved_at__isnull=False).first()
    if found is None:
        return InForce(0, rules.BASELINE[subject])
    return InForce(found.number, found.document)


def payout_rule() -> tuple[int, rules.Payout]:
    """Version and content of the rule of paying out."""
    number, document = in_force(PolicySubject.PAYOUT)
    return number, rules.payout(document)


def withholding_rule() -> tuple[int, rules.Withholding]:
    """Version and content of the rule of tax."""
    number, document = in_force(PolicySubject.WITHHOLDING)
    return number, rules.withholding(document)


def unclaimed_rule() -> tuple[int, rules.Unclaimed]:
    """Version and content of the rule of unclaimed amounts."""
    number, document = in_force(PolicySubject.UNCLAIMED)
    return number, rules.unclaimed(document)


def licensing_rule() -> tuple[int, rules.Licensing]:
    """Version and content of the terms of licences."""
    number, document = in_force(PolicySubject.LICENSING)
    return number, rules.licensing(document)


def versions() -> QuerySet[TreasuryPolicy]:
    """All versions of all rules, the newest of each first."""
    return TreasuryPolicy.objects.select_related("proposer", "approver")


def rule_document(rule: TreasuryPolicy) -> RuleDocument:
    """A version of a rule; ``state`` is proposed, in-force or replaced."""
    state = "proposed"
    if rule.approved_at is not None:
        state = "in-force" if in_force(rule.subject).number == rule.number else "replaced"
    return {
        "id": str(rule.id),
        "subject": rule.subject,
        "version": rule.number,
        "state": state,
        "document": rule.document,
        "sha256": rule.sha256,
        "proposed_at": rfc3339(rule.proposed_at),
        "approved_at": rfc3339(rule.approved_at) if rule.approved_at else None,
    }
