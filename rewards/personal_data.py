"""What this room holds about a party, and what of it can be given out, stopped and forgotten."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from dure.core.canonical import Json
from dure.core.clock import rfc3339
from dure.core.money import format_amount
from rewards.models import ClaimCode, EpochInput
from rewards.wallet import selectors


class RewardsHolder:
    """Wallets, statements, redemptions and rewards of a party."""

    def export(self, party_id: UUID) -> Json:
        """Everything, in the shapes of the API, for the party itself."""
        inputs = EpochInput.objects.filter(contribution__party_id=party_id).order_by(
            "epoch__closed_at", "contribution_id"
        )
        rewards: list[Json] = [
            {
                "receipt": row.contribution.receipt,
                "epoch": str(row.epoch_id),
                "pseudonym": row.pseudonym,
                "reward": format_amount(row.reward),
                "asset": row.epoch.asset,
            }
            for row in inputs.select_related("contribution", "epoch").defer("epoch__manifest")
        ]
        entries = selectors.entry_documents(list(selectors.entries(party_id)))
        redemptions = selectors.redemptions(frozenset({party_id}))
        return {
            "wallet": cast("Json", selectors.wallet_document(party_id)),
            "entries": cast("Json", entries),
            "redemptions": [
                cast(
                    "Json",
                    {
                        **selectors.redemption_document(each),
                        "destination": selectors.destination_of(each) or None,
                    },
                )
                for each in redemptions
            ],
            "unclaimed": [
                cast("Json", selectors.unclaimed_document(each))
                for each in selectors.unclaimed_amounts(frozenset({party_id}))
            ],
            "claim_codes": [
                {"issued_at": rfc3339(at)}
                for at in ClaimCode.objects.filter(party_id=party_id).values_list("at", flat=True)
            ],
            "rewards": rewards,
        }

    def restrict(self, party_id: UUID) -> None:
        """Nothing is used beyond keeping: accounts are records of what was paid."""

    def erase(self, party_id: UUID) -> None:
        """Destinations are sealed under the party's key and go with it; what was paid stays.

        What was not taken out goes by the city's rule (rewards.wallet.unclaimed).
        """
