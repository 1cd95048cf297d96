"""Rules of the treasury: one operator proposes a version, another person puts it in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core.canonical import NotCanonical, canonical_hash
from dure.core.clock import now
from dure.core.money import with_thousands
from dure.core.problems import INVALID, NOT_FOUND, FieldError
from governance.log.services import record
from rewards.models import PolicySubject, TreasuryPolicy
from rewards.problems import NEEDS_SECOND_PERSON, RULE_DECIDED
from rewards.treasury.rules import READ, NotARule, NotWhole
from rewards.valuation.decimals import decimal_round


@transaction.atomic
def propose_rule(
    *,
    acting: Actor,
    subject: str,
    document: Mapping[str, Any],  # Any: JSON
) -> TreasuryPolicy:
    """A new version of a rule, without effect until another person approves it.

    Operators; INVALID names the member of the document that cannot be.
    """
    acting.require(Role.OPERATOR)
    proposer = acting.require_person()
    if subject not in PolicySubject.values:
        raise INVALID.problem(errors=[FieldError("subject", _("Choose one that is offered."))])
    try:
        READ[subject](document)
        digest = canonical_hash(dict(document))
    except NotWhole as error:
        message = _("The parts add up to 1; these add up to %(total)s.")
        total = {"total": decimal_round(error.total, 6)}
        raise INVALID.problem(errors=[FieldError(error.field, message % total)]) from error
    except NotARule as error:
        raise INVALID.problem(errors=[FieldError(error.field, _wanted_text(error))]) from error
    except NotCanonical as error:
        raise INVALID.problem(errors=[FieldError("document", INVALID.advice)]) from error
    with connection.cursor() as cursor:  # one proposal at a time gives versions without gaps
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('rewards.treasury'))")
    last = TreasuryPolicy.objects.filter(subject=subject).aggregate(last=Max("number"))["last"]
    rule = TreasuryPolicy.objects.create(
        subject=subject,
        number=(last or 0) + 1,
        document=dict(document),
        sha256=digest,
        proposer=proposer,
        proposed_at=now(),
    )
    _log(acting, "treasury.rule_proposed", rule)
    return rule


@transaction.atomic
def approve_rule(*, acting: Actor, rule_id: UUID) -> TreasuryPolicy:
    """Put a proposed rule in force, as a second person.

    Approvers; NEEDS_SECOND_PERSON (403), RULE_DECIDED (409) for one that is in force or older
    than the one in force.
    """
    acting.require(Role.APPROVER)
    approver = acting.require_person()
    rule = TreasuryPolicy.objects.select_for_update(of=("self",)).filter(id=rule_id).first()
    if rule is None:
        raise NOT_FOUND.problem()
    if rule.proposer_id == approver.id:
        raise NEEDS_SECOND_PERSON.problem()
    newer = TreasuryPolicy.objects.filter(
        subject=rule.subject, number__gte=rule.number, approved_at__isnull=False
    )
    if newer.exists():
        raise RULE_DECIDED.problem()
    rule.approver, rule.approved_at = approver, now()
    rule.save(update_fields=["approver", "approved_at"])
    _log(acting, "treasury.rule_approved", rule)
    return rule


def _wanted_text(error: NotARule) -> str:
    """What belongs where a rule holds something else."""
    bounds = {
        "low": with_thousands(str(error.low)),
        "high": with_thousands(str(error.high)),
    }
    return {
        "share": _("Give a share from 0 to 1 as a decimal string, such as 0.25."),
        "amount": _("Give an amount of nothing or more as a decimal string, such as 20000."),
        "whole": _("Give a whole number from %(low)s to %(high)s.") % bounds,
    }.get(error.wanted, _("This value is missing or cannot be part of the rule."))


def _log(acting: Actor, kind: str, rule: TreasuryPolicy) -> None:
    record(
        kind=kind,
        acting=acting,
        subject=None,
        payload={"rule": rule.subject, "version": rule.number, "sha256": rule.sha256},
    )
