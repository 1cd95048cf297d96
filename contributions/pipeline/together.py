"""Small contributions that wait for the same call are checked together, from receipt to the end.

A feed of small pushes would spend its time on transactions, not on records. So a worker takes
what waits, up to a number, through all stages in memory: the engine judges it in one run, one
transaction writes it. Nothing waits to be joined: where one contribution is waiting, it is taken
alone. Each keeps its own findings, stage runs, log entries and event, as if it had come alone.

Whatever goes wrong is left to the ordinary way, stage by stage: that contribution where it
concerns one, all of them where the transaction fails. A worker that dies leaves them to be tried
one at a time, so that a file that kills its worker meets no others a second time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from contributions.intake.consent import each_party_asked_once
from contributions.models import CallVersion, Contribution, Stage, State
from contributions.models.contributions import MOVING
from contributions.pipeline import lease, privacy, quality
from contributions.pipeline.clusters import hold
from contributions.pipeline.description import Document, earlier_push, form_of
from contributions.pipeline.endings import Ending, end, end_withdrawn_consent
from contributions.pipeline.settled import Settle
from contributions.pipeline.stages import STEPS
from contributions.pipeline.tables import tables_at_hand
from contributions.pipeline.writing import Passage, write
from contributions.privacy.prefilter import worth_reading_of
from dure.core.clock import now
from dure.core.sealing import keys_at_hand

logger = logging.getLogger(__name__)

TOGETHER_MAX = 50
#: Versions of calls that a worker keeps at hand.
VERSIONS_KEPT = 64
#: Larger files take their own time; what has to be unfolded first is read in its own process.
SMALL_BYTES = 128 * 1024
TEXT_NAMES = r"\.(csv|tsv|txt|json|jsonl|ndjson|geojson)$"
TEXT_TYPES = r"^(text/|application/(x-)?nd?-?json|application/geo\+json)"
#: What may be checked together with others. Every message of a feed asks this, most of them to
#: learn that somebody took theirs along, so it is asked in as few words as there are.
FIT = f"""
held.state = '{State.RECEIVED}' AND held.stage = '{Stage.DECODE}' AND held.attempts = 0
AND held.claim IS NULL AND held.lease_until IS NULL AND held.corrected_at IS NULL
AND (held.filename ~* '{TEXT_NAMES}' OR held.filename = '' AND held.content_type ~* '{TEXT_TYPES}')
AND EXISTS (
    SELECT FROM core_blob source WHERE source.id = held.source_id AND source.size < {SMALL_BYTES}
)
"""
TAKE = f"""
WITH waiting AS (
    SELECT held.id FROM contributions_contribution held
    WHERE {FIT} AND held.call_version_id = (
        SELECT held.call_version_id FROM contributions_contribution held
        WHERE held.id = %s AND {FIT}
    )
    ORDER BY held.submitted_at, held.id LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE contributions_contribution held
SET state = '{State.CHECKING}', claim = %s, lease_until = %s, attempts = 1, updated_at = %s
FROM waiting WHERE held.id = waiting.id
RETURNING held.id
"""  # noqa: S608 - made of constants


@dataclass
class _Way:
    """One contribution on its way; `failed` where it has to be tried alone, `over`
    where it came to its end already.
    """

    passage: Passage
    form: dict[str, str] = field(default_factory=dict)
    typed: quality.Typed | None = None
    repeats: Settle | None = None
    failed: bool = False
    over: bool = False

    @property
    def contribution(self) -> Contribution:
        return self.passage.contribution

    @property
    def goes_on(self) -> bool:
        return not self.failed and not self.over and self.passage.ending is None


def is_fit(contribution_id: UUID) -> bool:
    """Whether a contribution may be checked together with others: small, new and of plain text."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM contributions_contribution held WHERE id = %s AND {FIT}",  # noqa: S608 - a constant
            [contribution_id],
        )
        return cursor.fetchone() is not None


def check_together(contribution_id: UUID, *, limit: int = TOGETHER_MAX) -> list[UUID]:
    """Check what waits for the call of this contribution, the earliest first, to its end.

    Returns those that have to go on alone, stage by stage. Nothing happens where the contribution
    does not wait any more: somebody has taken it along.
    """
    claim = lease.new_claim()
    claimed = _claim(contribution_id, claim, limit)
    if not claimed:
        return []
    try:
        with lease.kept(None, claim), keys_at_hand(), tables_at_hand():
            ways = [_Way(Passage(each)) for each in claimed]
            _read(ways)
            _scan(ways)
            _judge(ways)
            _find_repeats(ways)
            _settle(ways, claim)
    except Exception as error:
        # The type only: the text of an exception may quote a file.
        logger.error("%d checked together: %s", len(claimed), type(error).__name__)
        logger.debug("error together", exc_info=True)
        return let_go(claim)
    return let_go(claim) if any(way.failed for way in ways) else []


def let_go(claim: UUID) -> list[UUID]:
    """Give up a claim, ours or a dead worker's; returns what it held, to be tried alone."""
    held = Contribution.objects.filter(claim=claim, state__in=MOVING)
    with transaction.atomic():
        ids = list(held.select_for_update().order_by("id").values_list("id", flat=True))
        Contribution.objects.filter(id__in=ids).update(
            claim=None, lease_until=None, nudged_at=now()
        )
    return ids


def let_go_abandoned() -> list[tuple[UUID, str]]:
    """Give up the claims of workers that died on this machine; (id, stage) of what they held."""
    moving = Contribution.objects.filter(state__in=MOVING).exclude(claim=None)
    claims = [each for each in moving.values_list("claim", flat=True).distinct() if each]
    left = [each for claim in claims if lease.is_abandoned(claim) for each in let_go(claim)]
    return list(Contribution.objects.filter(id__in=left).values_list("id", "stage"))


def _claim(contribution_id: UUID, claim: UUID, limit: int) -> list[Contribution]:
    """What waits for the same version of the call, the earliest first, held under the claim."""
    moment = now()
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [contribution_id, limit, claim, moment + lease.until(), moment])
        taken = [held_id for (held_id,) in cursor.fetchall()]
    if not taken:
        return []
    found = list(
        Contribution.objects.filter(id__in=taken)
        .select_related("source")
        .order_by("submitted_at", "id")
    )
    version_of_all = _version(found[0].call_version_id)
    for each in found:
        each.call, each.call_version = version_of_all.call, version_of_all
    return found


@lru_cache(maxsize=VERSIONS_KEPT)
def _version(version_id: UUID) -> CallVersion:
    """A version with its call and references. What a contribution was made under stands as it is:
    of all that may change, the state of the version, no stage asks.
    """
    return (
        CallVersion.objects.select_related("call").prefetch_related("references").get(id=version_id)
    )


def _read(ways: Sequence[_Way]) -> None:
    """Consent, then decoding."""
    with each_party_asked_once():
        for way in ways:
            with _alone(way):
                way.over = end_withdrawn_consent(way.contribution)
            if way.goes_on:
                with _alone(way):
                    _advance(way, Stage.DECODE)


def _scan(ways: Sequence[_Way]) -> None:
    """The privacy gate, after one look over the cells of all."""
    started_at = now()
    read = [way for way in ways if way.goes_on]
    looks = worth_reading_of([privacy.cells_of(way.contribution) for way in read])
    for way, worth in zip(read, looks, strict=True):
        with _alone(way):
            settled = privacy.scanned(way.contribution, worth)
            way.passage.advance(STEPS[Stage.PRIVACY], settled, started_at)


def _advance(way: _Way, stage: Stage) -> None:
    started_at, step = now(), STEPS[stage]
    settle = step.work(way.contribution)
    way.passage.advance(step, settle(way.contribution), started_at)
    if stage == Stage.DECODE:
        way.form = form_of(way.passage.runs[-1].counts)


def _judge(ways: Sequence[_Way]) -> None:
    """One run of the engine for all; a feed's push is compared with the push before it."""
    from contributions.quality.together import run_together

    started_at = now()
    typed: list[tuple[_Way, quality.Typed]] = []
    for way in ways:
        if way.goes_on:
            with _alone(way):
                typed.append((way, quality.typed_records(way.contribution)))
    version = ways[0].contribution.call_version
    judged = run_together(
        [each.frame for _way, each in typed],
        checks=version.document["checks"],
        suite_id=version.sha256,
    )
    earlier: dict[UUID, Document | None] = {}
    for (way, each), verdicts in zip(typed, judged, strict=True):
        with _alone(way):
            party = way.contribution.party_id
            if party not in earlier:
                earlier[party] = earlier_push(way.contribution)
            settled = quality.concluded(
                way.contribution, each, verdicts, earlier=earlier[party], form=way.form
            )
            way.passage.advance(STEPS[Stage.QUALITY], settled, started_at)
            if settled.ending is None:
                earlier[party] = settled.counts["description"]


def _find_repeats(ways: Sequence[_Way]) -> None:
    for way in ways:
        if way.goes_on:
            with _alone(way):
                way.repeats = STEPS[Stage.DUPLICATES].work(way.contribution)


def _settle(ways: Sequence[_Way], claim: UUID) -> None:
    """What depends on others, and everything that was found, in one transaction."""
    left = [way for way in ways if not way.failed and not way.over]
    if not left:
        return
    try:
        with transaction.atomic():
            if any(way.goes_on for way in left):
                hold(left[0].contribution.call_id)
            locked = Contribution.objects.select_for_update().filter(
                claim=claim, state=State.CHECKING
            )
            held = set(locked.order_by("id").values_list("id", flat=True))
            settling = [way for way in left if way.contribution.id in held]
            with each_party_asked_once():
                for way in settling:
                    _count(way)
            passages = [way.passage for way in settling]
            write(passages)
            for passage in passages:
                if passage.ending is not None:
                    end(passage.contribution.id, passage.ending, claim=claim)
    except BaseException:
        for way in left:
            way.passage.discard()
        raise


def _count(way: _Way) -> None:
    """Repeats of other contributions, then the strata: both look at what is settled already."""
    if not way.goes_on or way.repeats is None:
        return
    started_at = now()
    settled = way.repeats(way.contribution)
    way.passage.advance(STEPS[Stage.DUPLICATES], settled, started_at)
    try:
        _advance(way, Stage.REPRESENTATIVENESS)
    except Ending as ending:
        way.passage.ending = ending


@contextmanager
def _alone(way: _Way) -> Iterator[None]:
    """What happens to one contribution concerns no other."""
    try:
        yield
    except Ending as ending:
        way.passage.ending = ending
    except DatabaseError:
        raise
    except Exception as error:
        logger.error("%s among others: %s", way.contribution.receipt, type(error).__name__)
        logger.debug("error of one", exc_info=True)
        way.failed = True
