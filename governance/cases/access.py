"""Whose case it is and until when: every look and every write of an auditor asks here first."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from dure.accounts.acting import Actor
from dure.accounts.models import RoleGrant, standing_grants
from dure.accounts.roles import Role
from dure.core import clock
from dure.core.problems import NOT_ALLOWED
from governance.cases.problems import CASE_CLOSED, CASE_UNKNOWN, MANDATE_OVER
from governance.models import AuditCase, CaseClosing


def mandates(acting: Actor) -> QuerySet[RoleGrant]:
    """The auditor's mandates that have not ended.

    Raises 401 for strangers, MANDATE_OVER for whoever was an auditor and NOT_ALLOWED for others.
    """
    person = acting.require_person()
    if acting.tests:
        raise NOT_ALLOWED.problem()
    standing = standing_grants(person).filter(role=Role.AUDITOR)
    if not standing.exists():
        once = person.role_grants.filter(role=Role.AUDITOR).exists()
        raise (MANDATE_OVER if once else NOT_ALLOWED).problem()
    return standing


def mandate_end(acting: Actor, call: str) -> datetime | None:
    """When the last mandate that covers a call ends ("" asks for the whole city); None if none."""
    ends = mandates(acting).filter(scope__in=["", call]).values_list("until", flat=True)
    return max((end for end in ends if end is not None), default=None)


def cases_of(acting: Actor) -> QuerySet[AuditCase]:
    """The auditor's own cases, newest first; raises what ``mandates`` raises."""
    mandates(acting)
    own = AuditCase.objects.filter(auditor=acting.require_person())
    return own.select_related("closing", "log_entry__place").order_by("-opened_at", "-id")


def case_for(acting: Actor, case_id: UUID) -> AuditCase:
    """A case of the auditor's own whose mandate still lasts.

    Raises CASE_UNKNOWN, MANDATE_OVER, and what ``mandates`` raises.
    """
    found = cases_of(acting).filter(id=case_id).first()
    if found is None:
        raise CASE_UNKNOWN.problem()
    if clock.now() >= found.until or mandate_end(acting, found.call) is None:
        raise MANDATE_OVER.problem()
    return found


def open_case_for(acting: Actor, case_id: UUID) -> AuditCase:
    """``case_for`` where something is to be added: CASE_CLOSED if it was closed."""
    found = case_for(acting, case_id)
    if is_closed(found):
        raise CASE_CLOSED.problem()
    return found


def is_closed(case: AuditCase) -> bool:
    """Whether its auditor closed it."""
    try:
        return bool(case.closing)
    except CaseClosing.DoesNotExist:
        return False
