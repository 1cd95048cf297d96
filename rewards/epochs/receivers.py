"""What the room of epochs does when it hears news."""

from __future__ import annotations

from contributions.models import Call
from dure.accounts.acting import Actor
from dure.core.outbox import Event, receiver
from rewards.epochs.services import open_epoch


@receiver("call.published", name="rewards.epochs.open_first")
def open_first(event: Event) -> None:
    """A published call has a running epoch."""
    call = Call.objects.get(slug=str(event.payload["call"]))
    open_epoch(acting=Actor.system("rewards"), call=call)
