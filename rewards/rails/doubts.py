"""When a file of a rail takes a second person.

Nobody signs these files, so what one person brings is that person's word. It is taken over at once
only where a lie would gain nothing and the file's own figures are those of the batch: it says of
what somebody else sent that it was paid, each amount named and equal. Whatever gives money back,
differs from what was sent, or is brought by whoever sent the batch, waits for another person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from rewards.models import BatchState, EventOutcome, PayoutBatch
from rewards.rails.answers import File
from rewards.rails.reading import LineDocument

#: Why a file takes a second person.
DOUBTS: Final = ("gives-back", "differs", "figures", "amount-unsaid", "sender")
#: Lines that say something else than our books of a payment of ours.
DIFFER: Final = (EventOutcome.AMOUNT, EventOutcome.CONTRADICTS, "duplicate")


def doubts_of(importer: UUID, rail: str, file: File, lines: Sequence[LineDocument]) -> list[str]:
    """Why a file takes a second person, as codes; none for one that changes nothing.

    ``gives-back`` (a line would bring an amount back to a wallet), ``differs`` (a line differs from
    what was sent), ``figures`` (the file does not add up, or says another number or sum of a batch
    than ours), ``amount-unsaid`` (a payment without its amount, and no sum of its batch) and
    ``sender`` (the importer sent the batch, or nobody knows who did).
    """
    doing = [line for line in lines if line["does"]]
    if not doing:
        return []
    batches = _batches(rail, [line["reference"] for line in doing], file)
    stated = {each.batch for each in file.figures if None not in (each.count, each.total)}
    paid = [line for line in doing if line["does"] == "settled"]
    unsaid = [line["reference"] for line in paid if line["amount"] is None]
    whole = PayoutBatch.objects.filter(rail=rail, message_id__in=stated)
    if unsaid and whole:
        known = {uid.hex for uid in whole.values_list("items__uid", flat=True)}
        unsaid = [reference for reference in unsaid if UUID(hex=reference).hex not in known]
    found = {
        "gives-back": any(line["does"] != "settled" for line in doing),
        "differs": any(line["outcome"] in DIFFER for line in lines),
        "figures": not (file.adds_up and _figures_fit(file, batches)),
        "amount-unsaid": bool(unsaid),
        "sender": any(batch.sender_id in (None, importer) for batch in batches),
    }
    return [code for code, holds in found.items() if holds]


def _batches(rail: str, references: Sequence[str], file: File) -> list[PayoutBatch]:
    """The batches that a file would change, and those that it gives figures of."""
    sent = PayoutBatch.objects.filter(rail=rail, state=BatchState.SENT)
    uids = [UUID(hex=reference) for reference in references]
    touched = sent.filter(items__uid__in=uids).distinct()
    named = sent.filter(message_id__in={each.batch for each in file.figures})
    return list({batch.id: batch for batch in (*touched, *named)}.values())


def _figures_fit(file: File, batches: Sequence[PayoutBatch]) -> bool:
    ours = {batch.message_id: batch for batch in batches}
    return all(
        each.count in (None, ours[each.batch].count)
        and each.total in (None, ours[each.batch].control_sum)
        for each in file.figures
        if each.batch in ours
    )
