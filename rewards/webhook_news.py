"""What organisations are told of their settlements and licences."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy as _

from dure.accounts.webhooks.kinds import register_kind
from dure.core.canonical import Json
from dure.core.money import format_amount
from dure.core.outbox import Event
from rewards.models import Epoch, EpochInput, Licence


def _of_a_settlement(event: Event) -> Iterable[tuple[UUID, dict[str, Json]]]:
    """Each organisation reads its own contributions and sum, never another's."""
    epoch = Epoch.objects.get(id=str(event.payload["epoch"]))
    rows = (
        EpochInput.objects.filter(epoch=epoch, contribution__party__kind="organisation")
        .values_list("contribution__party_id")
        .annotate(contributions=Count("contribution_id"), reward=Sum("reward"))
        .order_by()
    )
    for party_id, contributions, reward in rows:
        yield (
            party_id,
            {
                "epoch": str(epoch.id),
                "call": event.payload["call"],
                "number": event.payload["number"],
                "contributions": contributions,
                "reward": {"asset": epoch.asset, "amount": format_amount(int(reward))},
                "url": f"/api/v1/epochs/{epoch.id}/",
            },
        )


def _of_a_licence(event: Event) -> Iterable[tuple[UUID, dict[str, Json]]]:
    licence = Licence.objects.select_related("call").get(id=str(event.payload["licence"]))
    yield (
        licence.party_id,
        {
            "licence": str(licence.id),
            "call": licence.call.slug,
            "url": f"/api/v1/licences/{licence.id}/",
        },
    )


def register() -> None:
    """Once, when the application starts."""
    register_kind("epoch.approved", _("A settlement was credited"), _of_a_settlement)
    register_kind("licence.paid", _("The payment of a licence arrived"), _of_a_licence)
