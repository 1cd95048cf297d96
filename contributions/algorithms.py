"""What decides about contributed data, as the algorithm register shows it.

Modules are named by string and not imported here: web processes describe what they do not run.
"""

from __future__ import annotations

from typing import Final

from governance.registries import AlgorithmEntry

_AGREED: Final = {
    "ko": "데이터 제공에 대한 동의와 모집 공고(개인정보 보호법 제15조제1항제1호)",
    "en": "Consent to providing data, and the published call (Personal Information Protection Act, "
    "art. 15(1)1)",
}
_PRINCIPLES: Final = {
    "ko": "개인정보 보호법 제3조(개인정보 보호 원칙)",
    "en": "Personal Information Protection Act, art. 3 (principles)",
}
_NUMBERS: Final = {
    "ko": "개인정보 보호법 제3조(개인정보 보호 원칙), 제24조의2(주민등록번호 처리의 제한)",
    "en": "Personal Information Protection Act, art. 3 (principles) and art. 24-2 (resident "
    "registration numbers)",
}

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
        "contributions.decode",
        "contributions.privacy",
        "contributions.quality",
        "contributions.schema",
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
    legal_basis=_AGREED,
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
        "contributions.pipeline.claims",
        "contributions.pipeline.clusters",
        "contributions.pipeline.near",
        "contributions.duplicates",
        "contributions.near",
        "contributions.privacy",
        "contributions.schema",
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
    legal_basis=_AGREED,
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
    modules=("contributions.pipeline.privacy", "contributions.privacy"),
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
    legal_basis=_NUMBERS,
    in_use_since="2026-11",
)
MEASURING = AlgorithmEntry(
    id="representativeness",
    name={"ko": "계층 배정과 대표성", "en": "Strata and representativeness"},
    purpose={
        "ko": "인정된 기록을 기준 모집단의 계층에 배정하고, 데이터가 도시를 얼마나 고르게 담았는지 "
        "잽니다.",
        "en": "Assigns accepted records to the strata of the reference population and measures how "
        "evenly the data stands for the city.",
    },
    version="1",
    modules=(
        "contributions.pipeline.cells",
        "contributions.pipeline.representativeness",
        "contributions.raking",
        "contributions.releases.weights",
        "contributions.representativeness",
        "contributions.schema.document",
        "contributions.schema.parsing",
    ),
    how={
        "ko": "모집이 공개한 열의 값으로 계층을 정하고, 계층마다 품질 질량을 더해 인구 비율과 "
        "견줍니다. 기준에 없는 값은 인정하되 그 구분에서는 셈하지 않습니다. 공개판에는 인구에 "
        "맞춘 가중치를 붙입니다.",
        "en": "The value of the column that the call publishes decides the stratum; the quality "
        "mass of each stratum is summed and compared with its share of the population. A value "
        "that is in no stratum is accepted and counts for nothing in that dimension. Releases "
        "carry weights raked to the population.",
    },
    data={
        "ko": "인정된 기록의 계층 열, 모집이 계층으로 공개한 경우에만 확인된 기여자 속성, 출처가 "
        "밝혀진 인구 통계",
        "en": "The strata columns of accepted records, verified attributes of the contributor only "
        "where the call publishes them as strata, and population counts with their source",
    },
    human_oversight={
        "ko": "계층과 기준 모집단은 두 사람이 승인하여 공개하며, 결과에 이의를 신청하면 사람이 "
        "다시 봅니다.",
        "en": "Two people approve strata and reference before they are published; an objection is "
        "reviewed by a human.",
    },
    automated=True,
    legal_basis=_AGREED,
    in_use_since="2026-11",
)
RELEASE_GATE = AlgorithmEntry(
    id="release-gate",
    name={"ko": "공개판 노출 방지", "en": "Disclosure gate of releases"},
    purpose={
        "ko": "공개판에서 누구의 기록인지 알아낼 수 없게 하고, 그럴 수 없으면 내보내지 않습니다.",
        "en": "Keeps a release from telling whose record is whose, and lets none out that would.",
    },
    version="1",
    modules=("contributions.disclosure",),
    how={
        "ko": "식별에 쓰일 수 있는 열의 값이 같은 기록을 한 묶음으로 보고, 묶음마다 기여자가 "
        "공개 자료는 10명, 계약 자료는 5명 이상이며 민감한 열의 값이 둘 이상이어야 합니다. 값을 "
        "정해진 단계만큼만 뭉뚱그리고, 그래도 모자란 묶음은 뺍니다. 뺀 기록이 5%를 넘으면 "
        "내보내지 않습니다. 앞선 공개판에서 빼어 알아낼 수 있는 것도 막습니다.",
        "en": "Records that agree in every column that could identify form a class; each class "
        "needs at least 10 contributors in open data and 5 under a licence, and two values of a "
        "sensitive column. Values are made coarser in declared steps and as little as possible; "
        "classes that still fall short are left out, and above 5 % of the records nothing is "
        "released. What could be found by subtracting an earlier release is held back too.",
    },
    data={
        "ko": "인정된 기록과 앞선 공개판에 든 기록의 번호. 기여자는 세기만 합니다.",
        "en": "The accepted records, and which of them earlier releases held. Contributors are "
        "only counted.",
    },
    human_oversight={
        "ko": "담당자가 공개판을 만들고, 무엇을 왜 뺐는지가 공개판에 적힙니다.",
        "en": "An operator builds a release; what was left out and why is written in it.",
    },
    automated=True,
    legal_basis=_PRINCIPLES,
    in_use_since="2026-11",
)

ENTRIES: Final = (CHECKING, DUPLICATES, PRIVACY_GATE, MEASURING, RELEASE_GATE)
