"""What this room answers when governance asks: reports, integrity, personal data, algorithms."""

from __future__ import annotations

from uuid import UUID

from contributions import audit, integrity, report, webhook_news
from contributions.examined import call_subject, holds_personal_data
from contributions.holder import ContributionsHolder
from contributions.releases.rescan import releases_check
from contributions.selectors import contributions_of
from contributions.totals import totals_check
from governance import registries
from governance.registries import AlgorithmEntry

CHECKING = AlgorithmEntry(
    id="contribution-checks",
    name={"ko": "기여 데이터 점검", "en": "Checks of contributed data"},
    purpose={
        "ko": "기여된 기록을 인정할지, 제외할지, 품질을 얼마로 볼지 정합니다.",
        "en": "Decides which contributed records count, which are set aside, and their quality.",
    },
    version="1",
    modules=(
        "contributions.pipeline.decode",
        "contributions.pipeline.quality",
    ),
    how={
        "ko": "모집에 공개된 형식과 점검 규칙을 기록마다 적용합니다. 중대 규칙을 어긴 기록은 "
        "제외하고, 주의 규칙을 어기면 공개된 만큼 품질을 낮춥니다. 제외 비율이 허용 범위를 넘으면 "
        "전체를 돌려보냅니다.",
        "en": "The published schema and checks of the call are applied record by record. A record "
        "that breaks a critical check is set aside, one that breaks a warning loses the stated "
        "part of its quality. Above the call's tolerance the whole file is returned.",
    },
    data={
        "ko": "기여자가 낸 파일만 사용하며, 기여자가 누구인지는 보지 않습니다.",
        "en": "Only the file itself; who contributed it plays no part.",
    },
    human_oversight={
        "ko": "규칙은 두 사람이 승인하여 공개하며, 결과에 이의를 신청하면 사람이 다시 봅니다.",
        "en": "Two people approve the rules before they are published; an objection is reviewed "
        "by a human.",
    },
    automated=True,
    in_use_since="2026-11",
)
DUPLICATES = AlgorithmEntry(
    id="duplicate-rule",
    name={"ko": "중복 판정", "en": "Duplicate rule"},
    purpose={
        "ko": "같은 기록이 두 번 셈되지 않게 하고, 누구의 것으로 볼지 정합니다.",
        "en": "Keeps the same record from counting twice and decides whose it is.",
    },
    version="1",
    modules=(
        "contributions.pipeline.duplicates",
        "contributions.duplicates",
        "contributions.near",
    ),
    how={
        "ko": "모집이 정한 열의 값이 같으면 같은 기록입니다. 줄과 열의 순서, 파일 형식, 숫자 "
        "표기가 달라도 같은 것으로 봅니다. 모집이 허용하면 조금 다른 값도 한 무리로 묶으며, 무리 "
        "하나는 먼저 낸 사람의 것으로 한 번만 셉니다.",
        "en": "Records are the same where the columns that the call names hold the same values, "
        "whatever the order of rows and columns, the file format or the way numbers are written. "
        "Where the call says so, nearly the same values form one cluster too. A cluster counts "
        "once, for whoever sent it first.",
    },
    data={
        "ko": "기록에서 계산한 지문만 견주며, 값 자체는 다른 기여자와 나누지 않습니다.",
        "en": "Fingerprints computed from the records; no values are shared between contributors.",
    },
    human_oversight={
        "ko": "중복으로 본 줄을 알려 드리며, 이의를 신청하면 사람이 다시 봅니다.",
        "en": "The rows that were duplicates are shown; an objection is reviewed by a human.",
    },
    automated=True,
    in_use_since="2026-11",
)
PRIVACY_GATE = AlgorithmEntry(
    id="personal-data-gate",
    name={"ko": "개인정보 차단", "en": "Personal-data gate"},
    purpose={
        "ko": "수집하면 안 되는 개인정보가 들어오지 않게 막습니다.",
        "en": "Keeps out personal data that may not be collected.",
    },
    version="1",
    modules=("contributions.pipeline.privacy", "contributions.privacy.gate"),
    how={
        "ko": "형식과 검증 번호로 주민등록번호 등을 찾습니다. 고유식별정보가 있으면 파일 전체를 "
        "거절하고 지우며, 그 밖의 개인정보는 가명으로 바꾸거나 범위로 뭉뚱그립니다.",
        "en": "Finds resident registration numbers and the like by form and check digit. A file "
        "with unique identifiers is refused and deleted as a whole; other personal data is "
        "replaced by pseudonyms or made coarser.",
    },
    data={
        "ko": "파일의 내용만 살피며, 찾은 값은 저장하지 않습니다.",
        "en": "The content of the file; the values that are found are never stored.",
    },
    human_oversight={
        "ko": "거절 사유와 위치를 알려 드리며, 이의를 신청하면 사람이 다시 봅니다.",
        "en": "The reason and the place are shown; an objection is reviewed by a human.",
    },
    automated=True,
    in_use_since="2026-11",
)


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
    registries.algorithms.register(CHECKING.id, CHECKING)
    registries.algorithms.register(DUPLICATES.id, DUPLICATES)
    registries.algorithms.register(PRIVACY_GATE.id, PRIVACY_GATE)
    registries.audit_sources.register(CHECKING.id, audit.acceptance)
    for decision in ("contribution", "reward"):
        registries.decision_subjects.register(decision, _is_own_receipt)
    registries.audit_subjects.register("call", call_subject)
    registries.text_gates.register("personal-data", holds_personal_data)
