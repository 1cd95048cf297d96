"""The ledger's tables: accounts, balances, transfers, entries and holds.

PostgreSQL keeps the promises (rewards/migrations/0002_rules.sql): every transfer sums to
zero in every asset, nothing that was written is changed or deleted, a balance moves only with its
entries, and no balance with what it holds passes its floor.
"""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dure.accounts.models import Party
from dure.core.ids import new_id
from dure.core.money import Asset

#: The floor of an account that brings value into being: as deep as a bigint safely goes.
NO_FLOOR: Final = -9_000_000_000_000_000_000


class AccountKind(models.TextChoices):
    ISSUANCE = "issuance", _("issuance")
    TREASURY = "treasury", _("treasury")
    POOL = "pool", _("pool of a call")
    WALLET = "wallet", _("wallet")
    CLEARING = "clearing", _("clearing of a rail")
    DIVIDEND = "dividend", _("contributors' part of a revenue")
    FUND = "fund", _("neighbourhood funds")
    OPERATION = "operation", _("operation")
    TAX = "tax", _("tax owed")
    UNCLAIMED = "unclaimed", _("unclaimed amounts")


#: Accounts through which value enters: their balance is minus what has entered.
SOURCES: Final = (AccountKind.ISSUANCE, AccountKind.TREASURY)


class Account(models.Model):
    """A place where one asset is kept; ``scope`` is a call's slug or a rail's name."""

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    asset = models.CharField(max_length=8, choices=Asset.choices)
    kind = models.CharField(max_length=12, choices=AccountKind.choices)
    owner = models.ForeignKey(
        Party, null=True, on_delete=models.PROTECT, related_name="ledger_accounts"
    )
    scope = models.CharField(max_length=80, blank=True, default="")
    floor = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["asset", "kind", "owner", "scope"],
                name="account_is_unique",
                nulls_distinct=False,
            ),
            # What composite foreign keys of entries and balances point at.
            models.UniqueConstraint(fields=["id", "asset"], name="account_asset"),
            models.UniqueConstraint(fields=["id", "floor"], name="account_floor"),
            models.CheckConstraint(condition=Q(asset__in=Asset.values), name="account_asset_known"),
            models.CheckConstraint(
                condition=Q(kind__in=AccountKind.values), name="account_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(kind=AccountKind.WALLET, owner__isnull=False)
                | (~Q(kind=AccountKind.WALLET) & Q(owner=None)),
                name="wallets_have_owners",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=SOURCES, floor=NO_FLOOR) | (~Q(kind__in=SOURCES) & Q(floor=0)),
                name="only_sources_go_below_zero",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.scope or self.public_id} ({self.asset})"


class Balance(models.Model):
    """What an account holds now, in sub-units; moved only by postings."""

    account = models.OneToOneField(
        Account, primary_key=True, on_delete=models.PROTECT, related_name="balance"
    )
    posted = models.BigIntegerField(default=0)
    pending_out = models.BigIntegerField(default=0)
    version = models.BigIntegerField(default=0)
    # Asset and floor are the account's own (composite foreign keys in migrations).
    asset = models.CharField(max_length=8, choices=Asset.choices)
    floor = models.BigIntegerField(default=0)
    #: Shares of bulk postings up to this place are in ``posted``; later ones come on top of it.
    folded = models.IntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = _("balance")
        verbose_name_plural = _("balances")
        constraints = [
            models.CheckConstraint(
                condition=Q(posted__gte=F("floor") + F("pending_out")), name="balance_above_floor"
            ),
            models.CheckConstraint(condition=Q(pending_out__gte=0), name="holds_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.posted}"


class TransferState(models.TextChoices):
    POSTED = "posted", _("posted")
    PENDING = "pending", _("held")
    POST = "post", _("hold posted")
    VOID = "void", _("hold released")


class Transfer(models.Model):
    """One movement, or one step of a held movement; never changed after it is written.

    A hold is a transfer in state ``pending``; it is resolved once, by another transfer in state
    ``post`` or ``void`` that names it. A mistake is reversed once, by a transfer that names it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    idem = models.UUIDField(unique=True)
    req_hash = models.CharField(max_length=64)
    kind = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=TransferState.choices)
    # That both exist is kept by a statement trigger; that each is named once, by the constraints.
    pending = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="resolutions",
        db_constraint=False,
        db_index=False,
    )
    reverses = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="reversals",
        db_constraint=False,
        db_index=False,
    )
    #: What the transfer is about: ``epoch:<uuid>``, ``call:<slug>``, ``redemption:<uuid>``.
    reference = models.CharField(max_length=120, blank=True, default="")
    effective_at = models.DateTimeField()
    posted_at = models.DateTimeField()
    actor = models.CharField(max_length=80)

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        indexes = [models.Index(fields=["reference"], name="transfer_of_reference")]
        constraints = [
            models.UniqueConstraint(
                fields=["pending"],
                condition=Q(pending__isnull=False),
                name="pending_id_resolved_once",
            ),
            models.UniqueConstraint(
                fields=["reverses"],
                condition=Q(reverses__isnull=False),
                name="reverses_id_once",
            ),
            # One condition: PostgreSQL reads each of a table's anew for every statement.
            models.CheckConstraint(
                condition=~Q(kind="")
                & (
                    Q(pending=None) & (Q(state="posted") | (Q(state="pending") & Q(reverses=None)))
                    | Q(pending__isnull=False, reverses=None) & (Q(state="post") | Q(state="void"))
                ),
                name="transfer_is_what_it_says",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Entry(models.Model):
    """One leg of a transfer: signed sub-units, and the account's balance after it.

    Versions of an account run without gaps, so a lost or doubled entry shows at once.
    """

    pk = models.CompositePrimaryKey("account_id", "version")
    # That account (with its asset) and transfer exist is checked for all entries of a statement
    # at once by its trigger: a foreign key would ask for every single one.
    account = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        related_name="entries",
        db_constraint=False,
        db_index=False,
    )
    version = models.BigIntegerField()
    transfer = models.ForeignKey(
        Transfer,
        on_delete=models.PROTECT,
        related_name="entries",
        db_constraint=False,
        db_index=False,
    )
    seq = models.IntegerField()
    asset = models.CharField(max_length=8, choices=Asset.choices)
    amount = models.BigIntegerField()
    after = models.BigIntegerField()

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        constraints = [
            models.UniqueConstraint(fields=["transfer", "seq"], name="entry_in_its_transfer"),
            models.CheckConstraint(
                condition=~Q(amount=0) & Q(version__gt=0, seq__gte=0), name="entry_moves_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}#{self.version}: {self.amount}"


class Hold(models.Model):
    """What a pending transfer keeps back: from whom, for whom, how much."""

    transfer = models.OneToOneField(
        Transfer, primary_key=True, on_delete=models.PROTECT, related_name="hold"
    )
    source = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="holds_out", db_constraint=False
    )
    target = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="holds_in", db_constraint=False
    )
    asset = models.CharField(max_length=8, choices=Asset.choices)
    amount = models.BigIntegerField()
    #: When the amount becomes free again by itself; null for a hold that only people resolve.
    expires_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_hold_holds_something"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="a_hold_goes_elsewhere"),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], condition=Q(expires_at__isnull=False), name="hold_expiry"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source_id} → {self.target_id}: {self.amount}"


class ClosedPeriod(models.Model):
    """A month of the books that takes no transfer any more, and what it closed with (trigger)."""

    month = models.CharField(primary_key=True, max_length=7)
    ends_at = models.DateTimeField(unique=True)
    closed_at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    #: Hash over the canonical trial balance at the end of the month.
    trial_balance_sha256 = models.CharField(max_length=64)
    #: The hashed lines ``[asset, kind, scope, out, into]``, amounts as text of sub-units; later
    #: months are summed on top of them. None where a month was closed before lines were kept.
    trial_balance = models.JSONField(null=True)

    class Meta:
        verbose_name = _("closed period")
        verbose_name_plural = _("closed periods")
        ordering = ["month"]
        constraints = [
            models.CheckConstraint(
                condition=Q(month__regex=r"^[0-9]{4}-(0[1-9]|1[0-2])$"), name="period_is_a_month"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__gte=F("ends_at")), name="period_is_over_when_closed"
            ),
        ]

    def __str__(self) -> str:
        return self.month
