"""Committing to a seed and drawing with it (governance.cases.sampling says how and why)."""

from __future__ import annotations

from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from dure.accounts.acting import Actor
from dure.core import clock, outbox
from dure.core.canonical import Json, canonical_hash
from dure.core.ids import new_id
from dure.core.problems import FieldError
from governance.cases import sampling
from governance.cases.access import case_for, mandate_end, open_case_for
from governance.cases.problems import (
    SAMPLE_UNFIT,
    SAMPLE_UNKNOWN,
    SAMPLE_WAITS,
    SEED_OTHER,
)
from governance.cases.services import SHA256
from governance.log import merkle
from governance.log.selectors import log_index
from governance.log.services import record
from governance.models import AuditCase, AuditSample, LogCheckpoint, SampleDrawing
from governance.registries import Population, audit_populations

SAMPLE_SIZE_MAX = 500


def population_root(items: tuple[str, ...]) -> str:
    """The Merkle root (RFC 6962) over the identifiers as UTF-8, in the order of their bytes."""
    leaves = sorted(item.encode() for item in items)
    return merkle.root([merkle.leaf_hash(leaf) for leaf in leaves]).hex()


def population_for(acting: Actor, kind: str, population_id: str) -> Population | None:
    """A population that the auditor's mandate covers; None for any other."""
    find = audit_populations.get(kind)
    found = find(population_id) if find is not None else None
    if found is None or (found.call and mandate_end(acting, found.call) is None):
        return None
    return found


@transaction.atomic
def commit_sample(
    *,
    acting: Actor,
    case: AuditCase,
    population_kind: str,
    population_id: str,
    size: int,
    seed_sha256: str = "",
    seed: str = "",
) -> AuditSample:
    """States what is drawn from, and the hash of the seed.

    Give ``seed_sha256``, or ``seed`` where nothing is at hand to hash it: then the city has seen
    it, keeps the hash alone, and the log says so. Raises SAMPLE_UNFIT and what ``case_for`` raises.
    """
    found = open_case_for(acting, case.id)
    population = population_for(acting, population_kind, population_id)
    typed = bool(seed) and not seed_sha256
    if typed and sampling.SEED.fullmatch(seed):
        seed_sha256 = sampling.seed_hash(seed)
    digest = seed_sha256.strip().lower()
    errors = []
    if population is None or not population.items:
        errors.append(FieldError("population", _("Choose what is drawn from.")))
    most = min(len(population.items), SAMPLE_SIZE_MAX) if population else SAMPLE_SIZE_MAX
    if not 0 < size <= most:
        advice = _("Draw from 1 to %(most)s.") % {"most": most}
        errors.append(FieldError("size", advice))
    if SHA256.fullmatch(digest) is None:
        errors.append(
            FieldError("seed", _("A seed has 22 to 128 letters and digits of base64url."))
            if typed
            else FieldError("seed_sha256", _("A hash has 64 digits from 0 to f."))
        )
    elif AuditSample.objects.filter(seed_sha256=digest).exists():
        errors.append(FieldError("seed_sha256", _("This seed was used before. Take a new one.")))
    if errors or population is None:
        raise SAMPLE_UNFIT.problem(errors=errors)
    root, sample_id = population_root(population.items), new_id()
    payload: dict[str, Json] = {
        "sample": str(sample_id),
        "case": str(case.id),
        "population": f"{population_kind}:{population_id}",
        "population_root": root,
        "population_size": len(population.items),
        "size": size,
        "seed_sha256": digest,
        "seed_typed": typed,
    }
    entry = record(kind="sample.committed", acting=acting, subject=None, payload=payload)
    outbox.publish(kind="sample.committed", subject=str(sample_id), payload=payload)
    return AuditSample.objects.create(
        id=sample_id,
        case=found,
        population_kind=population_kind,
        population_id=population_id,
        population_size=len(population.items),
        population_root=root,
        size=size,
        seed_sha256=digest,
        seed_typed=typed,
        committed_at=entry.recorded_at,
        log_entry=entry,
    )


def sample_for(acting: Actor, sample_id: UUID) -> AuditSample:
    """A sample of one of the auditor's own cases; raises SAMPLE_UNKNOWN and as ``case_for``."""
    person = acting.require_person()
    samples = AuditSample.objects.select_related("drawing", "log_entry__place")
    found = samples.filter(id=sample_id, case__auditor=person).first()
    if found is None:
        raise SAMPLE_UNKNOWN.problem()
    found.case = case_for(acting, found.case_id)
    return found


def joined_head(sample: AuditSample) -> LogCheckpoint | None:
    """The first signed head that holds the commitment; None until there is one."""
    index = log_index(sample.log_entry_id)
    if index is None:
        return None
    return LogCheckpoint.objects.filter(size__gt=index).order_by("size").first()


def is_drawn(sample: AuditSample) -> bool:
    """Whether its seed is public."""
    try:
        return bool(sample.drawing)
    except SampleDrawing.DoesNotExist:
        return False


@transaction.atomic
def draw_sample(*, acting: Actor, sample: AuditSample, seed: str) -> SampleDrawing:
    """Makes the seed public and draws; again changes nothing.

    Raises SEED_OTHER, SAMPLE_WAITS until the log has signed the commitment, SAMPLE_UNFIT if the
    population is not what it was, and what ``sample_for`` raises.
    """
    with connection.cursor() as cursor:
        # Of two requests at once the second finds the drawing of the first.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(sample.id)])
    found = sample_for(acting, sample.id)
    if is_drawn(found):
        return found.drawing
    open_case_for(acting, found.case_id)
    if sampling.SEED.fullmatch(seed) is None or sampling.seed_hash(seed) != found.seed_sha256:
        raise SEED_OTHER.problem(errors=[FieldError("seed", SEED_OTHER.title)])
    head = joined_head(found)
    if head is None:
        raise SAMPLE_WAITS.problem()
    population = population_for(acting, found.population_kind, found.population_id)
    if population is None or population_root(population.items) != found.population_root:
        raise SAMPLE_UNFIT.problem(_("The population is not what it was when you committed."))
    key = sampling.key_of(
        seed,
        checkpoint_root=bytes(head.root).hex(),
        population_root=found.population_root,
        size=found.size,
    )
    drawn = sampling.draw(population.items, size=found.size, key=key)
    payload: dict[str, Json] = {
        "sample": str(found.id),
        "seed": seed,
        "checkpoint_size": head.size,
        "checkpoint_root": bytes(head.root).hex(),
        "drawn_sha256": canonical_hash(list(drawn)),
    }
    entry = record(kind="sample.drawn", acting=acting, subject=None, payload=payload)
    outbox.publish(kind="sample.drawn", subject=str(found.id), payload=payload)
    return SampleDrawing.objects.create(
        sample=found,
        seed=seed,
        checkpoint_size=head.size,
        checkpoint_root=bytes(head.root).hex(),
        items=drawn,
        drawn_at=clock.now(),
        log_entry=entry,
    )


def sample_document(sample: AuditSample) -> dict[str, Json]:
    """Everything to draw it again with, but the population itself, which stands in public."""
    drawing = sample.drawing if is_drawn(sample) else None
    return {
        "format": sampling.FORMAT,
        "sample": str(sample.id),
        "population": f"{sample.population_kind}:{sample.population_id}",
        "population_size": sample.population_size,
        "population_root": sample.population_root,
        "size": sample.size,
        "seed_sha256": sample.seed_sha256,
        "seed_typed": sample.seed_typed,
        "committed_at": clock.rfc3339(sample.committed_at),
        "committed_log_index": log_index(sample.log_entry_id),
        "seed": drawing.seed if drawing else None,
        "checkpoint_size": drawing.checkpoint_size if drawing else None,
        "checkpoint_root": drawing.checkpoint_root if drawing else None,
        "drawn": list(drawing.items) if drawing else None,
        "drawn_log_index": log_index(drawing.log_entry_id) if drawing else None,
    }
