"""What governance itself adds to a transparency report: consent and the log."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, F, Q

from governance.models import ConsentEvent, ConsentState, LogEntry, Notice
from governance.reports.documents import SectionDocument, figure, person_figure, person_table
from governance.reports.periods import Period


def consent_section(period: Period) -> SectionDocument:
    """How many persons agreed, refused and withdrew in the period, purpose by purpose."""
    events = ConsentEvent.objects.filter(
        decided_at__gte=period.start,
        decided_at__lt=period.end,
        consent__party__kind="person",
    )

    def persons(state: ConsentState) -> Count:
        return Count("consent__party", filter=Q(state=state), distinct=True)

    counts = {
        "given": persons(ConsentState.GIVEN),
        "refused": persons(ConsentState.REFUSED),
        "withdrawn": persons(ConsentState.WITHDRAWN),
    }
    totals = events.aggregate(**counts)
    by_purpose = (
        events.values(call=F("consent__notice__scope"), purpose=F("consent__notice__purpose"))
        .annotate(**counts)
        .order_by("call", "purpose")
    )
    rows: list[dict[str, Any]] = [  # the columns of the query, text and whole numbers
        dict(zip(("call", "purpose", *counts), row, strict=True))
        for row in by_purpose.values_list("call", "purpose", *counts)
    ]
    labels = {
        "given": {"ko": "동의한 사람", "en": "Persons who agreed"},
        "refused": {"ko": "거부한 사람", "en": "Persons who refused"},
        "withdrawn": {"ko": "철회한 사람", "en": "Persons who withdrew"},
    }
    notices = Notice.objects.filter(
        published_at__gte=period.start, published_at__lt=period.end
    ).count()
    return {
        "key": "consent",
        "title": {"ko": "동의", "en": "Consent"},
        "figures": [
            figure(
                "notices", {"ko": "새로 게시한 고지", "en": "Notices published"}, notices, "notices"
            ),
            *(
                person_figure(key, labels[key], totals[key], parts=[row[key] for row in rows])
                for key in counts
            ),
        ],
        "tables": [
            person_table(
                "by-purpose",
                {"ko": "목적별 결정", "en": "Decisions by purpose"},
                [
                    ("call", {"ko": "모집", "en": "Call"}),
                    ("purpose", {"ko": "목적", "en": "Purpose"}),
                    *((key, labels[key]) for key in counts),
                ],
                rows,
                counts=list(counts),
            )
        ],
    }


def log_section(period: Period) -> SectionDocument:
    """How much was recorded in the period.

    Entries about reports are left out, so that publishing a report does not change it.
    """
    within = {"recorded_at__gte": period.start, "recorded_at__lt": period.end}
    entries = LogEntry.objects.filter(**within).exclude(kind="report.published").count()
    by_kind = (
        LogEntry.objects.filter(**within)
        .exclude(kind="report.published")
        .values("kind")
        .annotate(entries=Count("id"))
    )
    return {
        "key": "log",
        "title": {"ko": "기록부", "en": "Log"},
        "figures": [
            figure("entries", {"ko": "기록 건수", "en": "Entries recorded"}, entries, "entries"),
            figure(
                "kinds",
                {"ko": "기록된 사건의 종류", "en": "Kinds of events recorded"},
                by_kind.count(),
                "kinds",
            ),
        ],
        "tables": [],
    }
