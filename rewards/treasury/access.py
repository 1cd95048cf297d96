"""Who sees the city's money: those who pay out and those who say yes to it."""

from __future__ import annotations

from dure.accounts.acting import Actor
from dure.accounts.roles import Role


def require_treasury(acting: Actor) -> None:
    """Operators and approvers; NOT_SIGNED_IN (401) for strangers, NOT_ALLOWED (403) for others."""
    acting.require_person()
    if not acting.has(Role.APPROVER):
        acting.require(Role.OPERATOR)
