"""What this room adds to a transparency report: contributions by call, and whom the data covers."""

from __future__ import annotations

from fractions import Fraction

from django.db.models import Count, Q, QuerySet, Sum

from contributions.models import Call, Contribution, State
from contributions.representativeness import indices
from contributions.selectors.calls import references_of, share_text, stocks
from contributions.strata_labels import dimension_label
from governance.reports.documents import (
    MASS,
    SHARE,
    SectionDocument,
    Table,
    figure,
    person_figure,
    table,
    total_of,
)
from governance.reports.periods import Period

STATE_LABELS = {
    State.ACCEPTED: {"ko": "인정", "en": "Accepted"},
    State.RETURNED: {"ko": "보완 요청", "en": "Returned"},
    State.REJECTED: {"ko": "거절", "en": "Refused"},
    State.WITHDRAWN: {"ko": "철회", "en": "Withdrawn"},
    State.FAILED: {"ko": "처리 실패", "en": "Failed"},
}
#: Key of the column of contributions that no decision has been made about yet.
UNDER_WAY = "under_way"
RECORDS = "records"
RECORD_LABELS = {
    "accepted": {"ko": "인정된 기록", "en": "Records accepted"},
    "quarantined": {"ko": "제외된 기록", "en": "Records set aside"},
    "duplicate": {"ko": "중복 기록", "en": "Duplicate records"},
}
_NOTES = (
    {
        "ko": "제외된 기록은 모집의 중대한 점검 규칙을 어긴 줄이고, 중복은 이미 낸 줄과 같은 "
        "줄입니다. 어느 줄이 왜 빠졌는지는 낸 사람에게 알려 드립니다.",
        "en": "Records set aside broke a critical check of their call; duplicates are the same as "
        "records that were there before. Whoever sent them is told which rows and why.",
    },
    {
        "ko": "포괄 비율은 기록이 한 건이라도 있는 계층에 사는 인구의 비율입니다. 목표를 얼마나 "
        "채웠는지는 나타내지 않습니다. 총변동거리는 자료와 인구의 구성이 얼마나 다른지를 "
        "나타내며, 0%이면 같고 100%이면 전혀 겹치지 않습니다.",
        "en": "Population reached is the share of the population that lives in strata with at "
        "least one record; it does not say how far their targets are reached. Total variation "
        "distance says how much the make-up of the data differs from the population's: 0% is the "
        "same, 100% is nothing in common.",
    },
)


def contributions_section(period: Period) -> SectionDocument:
    """Contributions submitted in the period by state and call, and the coverage of each call."""
    submitted = Contribution.objects.filter(
        submitted_at__gte=period.start, submitted_at__lt=period.end, test=False
    )
    totals = submitted.aggregate(
        contributions=Count("id"),
        people=Count("party", filter=Q(party__kind="person"), distinct=True),
        organisations=Count("party", filter=Q(party__kind="organisation"), distinct=True),
        **{name: Sum(name) for name in RECORD_LABELS},
    )
    return {
        "key": "contributions",
        "title": {"ko": "기여", "en": "Contributions"},
        "figures": [
            figure(
                "contributions",
                {"ko": "접수된 기여", "en": "Contributions received"},
                totals["contributions"],
                "contributions",
                recompute=total_of("by-state", *STATE_LABELS, UNDER_WAY),
            ),
            person_figure(
                "contributors",
                {"ko": "기여한 사람", "en": "People who contributed"},
                totals["people"],
            ),
            figure(
                "organisations",
                {"ko": "기여한 기관·기업", "en": "Organisations that contributed"},
                totals["organisations"],
                "organisations",
            ),
            *(
                figure(
                    name,
                    label,
                    totals[name] or 0,
                    RECORDS,
                    recompute=total_of("records", name),
                )
                for name, label in RECORD_LABELS.items()
            ),
        ],
        "tables": [_states(submitted), _records(submitted), _coverage()],
        "notes": list(_NOTES),
    }


def _states(submitted: QuerySet[Contribution]) -> Table:
    under_way = Count("id", filter=~Q(state__in=list(STATE_LABELS)))
    rows = (
        submitted.values_list("call__slug")
        .annotate(
            **{state.value: Count("id", filter=Q(state=state)) for state in STATE_LABELS},
            **{UNDER_WAY: under_way},
        )
        .order_by("call__slug")
    )
    made = table(
        "by-state",
        {"ko": "모집별 처리 결과", "en": "Outcomes by call"},
        [
            ("call", {"ko": "모집", "en": "Call"}),
            *((state.value, label) for state, label in STATE_LABELS.items()),
            (UNDER_WAY, {"ko": "처리 중", "en": "Under way"}),
        ],
        [
            {"call": slug, **dict(zip((*STATE_LABELS, UNDER_WAY), counts, strict=True))}
            for slug, *counts in rows
        ],
    )
    return {**made, "chart": State.ACCEPTED.value}


def _records(submitted: QuerySet[Contribution]) -> Table:
    rows = (
        submitted.values_list("call__slug")
        .annotate(**{name: Sum(name) for name in RECORD_LABELS})
        .order_by("call__slug")
    )
    made = table(
        "records",
        {"ko": "모집별 기록", "en": "Records by call"},
        [("call", {"ko": "모집", "en": "Call"}), *RECORD_LABELS.items()],
        [
            {"call": slug, **{n: c or 0 for n, c in zip(RECORD_LABELS, counts, strict=True)}}
            for slug, *counts in rows
        ],
    )
    return {**made, "chart": "accepted"}


def _coverage() -> Table:
    """Representativeness of the whole stock of each call: shares as decimal strings."""
    calls = list(
        Call.objects.filter(published__isnull=False)
        .select_related("published")
        .prefetch_related("published__references")
        .order_by("slug")
    )
    stock = stocks(call.id for call in calls)
    rows: list[dict[str, str | int]] = []
    for call in calls:
        assert call.published is not None, "the query asks for it"
        references = references_of(call.published)
        for part in call.published.document["strata"]:
            dimension = part["dimension"]
            reference = references[part["reference"]].dimensions[dimension]
            measured = indices(stock.get(call.id, {}).get(dimension, {}), reference)
            rows.append(
                {
                    "call": call.slug,
                    "dimension": dimension,
                    "coverage": share_text(measured.coverage),
                    "distance": share_text(
                        measured.tvd if measured.tvd is not None else Fraction(1)
                    ),
                    "empty": len(measured.empty),
                    "effective": measured.effective_mass,
                }
            )
    made = table(
        "coverage",
        {"ko": "대표성", "en": "Representativeness"},
        [
            ("call", {"ko": "모집", "en": "Call"}),
            ("dimension", {"ko": "구분", "en": "Dimension"}),
            ("coverage", {"ko": "포괄 비율", "en": "Population reached"}),
            ("distance", {"ko": "총변동거리", "en": "Total variation distance"}),
            ("empty", {"ko": "비어 있는 계층", "en": "Empty strata"}),
            ("effective", {"ko": "유효 자료량(건)", "en": "Effective records"}),
        ],
        rows,
        units={"coverage": SHARE, "distance": SHARE, "effective": MASS},
    )
    dimensions = sorted({str(row["dimension"]) for row in rows})
    words = {name: dict(dimension_label(name)) for name in dimensions}
    return {**made, "words": {"dimension": words}, "chart": "coverage"}
