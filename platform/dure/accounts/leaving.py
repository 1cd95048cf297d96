"""What becomes of organisations when somebody's account is erased."""

from __future__ import annotations

from dure.accounts.models import Organisation, Person
from dure.accounts.roles import MemberRole


def leave_everything(person: Person) -> None:
    """End every membership; where the person was the only owner, the oldest member becomes one.

    Runs inside the caller's transaction.
    """
    for membership in list(person.memberships.all()):
        organisation = Organisation.objects.select_for_update().get(id=membership.organisation_id)
        others = organisation.memberships.exclude(id=membership.id)
        if not others.filter(role=MemberRole.OWNER).exists():
            heir = others.order_by("created_at", "id").first()
            if heir is not None:
                heir.role = MemberRole.OWNER
                heir.save(update_fields=["role"])
        membership.delete()
