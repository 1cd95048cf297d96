"""What governance itself adds to a transparency report: consent and the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.db.models import Count, F, Q

from dure.core.language import in_both
from governance.consent.purpose_words import purpose_label
from governance.log.kind_words import kind_text
from governance.models import ConsentEvent, ConsentState, LogEntry, Notice
from governance.reports.documents import (
    SectionDocument,
    Texts,
    figure,
    person_figure,
    person_table,
    table,
)
from governance.reports.periods import Period
from governance.reports.subtracting import apart_in_groups, rest_apart


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
    notices = Notice.objects.filter(
        published_at__gte=period.start, published_at__lt=period.end
    ).count()
    words = purpose_words(str(row["purpose"]) for row in rows)
    return protected_consent(period, consent_document(rows, totals, notices, words))


def purpose_words(purposes: Iterable[str]) -> dict[str, Texts]:
    """What purposes are called: by name, or by the first sentence of their newest notice."""
    wanted = sorted(set(purposes))
    newest = (
        Notice.objects.filter(purpose__in=wanted)
        .order_by("purpose", "-published_at", "-id")
        .distinct("purpose")
        .values_list("purpose", "text")
    )
    texts: dict[str, Texts] = dict(newest)
    return {
        purpose: in_both(partial(purpose_label, purpose, texts.get(purpose, {})))
        for purpose in wanted
    }


def consent_document(
    rows: Sequence[Mapping[str, Any]],
    totals: Mapping[str, int],
    notices: int,
    purposes: Mapping[str, Texts] | None = None,
) -> SectionDocument:
    """The section of counts of persons: ``rows`` by call and purpose, ``totals`` once each. Pure.

    ``purposes`` says what each purpose is called. Any: the columns of a row, text and whole
    numbers.
    """
    labels = {
        "given": {"ko": "동의한 사람", "en": "Persons who agreed"},
        "refused": {"ko": "거부한 사람", "en": "Persons who refused"},
        "withdrawn": {"ko": "철회한 사람", "en": "Persons who withdrew"},
    }
    by_purpose = person_table(
        "by-purpose",
        {"ko": "목적별 결정", "en": "Decisions by purpose"},
        [
            ("call", {"ko": "모집", "en": "Call"}),
            ("purpose", {"ko": "목적", "en": "Purpose"}),
            *labels.items(),
        ],
        rows,
        counts=list(labels),
    )
    return {
        "key": "consent",
        "title": {"ko": "동의", "en": "Consent"},
        "figures": [
            figure(
                "notices", {"ko": "새로 게시한 고지", "en": "Notices published"}, notices, "notices"
            ),
            *(
                person_figure(key, labels[key], totals[key], parts=[row[key] for row in rows])
                for key in labels
            ),
        ],
        "tables": [{**by_purpose, "words": {"purpose": dict(purposes or {})}}],
        "notes": [
            {
                "ko": "한 사람이 여러 목적에 동의하면 목적별 표에서는 목적마다, 위의 수에서는 "
                "한 번만 셉니다.",
                "en": "Whoever agreed to several purposes counts in each line of the table, and "
                "once in the figure above.",
            }
        ],
    }


def protected_consent(period: Period, section: SectionDocument) -> SectionDocument:
    """The section without what a reader finds by subtracting purposes, or quarters in a row. Pure.

    The newest edition of each other quarter is what a reader has beside it.
    """
    grouped: SectionDocument = {
        **section,
        "tables": [
            apart_in_groups(made, group="call", agreed="given", refused="refused")
            for made in section["tables"]
        ],
    }
    others = {
        edition.period: said
        for edition in period.editions
        if edition.period != period.key
        for said in edition.sections
        if said["key"] == section["key"]
    }
    return rest_apart(
        grouped,
        period.key,
        others,
        table="by-purpose",
        named=("call", "purpose"),
        came="given",
        went="withdrawn",
    )


def log_section(period: Period) -> SectionDocument:
    """How much was recorded in the period, kind by kind: whoever has the log counts it again.

    Only entries that have a place in the log count, and none about reports, so that publishing a
    report does not change it.
    """
    entries = LogEntry.objects.filter(
        recorded_at__gte=period.start, recorded_at__lt=period.end, place__isnull=False
    ).exclude(kind="report.published")
    if period.log_size is not None:
        entries = entries.filter(place__index__lt=period.log_size)
    counted = entries.values_list("kind").annotate(entries=Count("id")).order_by("-entries", "kind")
    by_kind: list[tuple[str, int]] = list(counted)
    return {
        "key": "log",
        "title": {"ko": "기록부", "en": "Log"},
        "figures": [
            figure(
                "entries",
                {"ko": "기록 건수", "en": "Entries recorded"},
                sum(count for _kind, count in by_kind),
                "entries",
                recompute={"rule": "log"},
            ),
            figure(
                "kinds",
                {"ko": "기록된 사건의 종류", "en": "Kinds of events recorded"},
                len(by_kind),
                "kinds",
                recompute={"rule": "kinds"},
            ),
        ],
        "tables": [
            {
                **table(
                    "by-kind",
                    {"ko": "사건 종류별 기록", "en": "Entries by kind of event"},
                    [
                        ("kind", {"ko": "사건", "en": "Event"}),
                        ("entries", {"ko": "건수", "en": "Entries"}),
                    ],
                    [{"kind": kind, "entries": count} for kind, count in by_kind],
                ),
                "words": {"kind": {kind: in_both(partial(kind_text, kind)) for kind, _ in by_kind}},
                "recompute": {"rule": "log"},
            }
        ],
        "notes": [
            {
                "ko": "기록부의 줄에는 이름이 없고, 누구나 내려받아 다시 셀 수 있습니다. 보고서 "
                "발행을 적은 줄은 세지 않습니다.",
                "en": "Lines of the log name nobody, and anybody can download and count them. "
                "Lines about publishing reports are left out.",
            }
        ],
    }
