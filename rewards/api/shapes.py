"""The shapes of this room's documents, for the OpenAPI document; selectors build the documents."""

from __future__ import annotations

from rest_framework import serializers

from contributions.api.shapes import TwoLanguages
from dure.core.money import Asset
from rewards.models import (
    ChangeState,
    CheckState,
    EpochGround,
    EpochKind,
    EpochState,
    Rail,
    RedemptionState,
)

AMOUNT = "Decimal string of whole units."
UNCLAIMED_STATES = ("waiting", "warned", "expired", "claimed")


class WalletBalance(serializers.Serializer[dict[str, str]]):
    asset = serializers.ChoiceField(choices=Asset.choices)
    pending = serializers.CharField(help_text="Waits for an approval; an estimate while it runs.")
    confirmed = serializers.CharField(help_text="Can be taken out now.")
    paid = serializers.CharField(help_text="Has been taken out.")


class WalletShape(serializers.Serializer[dict[str, object]]):
    balances = WalletBalance(many=True)


class WalletEntryShape(serializers.Serializer[dict[str, object]]):
    asset = serializers.ChoiceField(choices=Asset.choices)
    kind = serializers.CharField()
    amount = serializers.CharField(help_text="Signed decimal string of whole units.")
    balance = serializers.CharField(help_text="What the account held after this entry.")
    transfer = serializers.UUIDField()
    reference = serializers.CharField()
    receipt = serializers.CharField(allow_null=True)
    licence = serializers.UUIDField(
        allow_null=True,
        help_text="Of a dividend: `licences/{licence}/dividend/` shows your line and its proof.",
    )
    posted_at = serializers.DateTimeField()


class StatementLineShape(serializers.Serializer[dict[str, object]]):
    at = serializers.DateTimeField()
    kind = serializers.CharField()
    reverses = serializers.CharField(allow_null=True, help_text="Kind of what it reverses.")
    reference = serializers.CharField()
    receipt = serializers.CharField(allow_null=True)
    amount = serializers.CharField(help_text="Signed decimal string of whole units.")
    balance = serializers.CharField(help_text="What the wallet held after this line.")
    transfer = serializers.UUIDField()


class StatementSection(serializers.Serializer[dict[str, object]]):
    asset = serializers.ChoiceField(choices=Asset.choices)
    opening = serializers.CharField()
    into = serializers.CharField()
    out = serializers.CharField(help_text="Not above zero.")
    closing = serializers.CharField(help_text="opening + into + out = confirmed + held.")
    pending = serializers.CharField(help_text="Of closed and unapproved epochs; in no balance.")
    confirmed = serializers.CharField()
    held = serializers.CharField(help_text="Held for redemptions under way.")
    paid = serializers.CharField(help_text="Taken out until the end of the month.")
    withheld_in_year = serializers.CharField(help_text="Tax withheld since January.")
    lines = StatementLineShape(many=True)


class StatementShape(serializers.Serializer[dict[str, object]]):
    month = serializers.CharField()
    owner = serializers.CharField()
    complete = serializers.BooleanField(help_text="The month is over.")
    sections = StatementSection(many=True)


class TaxYearShape(serializers.Serializer[dict[str, object]]):
    asset = serializers.ChoiceField(choices=Asset.choices)
    amount = serializers.CharField(help_text="Taken out.")
    withheld = serializers.CharField(help_text="Of it withheld for the tax office.")
    paid = serializers.CharField(help_text="Of it paid to destinations.")


class TaxShape(serializers.Serializer[dict[str, object]]):
    year = serializers.IntegerField()
    owner = serializers.CharField()
    assets = TaxYearShape(many=True)


class UnclaimedShape(serializers.Serializer[dict[str, object]]):
    id = serializers.UUIDField()
    asset = serializers.ChoiceField(choices=Asset.choices)
    amount = serializers.CharField(help_text=AMOUNT)
    dividend = serializers.UUIDField(allow_null=True)
    state = serializers.ChoiceField(choices=UNCLAIMED_STATES)
    set_aside_at = serializers.DateTimeField()
    claim_by = serializers.DateTimeField()


class RedemptionRequest(serializers.Serializer[dict[str, object]]):
    asset = serializers.ChoiceField(choices=Asset.choices)
    amount = serializers.CharField(max_length=24, help_text="Whole units, as a decimal string.")
    rail = serializers.ChoiceField(choices=Rail.choices)
    destination = serializers.CharField(
        max_length=60,
        help_text="Account (its bank first: ``088-110123456789``, or an IBAN), card, or the key of"
        " a neighbourhood fund (of a district, its code);"
        " sealed on arrival and never shown again.",
    )


class RedemptionShape(serializers.Serializer[dict[str, object]]):
    id = serializers.UUIDField()
    asset = serializers.ChoiceField(choices=Asset.choices)
    amount = serializers.CharField(help_text=AMOUNT)
    tax = serializers.CharField(help_text="What of the amount is withheld for the tax office.")
    pays = serializers.CharField(help_text="What of the amount goes to the destination.")
    rail = serializers.ChoiceField(choices=Rail.choices)
    state = serializers.ChoiceField(choices=RedemptionState.choices)
    requested_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)


class EpochLogged(serializers.Serializer[dict[str, object]]):
    closed = serializers.IntegerField(allow_null=True)
    approved = serializers.IntegerField(allow_null=True)


class EpochShape(serializers.Serializer[dict[str, object]]):
    id = serializers.UUIDField()
    call = serializers.SlugField()
    number = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=EpochKind.choices)
    state = serializers.ChoiceField(choices=EpochState.choices)
    reverses = serializers.UUIDField(allow_null=True, help_text="The epoch that this takes back.")
    ground = serializers.ChoiceField(
        choices=EpochGround.choices, allow_null=True, help_text="Why it was rejected or reversed."
    )
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    approved_at = serializers.DateTimeField(allow_null=True)
    asset = serializers.ChoiceField(choices=Asset.choices, allow_null=True)
    total = serializers.CharField(allow_null=True, help_text=AMOUNT)
    returned = serializers.CharField(
        allow_null=True, help_text="Of a reversal: what came back; what was spent stays paid."
    )
    contributions = serializers.IntegerField()
    manifest_sha256 = serializers.CharField(allow_null=True)
    inputs_root = serializers.CharField(allow_null=True)
    outputs_root = serializers.CharField(allow_null=True)
    log = EpochLogged()


class EpochRequest(serializers.Serializer[dict[str, object]]):
    call = serializers.SlugField(max_length=80)


class GroundRequest(serializers.Serializer[dict[str, object]]):
    ground = serializers.ChoiceField(choices=EpochGround.choices)


class SimulationRequest(serializers.Serializer[dict[str, object]]):
    call = serializers.SlugField(max_length=80)
    changes = serializers.DictField(
        default=dict,
        help_text="Members of the call document: method, pool, target_mass, price_cap, strata, "
        "cost_multipliers, intake_fill, training, sampling, compensation.",
    )


class ParameterChangeRequest(serializers.Serializer[dict[str, object]]):
    call = serializers.SlugField(max_length=80)
    changes = serializers.DictField(
        help_text="Members of the call document, as epochs/simulation/ takes them."
    )
    reason = serializers.CharField(
        max_length=500, help_text="Why, for everybody to read; no names of people."
    )


class ChangeLogged(serializers.Serializer[dict[str, int]]):
    index = serializers.IntegerField(allow_null=True)


class ParameterChangeShape(serializers.Serializer[dict[str, object]]):
    id = serializers.UUIDField()
    call = serializers.SlugField()
    version = serializers.IntegerField(help_text="The version of the call that has it.")
    changes = serializers.DictField(help_text="Each member with its value before and after.")
    reason = serializers.CharField()
    state = serializers.ChoiceField(choices=ChangeState.choices)
    effect = serializers.DictField(
        help_text="What the simulation found for what waited: contributions, those whose share "
        "moves by more than a tenth, totals and prices now and then."
    )
    effect_sha256 = serializers.CharField(help_text="Of the effect when it was proposed.")
    proposed_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    log = ChangeLogged()


class SimulatedOutcome(serializers.Serializer[dict[str, object]]):
    method = serializers.CharField()
    total = serializers.CharField(help_text=AMOUNT)
    value_before = serializers.CharField()
    value_after = serializers.CharField()


class SimulatedReward(serializers.Serializer[dict[str, object]]):
    receipt = serializers.CharField()
    records = serializers.IntegerField()
    now = serializers.CharField(help_text=AMOUNT)
    then = serializers.CharField(help_text=AMOUNT)
    share_now = serializers.CharField()
    share_then = serializers.CharField()
    moved = serializers.BooleanField(help_text="The share changes by more than a tenth.")


class SimulatedPrice(serializers.Serializer[dict[str, object]]):
    dimension = serializers.CharField()
    key = serializers.CharField()
    now = serializers.CharField(allow_null=True, help_text="Multiplier under the rules in force.")
    then = serializers.CharField(allow_null=True)


class SimulationShape(serializers.Serializer[dict[str, object]]):
    call = serializers.SlugField()
    asset = serializers.ChoiceField(choices=Asset.choices)
    contributions = serializers.IntegerField()
    now = SimulatedOutcome()
    then = SimulatedOutcome()
    moved = serializers.IntegerField(help_text="Contributions whose share moves.")
    rows = SimulatedReward(many=True)
    prices = SimulatedPrice(many=True)


class RewardFactor(serializers.Serializer[dict[str, str]]):
    key = serializers.ChoiceField(
        choices=[
            "records",
            "base",
            "quality",
            "representativeness",
            "novelty",
            "cap",
            "reward",
        ]
    )
    value = serializers.CharField(help_text="The six factors multiply to the reward.")


class RewardLineShape(serializers.Serializer[dict[str, object]]):
    dimension = serializers.CharField()
    dimension_label = TwoLanguages()
    key = serializers.CharField()
    label_ = TwoLanguages()
    share = serializers.CharField(help_text="Share of the population.")
    target = serializers.IntegerField(help_text="Thousandths of a record.")
    before = serializers.IntegerField(help_text="Mass before the epoch, in thousandths.")
    after = serializers.IntegerField(help_text="Mass after the epoch, in thousandths.")
    mass = serializers.IntegerField(help_text="Mass of this contribution, in thousandths.")
    price = serializers.CharField(help_text="For one full record, rounded down.")
    price_before = serializers.CharField(
        allow_null=True, help_text="Quote for the next record when the epoch began."
    )
    price_after = serializers.CharField(
        allow_null=True, help_text="Quote for the next record when the epoch ended."
    )
    rate = serializers.CharField(help_text="Exact sub-units for a thousandth of mass, n/d.")
    multiplier = serializers.CharField()
    capped = serializers.BooleanField()
    amount = serializers.CharField(help_text=AMOUNT)

    def get_fields(self) -> dict[str, serializers.Field]:  # type: ignore[type-arg]  # as inherited
        # A serializer has an attribute `label` of its own, so the field is renamed here.
        return {
            "label" if name == "label_" else name: field
            for name, field in super().get_fields().items()
        }


class RewardEpoch(serializers.Serializer[dict[str, object]]):
    id = serializers.UUIDField()
    number = serializers.IntegerField()
    state = serializers.ChoiceField(choices=EpochState.choices)
    manifest_sha256 = serializers.CharField(allow_null=True)


class RewardTransfer(serializers.Serializer[dict[str, object]]):
    transfer = serializers.UUIDField()
    amount = serializers.CharField(help_text=AMOUNT)


class RewardGivenBack(serializers.Serializer[dict[str, object]]):
    transfer = serializers.UUIDField(help_text="Paid it.")
    corrects = serializers.UUIDField(help_text="Had taken it away.")
    amount = serializers.CharField(
        help_text=f"All that had been taken, or the part that was granted. {AMOUNT}"
    )
    paid_at = serializers.DateTimeField()


class RewardToGiveBack(serializers.Serializer[dict[str, object]]):
    amount = serializers.CharField(help_text=AMOUNT)
    due_at = serializers.DateTimeField(help_text="The city has it paid by then.")


class RewardHeld(serializers.Serializer[dict[str, object]]):
    amount = serializers.CharField(help_text=AMOUNT)
    due_at = serializers.DateTimeField(help_text="When what waits is paid.")
    state = serializers.ChoiceField(choices=["waiting", "paid", "returned", "given-back"])
    check = serializers.ChoiceField(
        choices=CheckState.choices, allow_null=True, help_text="Null where it was not drawn."
    )
    ground = serializers.CharField(help_text="A code, where a finding was upheld.")
    reason = serializers.CharField(help_text="In words, where a finding was upheld.")
    given_back = RewardGivenBack(
        allow_null=True, help_text="What an objection gave back, where it was granted and paid."
    )
    to_give_back = RewardToGiveBack(
        allow_null=True, help_text="What a granted objection gives back and is not paid yet."
    )


class RewardChange(serializers.Serializer[dict[str, object]]):
    kind = serializers.ChoiceField(choices=["rejected", "reversed", "kept"])
    epoch = serializers.UUIDField()
    number = serializers.IntegerField()
    ground = serializers.ChoiceField(choices=EpochGround.choices)
    asset = serializers.ChoiceField(choices=Asset.choices)
    amount = serializers.CharField(help_text=AMOUNT)
    at = serializers.DateTimeField(allow_null=True)
    transfer = serializers.UUIDField(allow_null=True, help_text="Took the amount back.")


class RewardExplanationShape(serializers.Serializer[dict[str, object]]):
    receipt = serializers.CharField()
    call = serializers.SlugField()
    asset = serializers.ChoiceField(choices=Asset.choices)
    method = serializers.CharField()
    state = serializers.ChoiceField(choices=["none", "waiting", "estimate", "closed", "approved"])
    reward = serializers.CharField(help_text="The sum of the lines.")
    factors = RewardFactor(many=True)
    lines = RewardLineShape(many=True)
    flat = serializers.CharField(help_text="What the flat rule would have paid.")
    epoch = RewardEpoch(allow_null=True)
    pseudonym = serializers.CharField(allow_null=True, help_text="The name in the manifest.")
    ledger = RewardTransfer(allow_null=True)
    held = RewardHeld(allow_null=True, help_text="What of the reward is held back, if anything.")
    changes = RewardChange(many=True, help_text="What was rejected or taken back, oldest first.")
