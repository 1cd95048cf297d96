"""What governance itself answers when a report, an integrity check or an erasure asks."""

from __future__ import annotations

from uuid import UUID

from dure.core import health
from governance import integrity, registries, report
from governance.audits.counts import disclosure_of_counts
from governance.cases import subjects
from governance.cases.selectors import findings_check
from governance.erasure.services import readiness
from governance.holder import GovernanceHolder
from governance.log.selectors import anchor_obstacle
from governance.rights import appeals
from governance.rights.account import AccountHolder

DISCLOSURE_CONTROL = registries.AlgorithmEntry(
    id="disclosure-control",
    name={"ko": "통계 노출 방지", "en": "Disclosure control"},
    purpose={
        "ko": "공개하는 통계에서 특정 개인을 알아낼 수 없게 합니다.",
        "en": "Keeps published statistics from telling anything about a single person.",
    },
    version="1",
    modules=(
        "governance.reports.disclosure",
        "governance.reports.documents",
        "governance.reports.differencing",
        "governance.reports.subtracting",
        "governance.reports.trend",
    ),
    how={
        "ko": "1명에서 4명 사이의 인원수는 가립니다. 합계에서 빼어 알아낼 수 있는 경우에는 "
        "그다음으로 작은 수도 함께 가립니다. 두 목적, 두 판, 이어지는 분기를 서로 빼어 "
        "소수의 인원을 알아낼 수 있는 수도 가립니다. 0은 그대로 공개합니다.",
        "en": "A count of one to four persons is hidden. Where it could be found by subtracting "
        "from a total, the next smallest count is hidden as well; and so is what would tell of a "
        "few by subtracting two purposes, two editions or quarters in a row. Zero is published "
        "as it is.",
    },
    data={
        "ko": "보고서에 쓰이는 인원수만 사용합니다.",
        "en": "Only the counts of persons that appear in a report.",
    },
    human_oversight={
        "ko": "보고서는 담당자가 발행하며, 가린 칸은 표시됩니다.",
        "en": "A report is published by an operator, and hidden cells are marked.",
    },
    automated=True,
    risks={
        "ko": "공개한 수에서 개인을 알아낼 수 있거나, 너무 많이 가려 보고서가 쓸모없어질 수 "
        "있습니다. 보고서마다 빼기로 알아낼 수 있는지 검사하고, 가린 칸을 표시하며, 감사에서 다시 "
        "확인합니다.",
        "en": "A single person could be worked out from published counts, or so much could be "
        "hidden that a report says little. Every report is checked by subtraction, hidden cells "
        "are marked, and audits repeat the check.",
    },
    legal_basis={
        "ko": "개인정보 보호법 제3조(개인정보 보호 원칙)",
        "en": "Personal Information Protection Act, art. 3 (principles)",
    },
    in_use_since="2026-11",
)


def _is_algorithm(party_id: UUID, algorithm_id: str) -> bool:
    """An algorithm decides about everybody, so that everybody may object to it."""
    return any(entry.id == algorithm_id for _, entry in registries.algorithms.items())


def register() -> None:
    """Called once, when the application starts."""
    health.readiness.register("erasures", readiness)
    health.readiness.register("log", anchor_obstacle)
    registries.report_sections.register("consent", report.consent_section)
    registries.report_sections.register("log", report.log_section)
    registries.integrity_checks.register("log", integrity.log_check)
    registries.integrity_checks.register("outbox", integrity.outbox_check)
    registries.data_holders.register("account", AccountHolder())
    registries.data_holders.register("governance", GovernanceHolder())
    registries.algorithms.register(DISCLOSURE_CONTROL.id, DISCLOSURE_CONTROL)
    registries.audit_sources.register(DISCLOSURE_CONTROL.id, disclosure_of_counts)
    registries.decision_subjects.register("algorithm", _is_algorithm)
    registries.decision_subjects.register(appeals.SUBJECT, appeals.is_own_refusal)
    registries.decision_makers.register(appeals.SUBJECT, appeals.who_answered)
    registries.integrity_checks.register("rights", integrity.rights_check)
    registries.integrity_checks.register("findings", findings_check)
    registries.audit_subjects.register("algorithm", subjects.algorithm_subject)
    registries.audit_populations.register("entries", subjects.log_entries)
