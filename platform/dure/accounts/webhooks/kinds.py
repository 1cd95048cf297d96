"""What news there is: rooms above register the kinds of event that they tell organisations of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from dure.core.canonical import Json
from dure.core.outbox import Event
from dure.core.problems import Text
from dure.core.registry import Registry

#: Whom an event concerns, and what each of them is told.
About = Callable[[Event], Iterable[tuple[UUID, dict[str, Json]]]]


@dataclass(frozen=True)
class WebhookKind:
    """A kind of event such as ``contribution.accepted``, with what it means in words."""

    kind: str
    label: Text
    about: About


webhook_kinds: Registry[WebhookKind] = Registry("webhook kinds")
#: Sent by hand to try an endpoint out; nobody subscribes to it.
TRIAL = "endpoint.tried"


def register_kind(kind: str, label: Text, about: About) -> None:
    """Make a kind of outbox event available to webhooks, once, when the application starts."""
    from dure.accounts.webhooks.telling import tell  # models, which are ready only then
    from dure.core.outbox import receiver

    webhook_kinds.register(kind, WebhookKind(kind, label, about))
    receiver(kind, name=f"accounts.webhooks.{kind}")(tell)


def of_the_party(event: Event) -> Iterable[tuple[UUID, dict[str, Json]]]:
    """For events whose payload names the party: it is told the rest of the payload."""
    data = {name: value for name, value in event.payload.items() if name not in ("party", "by")}
    yield UUID(str(event.payload["party"])), {"subject": event.subject, **data}
