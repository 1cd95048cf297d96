"""Publishing transparency reports: computed from the records, hashed, signed, logged."""

from __future__ import annotations

from typing import cast

from django.db import connection, transaction

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core import clock, outbox
from dure.core.canonical import Json, canonical_bytes, sha256_hex
from governance.algorithms.services import record_algorithms
from governance.log import keys
from governance.log.services import record
from governance.models import Report
from governance.reports.periods import Period
from governance.reports.problems import PERIOD_UNFIT
from governance.reports.selectors import compute_document, content_hash


@transaction.atomic
def publish_report(*, acting: Actor, period: str) -> Report:
    """Computes and publishes the report of a period such as ``2026-q4``.

    With unchanged figures the edition that is there is answered; otherwise a new edition stands
    beside the earlier ones, which stay. Persons need the role operator. Raises the problem
    PERIOD_UNFIT for what is not a period or has not begun.
    """
    if acting.person is not None or not acting.ref.startswith("system:"):
        acting.require(Role.OPERATOR)
    quarter = _begun(period)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"report|{period}"]
        )
    record_algorithms(acting=acting)
    latest = Report.objects.filter(period=period).order_by("-edition").first()
    edition = 1 if latest is None else latest.edition + 1
    document = compute_document(quarter, edition=edition)
    if latest is not None and content_hash(document) == content_hash(latest.document):
        return latest
    body = canonical_bytes(cast("Json", document))  # a TypedDict of JSON values
    digest = sha256_hex(body)
    entry = record(
        kind="report.published",
        acting=acting,
        subject=None,
        payload={"period": period, "edition": edition, "sha256": digest},
    )
    report = Report.objects.create(
        period=period,
        edition=edition,
        body=body,
        sha256=digest,
        signature=keys.sign_document(body),
        published_at=entry.recorded_at,
        log_entry=entry,
    )
    outbox.publish(
        kind="report.published",
        subject=period,
        payload={"period": period, "edition": edition, "sha256": digest},
    )
    return report


def _begun(period: str) -> Period:
    try:
        quarter = Period.of(period)
    except ValueError:
        raise PERIOD_UNFIT.problem() from None
    if quarter.start > clock.now():
        raise PERIOD_UNFIT.problem()
    return quarter
