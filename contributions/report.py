"""What this room adds to a transparency report: contributions by call, and whom the data covers."""

from __future__ import annotations

from fractions import Fraction

from django.db.models import Count, Q, Sum

from contributions.models import Call, Contribution, State
from contributions.representativeness import indices
from contributions.selectors.calls import references_of, share_text, stocks
from governance.reports.documents import SectionDocument, Table, figure, person_figure, table
from governance.reports.periods import Period

STATE_LABELS = {
    State.ACCEPTED: {"ko": "인정", "en": "Accepted"},
    State.RETURNED: {"ko": "반려", "en": "Returned"},
    State.REJECTED: {"ko": "거절", "en": "Rejected"},
    State.WITHDRAWN: {"ko": "철회", "en": "Withdrawn"},
    State.FAILED: {"ko": "처리 실패", "en": "Failed"},
}
RECORDS = "records"


def contributions_section(period: Period) -> SectionDocument:
    """Contributions submitted in the period by state and call, and the coverage of each call."""
    submitted = Contribution.objects.filter(
        submitted_at__gte=period.start, submitted_at__lt=period.end
    )
    totals = submitted.aggregate(
        contributions=Count("id"),
        people=Count("party", filter=Q(party__kind="person"), distinct=True),
        organisations=Count("party", filter=Q(party__kind="organisation"), distinct=True),
        accepted=Sum("accepted"),
        quarantined=Sum("quarantined"),
        duplicate=Sum("duplicate"),
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
            figure(
                "accepted",
                {"ko": "인정된 레코드", "en": "Records accepted"},
                totals["accepted"] or 0,
                RECORDS,
            ),
            figure(
                "quarantined",
                {"ko": "제외된 레코드", "en": "Records set aside"},
                totals["quarantined"] or 0,
                RECORDS,
            ),
            figure(
                "duplicate",
                {"ko": "중복 레코드", "en": "Duplicate records"},
                totals["duplicate"] or 0,
                RECORDS,
            ),
        ],
        "tables": [_states(period), _coverage()],
    }


def _states(period: Period) -> Table:
    rows = (
        Contribution.objects.filter(submitted_at__gte=period.start, submitted_at__lt=period.end)
        .values_list("call__slug")
        .annotate(**{state.value: Count("id", filter=Q(state=state)) for state in STATE_LABELS})
        .order_by("call__slug")
    )
    return table(
        "by-state",
        {"ko": "모집별 처리 결과", "en": "Outcomes by call"},
        [
            ("call", {"ko": "모집", "en": "Call"}),
            *((state.value, label) for state, label in STATE_LABELS.items()),
        ],
        [{"call": slug, **dict(zip(STATE_LABELS, counts, strict=True))} for slug, *counts in rows],
    )


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
    return table(
        "coverage",
        {"ko": "대표성", "en": "Representativeness"},
        [
            ("call", {"ko": "모집", "en": "Call"}),
            ("dimension", {"ko": "구분", "en": "Dimension"}),
            ("coverage", {"ko": "포괄 비율", "en": "Coverage"}),
            ("distance", {"ko": "총변동거리", "en": "Total variation distance"}),
            ("empty", {"ko": "비어 있는 계층", "en": "Empty strata"}),
            ("effective", {"ko": "유효 자료량(천분의 1건)", "en": "Effective mass (thousandths)"}),
        ],
        rows,
    )
