"""News from the ground that belongs in the log."""

from __future__ import annotations

from uuid import UUID

from dure.accounts.acting import Actor
from dure.accounts.models import Person
from dure.accounts.roles import Role
from dure.core.outbox import Event, receiver
from governance.log.services import record


@receiver("role.granted", name="governance.log.role_granted")
def log_role(event: Event) -> None:
    """Who may do more than before is everybody's business."""
    record(
        kind="role.granted",
        acting=_actor(str(event.payload["by"])),
        subject=UUID(str(event.payload["party"])),
        payload={"role": Role(str(event.payload["role"])).name.lower()},
    )


@receiver("role.ended", name="governance.log.role_ended")
def log_end_of_role(event: Event) -> None:
    """And so is who may no more."""
    record(
        kind="role.ended",
        acting=_actor(str(event.payload["by"])),
        subject=UUID(str(event.payload["party"])),
        payload={"role": Role(str(event.payload["role"])).name.lower()},
    )


@receiver("api_key.issued", name="governance.log.api_key_issued")
def log_api_key(event: Event) -> None:
    """A key acts in somebody's name from now on."""
    record(
        kind="api_key.issued",
        acting=_actor(str(event.payload["by"])),
        subject=UUID(str(event.payload["party"])),
        payload={"live": bool(event.payload["live"])},
    )


@receiver("guardianship.confirmed", name="governance.log.guardianship_confirmed")
def log_guardianship(event: Event) -> None:
    """Somebody decides for a child from now on."""
    record(
        kind="guardianship.confirmed",
        acting=_actor(str(event.payload["by"])),
        subject=UUID(str(event.payload["party"])),
        payload={},
    )


def _actor(ref: str) -> Actor:
    """The actor behind a reference such as ``person:<id>`` or ``system:worker``."""
    kind, _, name = ref.partition(":")
    person = Person.objects.filter(id=name).first() if kind == "person" else None
    return (
        Actor.system(name if kind == "system" else "ground")
        if person is None
        else (Actor.for_person(person))
    )
