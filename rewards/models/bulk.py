"""Bulk postings: one amount shared among up to every resident, as one job that a crash cannot tear.

A batch's entries are loaded into a table of their own, chunk by chunk, where nobody sees them.
Attaching that table to ``BulkEntry`` and turning the batch to ``posted`` is one transaction: from
then on every share is there and can be spent. PostgreSQL keeps the promises
(rewards/migrations/0007_bulk_postings.sql).
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dure.core.ids import new_id
from dure.core.money import Asset
from rewards.models.ledger import Account, Transfer


class BulkState(models.TextChoices):
    ORDERED = "ordered", _("ordered")
    LOADING = "loading", _("being loaded")
    SEALED = "sealed", _("sealed")
    POSTED = "posted", _("posted")
    FAILED = "failed", _("failed")


class BulkBatch(models.Model):
    """An amount to share by weight: what was ordered, how far it is, and what it came to.

    What is ordered never changes; the rest is filled in once, in the order of the states
    (trigger). ``place`` numbers the posted batches without gaps: a balance remembers up to which
    of them it has taken its shares in.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    #: Names the partition of the entries.
    number = models.IntegerField(unique=True, editable=False)
    kind = models.CharField(max_length=40)
    #: Who is eligible, as the kind's own statement understands it; ids only.
    basis = models.JSONField[dict[str, str], dict[str, str]](default=dict)
    asset = models.CharField(max_length=8, choices=Asset.choices)
    source = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    #: What the shares pass through between the source and the balances.
    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="bulk_batch")
    amount = models.BigIntegerField()
    #: Each chunk has two to the power of so many shares.
    chunk_bits = models.SmallIntegerField()
    policy_sha256 = models.CharField(max_length=64)
    reference = models.CharField(max_length=120)
    actor = models.CharField(max_length=80)
    ordered_at = models.DateTimeField()

    state = models.CharField(max_length=8, choices=BulkState.choices, default=BulkState.ORDERED)
    reason = models.CharField(max_length=60, blank=True, default="")
    #: The hold that reserves the amount, from freezing to posting.
    reserve = models.ForeignKey(
        Transfer, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    people = models.IntegerField(null=True)
    total_weight = models.DecimalField(null=True, max_digits=30, decimal_places=0)
    #: Sum of the floored shares; the rest of the amount stays with the source.
    total = models.BigIntegerField(null=True)
    #: RFC 6962 root over the shares in the order of their numbers.
    root = models.CharField(max_length=64, blank=True, default="")
    place = models.IntegerField(null=True, unique=True)
    posted_at = models.DateTimeField(null=True)
    #: When the last balance had taken its share in.
    folded_at = models.DateTimeField(null=True)

    rows_done = models.IntegerField(default=0)
    rows_folded = models.IntegerField(default=0)
    attempts = models.SmallIntegerField(default=0)
    claimed_by = models.UUIDField(null=True)
    claimed_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("bulk posting")
        verbose_name_plural = _("bulk postings")
        ordering = ["-ordered_at"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="bulk_moves_something"),
            models.CheckConstraint(
                condition=Q(state__in=BulkState.values), name="bulk_state_known"
            ),
            models.CheckConstraint(condition=Q(chunk_bits__range=(0, 20)), name="bulk_chunk_size"),
            models.CheckConstraint(
                condition=Q(total=None) | Q(total__gte=0, total__lte=F("amount")),
                name="bulk_gives_no_more_than_it_has",
            ),
            models.CheckConstraint(
                condition=Q(state=BulkState.POSTED, place__isnull=False, posted_at__isnull=False)
                | (~Q(state=BulkState.POSTED) & Q(place=None, posted_at=None)),
                name="bulk_posted_at_a_place",
            ),
        ]
        indexes = [
            models.Index(
                fields=["place"],
                condition=Q(state="posted", folded_at=None),
                name="bulk_not_folded",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}: {self.state}"


class BulkChunk(models.Model):
    """Shares ``first`` to ``last``: the row is the key under which they are loaded, once."""

    pk = models.CompositePrimaryKey("batch_id", "place")
    batch = models.ForeignKey(
        BulkBatch, on_delete=models.PROTECT, related_name="chunks", db_index=False
    )
    place = models.IntegerField()
    first = models.IntegerField()
    last = models.IntegerField()
    loaded = models.BooleanField(default=False)
    total = models.BigIntegerField(null=True)
    #: Roots of the chunk's whole tiles one after another, and of the chunk if it is whole.
    tiles = models.BinaryField(null=True)
    root = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("chunk of a bulk posting")
        verbose_name_plural = _("chunks of bulk postings")
        constraints = [
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="bulk_chunk_has_shares"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.first}-{self.last}"


class BulkEntry(models.Model):
    """A share in a posted batch, in sub-units; partitioned by the batch's number.

    Shares are numbered from 0 in the order of their accounts. Beside those of a chunk stands what
    they take out of the batch's account, under a negative number, so that each chunk sums to zero.
    """

    pk = models.CompositePrimaryKey("batch", "number")
    batch = models.IntegerField()
    number = models.IntegerField()
    account = models.ForeignKey(
        Account,
        on_delete=models.DO_NOTHING,
        related_name="bulk_entries",
        db_constraint=False,
        db_index=False,
    )
    weight = models.BigIntegerField()
    amount = models.BigIntegerField()

    class Meta:
        verbose_name = _("share of a bulk posting")
        verbose_name_plural = _("shares of bulk postings")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "batch"], condition=Q(number__gte=0), name="one_bulk_share_each"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=0, amount__gte=0, weight__gt=0)
                | Q(number__lt=0, amount__lte=0, weight=0),
                name="bulk_shares_come_in",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch}#{self.number}: {self.amount}"


class BulkFold(models.Model):
    """A transfer that took shares of a batch into balances; books show the shares, not this."""

    transfer = models.OneToOneField(
        Transfer, primary_key=True, on_delete=models.PROTECT, related_name="bulk_fold"
    )
    batch = models.ForeignKey(BulkBatch, on_delete=models.PROTECT, related_name="folds")

    class Meta:
        verbose_name = _("shares taken into balances")
        verbose_name_plural = _("shares taken into balances")

    def __str__(self) -> str:
        return str(self.transfer_id)
