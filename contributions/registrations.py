"""What this room answers when governance asks: reports, integrity, personal data, algorithms."""

from __future__ import annotations

from uuid import UUID

from contributions import algorithms, integrity, report, webhook_news
from contributions.audits.sources import SOURCES
from contributions.examined import call_subject, holds_personal_data
from contributions.holder import ContributionsHolder
from contributions.releases.rescan import releases_check
from contributions.selectors import contributions_of
from contributions.totals import totals_check
from governance import registries


def _is_own_receipt(party_id: UUID, receipt: str) -> bool:
    """What was decided about a contribution concerns whoever made it."""
    return contributions_of([party_id]).filter(receipt=receipt).exists()


def register() -> None:
    """Called once, when the application starts."""
    webhook_news.register()
    registries.report_sections.register("contributions", report.contributions_section)
    registries.integrity_checks.register("contributions", integrity.contributions_check)
    registries.integrity_checks.register("photos", integrity.photos_check)
    registries.integrity_checks.register("releases", releases_check)
    registries.integrity_checks.register("totals", totals_check)
    registries.data_holders.register("contributions", ContributionsHolder())
    for entry in algorithms.ENTRIES:
        registries.algorithms.register(entry.id, entry)
    for algorithm, source in SOURCES.items():
        registries.audit_sources.register(algorithm, source)
    for decision in ("contribution", "reward"):
        registries.decision_subjects.register(decision, _is_own_receipt)
    registries.audit_subjects.register("call", call_subject)
    registries.text_gates.register("personal-data", holds_personal_data)
