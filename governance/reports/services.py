"""Publishing transparency reports: computed from the records, hashed, signed, logged.

An edition is a row and its files, written once. Another edition supersedes it and stands beside
it; nothing that was published is ever replaced.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, cast

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core import clock, outbox
from dure.core.canonical import Json, canonical_bytes, sha256_hex
from governance.algorithms.services import record_algorithms
from governance.log import keys
from governance.log.services import record, sequence
from governance.models import Report, ReportFile
from governance.reports.compute import ReportDocument, compute_document, content_hash
from governance.reports.html_form import report_html
from governance.reports.package_form import (
    DESCRIPTOR,
    PackedFile,
    descriptor,
    long_file,
    table_files,
)
from governance.reports.pdf_form import report_pdf
from governance.reports.periods import Period
from governance.reports.problems import CORRECTION_TOO_LONG, PERIOD_UNFIT
from governance.reports.selectors import report_before

PACKAGE_FORMAT: Final = "dure-report-package/1"
LANGUAGES: Final = ("ko", "en")
CORRECTION_MOST: Final = 500
ATTEMPTS: Final = 3


def publish_report(*, acting: Actor, period: str, correction: str = "") -> Report:
    """Computes and publishes the report of a period such as ``2026-q4``.

    With unchanged figures the edition that is there is answered; otherwise a new edition stands
    beside the earlier ones, which stay; ``correction`` says why, in at most 500 characters.
    Persons need the role operator. Raises the problems PERIOD_UNFIT for what is not a period or
    has not begun, and CORRECTION_TOO_LONG.
    """
    if acting.person is not None or not acting.ref.startswith("system:"):
        acting.require(Role.OPERATOR)
    quarter = _begun(period)
    if len(correction) > CORRECTION_MOST:
        raise CORRECTION_TOO_LONG.problem()
    record_algorithms(acting=acting)
    # What is counted out of the log is counted up to a place; what happened before has one.
    sequence()
    for _attempt in range(ATTEMPTS - 1):
        try:
            return _publish(acting, quarter, correction.strip())
        except IntegrityError:
            # Somebody published this edition after our snapshot was taken: look at it anew.
            if connection.in_atomic_block:
                raise
    return _publish(acting, quarter, correction.strip())


@contextmanager
def one_snapshot() -> Iterator[None]:
    """A transaction in which everything is read as it was at one moment.

    So that no two figures of a report disagree because something happened between them. Within a
    transaction of the caller, which has read already, it is that one's snapshots.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


@one_snapshot()
def _publish(acting: Actor, quarter: Period, correction: str) -> Report:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"report|{quarter.key}"]
        )
    earlier = list(Report.objects.filter(period=quarter.key).order_by("edition"))
    document = compute_document(quarter, earlier=earlier, correction=correction)
    if earlier and content_hash(document) == content_hash(earlier[-1].document):
        return earlier[-1]
    body = canonical_bytes(cast("Json", document))  # a TypedDict of JSON values
    digest = sha256_hex(body)
    files = _files(document, body, digest)
    manifest = canonical_bytes(_manifest(document, files, earlier))
    manifest_digest = sha256_hex(manifest)
    payload: dict[str, Json] = {
        "period": quarter.key,
        "edition": document["edition"],
        "sha256": digest,
        "manifest_sha256": manifest_digest,
    }
    entry = record(kind="report.published", acting=acting, subject=None, payload=payload)
    report = Report.objects.create(
        period=quarter.key,
        edition=document["edition"],
        body=body,
        sha256=digest,
        signature=keys.sign_document(body),
        manifest=manifest,
        manifest_sha256=manifest_digest,
        manifest_signature=keys.sign_document(manifest),
        published_at=entry.recorded_at,
        log_entry=entry,
    )
    ReportFile.objects.bulk_create(
        ReportFile(
            report=report,
            name=each.name,
            media_type=each.media_type,
            body=each.body,
            sha256=each.sha256,
        )
        for each in files
    )
    outbox.publish(kind="report.published", subject=quarter.key, payload=payload)
    return report


def _files(document: ReportDocument, body: bytes, digest: str) -> list[PackedFile]:
    """The report in every form; all hold the numbers of the same document."""
    previous = report_before(document["period"])
    files = [PackedFile("report.json", "application/json", body), long_file(document["sections"])]
    for language in LANGUAGES:
        for form, media_type, made in (
            ("pdf", "application/pdf", report_pdf),
            ("html", "text/html", report_html),
        ):
            shown = made(
                document,
                sha256=digest,
                language=language,
                previous=previous,
            )
            files.append(PackedFile(f"report.{language}.{form}", media_type, shown))
    files += table_files(document["sections"])
    described = canonical_bytes(descriptor(document, files, organisation=settings.ORGANISATION))
    return [*files, PackedFile(DESCRIPTOR, "application/json", described)]


def _manifest(
    document: ReportDocument, files: Sequence[PackedFile], earlier: Sequence[Report]
) -> dict[str, Json]:
    return {
        "format": PACKAGE_FORMAT,
        "period": document["period"],
        "edition": document["edition"],
        "supersedes": earlier[-1].sha256 if earlier else None,
        "files": [
            {
                "path": each.name,
                "media_type": each.media_type,
                "bytes": len(each.body),
                "sha256": each.sha256,
            }
            for each in files
        ],
    }


def _begun(period: str) -> Period:
    try:
        quarter = Period.of(period)
    except ValueError:
        raise PERIOD_UNFIT.problem() from None
    if quarter.start > clock.now():
        raise PERIOD_UNFIT.problem()
    return quarter
