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
NOTHING_TO_PAY = ProblemKind(
    "nothing-to-take-out",
    422,
    _("Nothing can be paid out this way"),
    _("No amount of the wallet reaches the least amount of it. Choose another way, or a gift."),
)
CODE_NOT_NEEDED = ProblemKind(
    "claim-code-not-needed",
    409,
    _("There is nothing to claim with a code"),
    _("A code is for whoever asked to be erased and did not give the balance to the funds."),
)
CODE_UNKNOWN = ProblemKind(
    "claim-code-unknown",
    404,
    _("No amount waits behind this code"),
    _("Compare the code with what you noted. What nobody claims in 30 days goes to the funds."),
)
TRANSFER_MISMATCH = ProblemKind(
    "transfer-key-reused",
    409,
    _("This transfer was ordered before, with other content"),
    _("Use a new key for a new transfer."),
)
OTHER_ASSET = ProblemKind(
    "amount-changes-asset",
    422,
    _("An amount stays in its asset"),
    _("Choose accounts of the same asset: tokens and won do not mix in one movement."),
)
TOO_LARGE = ProblemKind(
    "amount-too-large",
    422,
    _("An account cannot hold that much"),
    _("An account ends at 9.2 trillion units. Choose a smaller amount."),
)
PERIOD_CLOSED = ProblemKind(
    "period-closed",
    409,
    _("The books of that time are closed"),
    _("Book it at a time after the closed month; a mistake is reversed in the open one."),
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
LICENCE_OUT_OF_REACH = ProblemKind(
    "licence-out-of-reach",
    409,
    _("Nobody’s records may reach this licensee"),
    _(
        "The contributors of this call decide by name who receives their data. Ask the city to "
        "name your organisation; whoever then agrees is in the release made for you."
    ),
)
LICENCE_PAID = ProblemKind(
    "licence-already-paid",
    409,
    _("This licence was paid before"),
    _("Its revenue is split already. Look at its dividend."),
)
PAYMENT_NOT_NOTED = ProblemKind(
    "payment-not-noted",
    409,
    _("Nobody has noted this payment yet"),
    _("One person notes a payment that has arrived, another confirms it."),
)
PAYMENT_SAME_PERSON = ProblemKind(
    "payment-needs-second-person",
    403,
    _("Another person confirms a payment"),
    _("Whoever noted the payment cannot confirm it. Ask a colleague."),
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
    _("Choose a method that is offered; coverage and permutation need a dimension with people."),
)
PRICING_UNSOUND = ProblemKind(
    "pricing-unsound",
    422,
    _("The call's rules of reward cannot price it"),
    _("Mend the members that are named, or choose another method."),
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
POOL_EMPTY = ProblemKind(
    "pool-is-empty",
    409,
    _("The pool holds nothing any more"),
    _("Publish the call with a larger pool; what has arrived waits until then."),
)
TOO_MANY_INSTITUTIONS = ProblemKind(
    "too-many-institutions",
    409,
    _("More institutions than can share by their orders"),
    _("At most 30 share in one settlement. Close more often, or choose the coverage method."),
)
TRAINING_TOO_LARGE = ProblemKind(
    "training-too-large",
    409,
    _("More records than can be measured at once"),
    _("A settlement measures up to 100,000 records. Split the call or choose coverage."),
)
QUESTIONS_UNSOUND = ProblemKind(
    "questions-unsound",
    422,
    _("These cannot be the questions of a model"),
    _("Send a UTF-8 CSV of 1 to 1,000 rows whose header names each column once."),
)
EPOCH_NOT_CLOSED = ProblemKind(
    "epoch-not-waiting",
    409,
    _("This epoch is not waiting for approval"),
    _("An epoch is approved once, after it was closed."),
)
EPOCH_NOT_APPROVED = ProblemKind(
    "epoch-not-paid",
    409,
    _("Only what was paid can be taken back"),
    _("A reversal names a settlement that was approved. Reject one that still waits."),
)
EPOCH_ALREADY_REVERSED = ProblemKind(
    "epoch-already-reversed",
    409,
    _("This settlement has its reversal"),
    _("A settlement is taken back once. Look at the reversal and its state."),
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
    _("Recomputing the epoch gives another result"),
    _("What was frozen does not lead to what would be paid. Nothing was paid; tell an auditor."),
)
NEEDS_SECOND_PERSON = ProblemKind(
    "payout-needs-second-person",
    403,
    _("A second person has to approve"),
    _("Who proposed this cannot approve it. Ask another approver."),
)
RULE_DECIDED = ProblemKind(
    "treasury-rule-decided",
    409,
    _("This version of the rule is decided"),
    _("It is in force already, or a newer version is. Propose a new version."),
)
BELOW_MINIMUM = ProblemKind(
    "below-minimum-payout",
    422,
    _("The amount is below the smallest one that is paid out"),
    _("Choose a larger amount, or wait until more has gathered in your wallet."),
)
ASSET_NOT_ON_RAIL = ProblemKind(
    "asset-not-on-rail",
    422,
    _("This way of paying out does not take that"),
    _("Choose another way, or another of your balances."),
)
NOTHING_TO_BATCH = ProblemKind(
    "nothing-to-pay-out",
    409,
    _("Nothing waits to be paid out this way"),
    _("A batch holds amounts that are held and in no other batch. Look at the list."),
)
BATCH_STATE = ProblemKind(
    "batch-not-in-that-state",
    409,
    _("The batch is not at that step"),
    _("A batch is approved once, then sent once; it can be discarded until it is sent."),
)
IN_A_BATCH = ProblemKind(
    "redemption-in-a-batch",
    409,
    _("This amount is in a batch"),
    _("Send or discard the batch first; then record what the rail has answered."),
)
SENT_IT_ONESELF = ProblemKind(
    "sender-cannot-settle",
    403,
    _("Another person has to confirm the payment"),
    _("Whoever sends a batch does not decide that it was paid. Somebody else has to agree."),
)
ANSWER_DECIDED = ProblemKind(
    "rail-answer-decided",
    409,
    _("This answer does not wait any more"),
    _("It was taken over or discarded before. Read what it did in the list of answers."),
)
ITEM_RESOLVED = ProblemKind(
    "payout-already-resolved",
    409,
    _("This pay-out has its answer"),
    _("It was paid, refused or returned already. Look at its state."),
)
ANSWER_UNREADABLE = ProblemKind(
    "rail-answer-unreadable",
    422,
    _("The file cannot be read as an answer of this rail"),
    _("Send pain.002.001.10 or camt.053.001.08 for banks, the documented CSV for the others."),
)
ANSWER_TOO_LARGE = ProblemKind(
    "rail-answer-too-large",
    413,
    _("The file is too large"),
    _("Send the answers in several files of at most 5 MB."),
)
CLAIM_DONE = ProblemKind(
    "claim-already-done",
    409,
    _("This amount was claimed before"),
    _("It is back in your wallet. Look at your statement."),
)
CHANGE_EMPTY = ProblemKind(
    "parameter-change-empty",
    422,
    _("Nothing would change"),
    _("Give another value for the method, pool, target, cap, strata, multipliers or fill."),
)
CHANGE_REASON = ProblemKind(
    "parameter-change-reason",
    422,
    _("The change needs a reason"),
    _("Say in at most 500 characters why the parameters should change. Everybody can read it."),
)
CHANGE_NOT_OPEN = ProblemKind(
    "parameter-change-not-open",
    409,
    _("This change no longer waits for approval"),
    _("The call has changed since, or the change was decided. Propose it again if it is needed."),
)
CHECK_DECIDED = ProblemKind(
    "check-already-decided",
    409,
    _("This check no longer waits for that"),
    _("It was found in order, or its finding was decided. Look at its state."),
)
CHECK_SAME_PERSON = ProblemKind(
    "check-needs-second-person",
    403,
    _("Another person decides about a finding"),
    _("Whoever made the finding cannot decide about it. Ask a colleague."),
)
FINDING_UNSOUND = ProblemKind(
    "finding-needs-reason",
    422,
    _("A finding needs a reason"),
    _("Say in at most 2,000 characters what is wrong. The owner reads it word for word."),
)
OVERRULING_SAME_PERSON = ProblemKind(
    "overruling-needs-another-person",
    403,
    _("Another person has this paid"),
    _(
        "Whoever upheld the finding, granted the objection or owns the contribution cannot have "
        "it paid. Ask a colleague."
    ),
)
NOTHING_TO_GIVE_BACK = ProblemKind(
    "nothing-to-give-back",
    409,
    _("Nothing is to be given back here"),
    _(
        "That takes an upheld finding, an objection to the reward that was granted after it, and "
        "a settlement that stands; and it is paid once."
    ),
)
PART_UNSOUND = ProblemKind(
    "granted-part-unsound",
    422,
    _("That is no part of what the finding took"),
    _(
        "Give the amount that is granted as a decimal number: more than nothing, less than what "
        "the finding took, with at most six decimals. To give back all of it, grant the objection."
    ),
)
NOTHING_WAITS = ProblemKind(
    "nothing-held-back",
    409,
    _("Nothing of this reward waits any more"),
    _(
        "It was paid when its day came, or went back to the pool. What is left is to take the "
        "settlement back."
    ),
)
