"""What can go wrong with rewards, said so that the reader knows what to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dure.core.problems import ProblemKind

INSUFFICIENT = ProblemKind(
    "insufficient-balance",
    409,
    _("The account does not hold enough"),
    _("Choose a smaller amount. Amounts that are held already cannot be used again."),
)
TRANSFER_MISMATCH = ProblemKind(
    "transfer-key-reused",
    409,
    _("This transfer was ordered before, with other content"),
    _("Use a new key for a new transfer."),
)
ALREADY_REVERSED = ProblemKind(
    "transfer-already-reversed",
    409,
    _("This transfer was reversed before"),
    _("A transfer is reversed once. To move the amount again, order a new transfer."),
)
HOLD_RESOLVED = ProblemKind(
    "hold-already-resolved",
    409,
    _("This hold was resolved before"),
    _("A hold is posted or released once. Look at the transfer that resolved it."),
)
PERIOD_NOT_CLOSABLE = ProblemKind(
    "period-not-closable",
    409,
    _("The books of this month cannot be closed"),
    _("Close a month that is over, and none before a closed one; write it as 2026-11."),
)
LICENCE_PAID = ProblemKind(
    "licence-already-paid",
    409,
    _("This licence was paid before"),
    _("Its revenue is split already. Look at its dividend."),
)
NOT_DURABLE = ProblemKind(
    "database-not-durable",
    503,
    _("The database may forget what it confirms"),
    _("Switch on fsync, full_page_writes and synchronous_commit; until then no money moves."),
)
POOL_SHRINKS = ProblemKind(
    "pool-cannot-shrink",
    409,
    _("A promised pool is not reduced"),
    _("Keep the asset and set the pool to at least the amount that was funded before."),
)
METHOD_UNKNOWN = ProblemKind(
    "method-not-available",
    422,
    _("This reward method cannot price the call"),
    _("Choose coverage or flat, and give coverage at least one dimension with a population."),
)
PRICING_UNSOUND = ProblemKind(
    "pricing-unsound",
    422,
    _("These multipliers or this fill cannot price the call"),
    _(
        "Give multipliers from 1 to 3 for strata of the call's dimensions, and a positive fill, "
        "as decimal strings."
    ),
)
EPOCH_NOT_OPEN = ProblemKind(
    "no-open-epoch",
    409,
    _("This call has no running epoch"),
    _("An epoch runs from the publication of a call. Check the call's name and its state."),
)
EPOCH_EMPTY = ProblemKind(
    "epoch-is-empty",
    409,
    _("There is nothing to settle"),
    _("No accepted contribution has arrived since the last epoch. Close it when one has."),
)
EPOCH_NOT_CLOSED = ProblemKind(
    "epoch-not-waiting",
    409,
    _("This epoch is not waiting for approval"),
    _("An epoch is approved once, after it was closed."),
)
SAME_PERSON = ProblemKind(
    "epoch-needs-second-person",
    403,
    _("A second person has to approve"),
    _("Who closed an epoch cannot approve it. Ask another approver."),
)
REDEMPTION_RESOLVED = ProblemKind(
    "redemption-already-resolved",
    409,
    _("This redemption was resolved before"),
    _("It was paid out or given back already. Look at its state."),
)
WHOLE_UNITS = ProblemKind(
    "whole-units-only",
    422,
    _("Only whole units are paid out"),
    _("Choose a whole amount; the fraction stays in your wallet and keeps growing."),
)
NOT_REPLAYABLE = ProblemKind(
    "epoch-not-replayable",
    409,
    _("The epoch cannot be recomputed"),
    _("What was frozen does not lead to what would be paid. Nothing was paid; tell an auditor."),
)
