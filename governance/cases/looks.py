"""Who of the staff looked at what, for auditors of the whole city; nobody is named.

A member of staff stands under a name that holds for one auditor alone, so that one who looks at
much can be asked about, through the city. Numbers of people below ten are withheld, as in audits.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TypedDict

from django.db.models import Count

from dure.accounts.acting import Actor
from dure.accounts.models import RoleGrant
from dure.accounts.roles import Role
from dure.core import clock
from dure.core.problems import NOT_ALLOWED
from dure.core.sealing import keyed_digest
from governance.cases.access import mandate_end
from governance.models import AccessNote

PEOPLE_MIN = 10
DAYS_MAX = 365
_ROLES = (Role.ADMIN, Role.OPERATOR, Role.APPROVER, Role.AUDITOR)


class LookLine(TypedDict):
    """Looks of one member of staff of one kind; ``people`` is None below ten."""

    staff: str
    role: str
    what: str
    why: str
    looks: int
    people: int | None


def looks_of_staff(acting: Actor, *, days: int) -> list[LookLine]:
    """Looks of the last days, most first; raises what ``access.mandates`` raises.

    A mandate for one call does not reach this, as looks are not kept by call: NOT_ALLOWED.
    """
    if mandate_end(acting, "") is None:
        raise NOT_ALLOWED.problem()
    since = clock.now() - timedelta(days=min(max(days, 1), DAYS_MAX))
    rows = (
        AccessNote.objects.filter(at__gte=since)
        .values("by_id", "what", "why")
        .annotate(looks=Count("id"), people=Count("party_id", distinct=True))
        .order_by("-looks", "what", "why", "by_id")
    )
    found = list(rows)
    roles: dict[object, set[str]] = {}
    grants = RoleGrant.objects.filter(person_id__in={row["by_id"] for row in found})
    for person_id, role in grants.values_list("person_id", "role"):
        roles.setdefault(person_id, set()).add(role)
    reader = acting.require_person().id.bytes
    return [
        {
            "staff": keyed_digest("looks", reader + row["by_id"].bytes).hex()[:8],
            "role": next(
                (role.value for role in _ROLES if role in roles.get(row["by_id"], set())), ""
            ),
            "what": row["what"],
            "why": row["why"],
            "looks": row["looks"],
            "people": row["people"] if row["people"] >= PEOPLE_MIN else None,
        }
        for row in found
    ]
