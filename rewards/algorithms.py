"""The rules that decide about rewards, as the algorithm register shows them."""

from __future__ import annotations

from typing import Final

from governance.algorithms.code_hash import code_hash
from governance.registries import AlgorithmEntry, algorithms
from rewards.algorithms_for_institutions import FOR_INSTITUTIONS
from rewards.valuation import coverage, deterrence, flat

_COMMON: Final = ("rewards.valuation.policy", "rewards.valuation.allocation")
_DATA: Final = {
    "ko": "모집이 공개한 계층별 인구, 목표량, 재원과 상한, 기여별 계층 질량. 이름과 계정은 "
    "쓰지 않습니다.",
    "en": "The call's published population counts, target, pool and cap, and the mass of each "
    "contribution by stratum. No names and no accounts.",
}
_OVERSIGHT: Final = {
    "ko": "운영자가 회차를 마감하고 다른 승인자가 확인해야 지급됩니다. 결과는 누구나 명세로 다시 "
    "계산할 수 있고, 기여자는 이의를 신청할 수 있습니다.",
    "en": "An operator closes an epoch and another person approves it before anything is paid. "
    "Anybody can recompute the outcome from the manifest, and contributors can object.",
}
_LEGAL: Final = {
    "ko": "데이터 제공에 대한 동의와 모집 공고",
    "en": "Consent to providing data, and the published call",
}

ENTRIES: Final = {
    coverage.ID: AlgorithmEntry(
        id="reward-coverage",
        name={"ko": "대표성 보상", "en": "Coverage reward"},
        purpose={
            "ko": "기여가 도시의 모습을 얼마나 더 고르게 했는지에 따라 보상을 나눕니다.",
            "en": "Shares a reward by how much a contribution adds to an even picture of the city.",
        },
        version=coverage.VERSION,
        modules=(*_COMMON, "rewards.valuation.coverage"),
        how={
            "ko": "계층의 인구 비율을 π, 목표를 τ, 모인 양을 Q라 할 때 기록 하나의 값은 "
            "재원 × π ÷ (τ + Q)입니다. 덜 모인 계층일수록 값이 높으며, 분수로 정확히 계산합니다.",
            "en": "With a stratum's share of the population π, its target τ and the mass Q it has, "
            "a record is worth pool × π ÷ (τ + Q). Strata with less data pay more; the "
            "arithmetic is exact.",
        },
        data=_DATA,
        human_oversight=_OVERSIGHT,
        automated=False,
        legal_basis=_LEGAL,
        in_use_since="2026-11",
    ),
    flat.ID: AlgorithmEntry(
        id="reward-flat",
        name={"ko": "균등 보상", "en": "Flat reward"},
        purpose={
            "ko": "확인된 모든 기록에 같은 보상을 주며, 다른 방식과 견주는 기준으로도 씁니다.",
            "en": "Pays every accepted record alike; also the baseline for comparing other rules.",
        },
        version=flat.VERSION,
        modules=(*_COMMON, "rewards.valuation.coverage", "rewards.valuation.flat"),
        how={
            "ko": "모인 기록 수가 목표에 다가갈수록 재원에서 나가는 몫이 늘고, 그 몫을 기록 수로 "
            "똑같이 나눕니다.",
            "en": "The part of the pool that is paid grows as records approach the target; it is "
            "divided equally by the number of records.",
        },
        data=_DATA,
        human_oversight=_OVERSIGHT,
        automated=False,
        legal_basis=_LEGAL,
        in_use_since="2026-11",
    ),
    **FOR_INSTITUTIONS,
}


HOLD_BACK: Final = AlgorithmEntry(
    id=deterrence.ID,
    name={"ko": "보상의 보류와 표본 점검", "en": "Held-back pay and drawn checks"},
    purpose={
        "ko": "거짓으로 기여해도 이득이 없도록 보상의 일부를 기한까지 보류하고, 추첨한 기여를 "
        "점검합니다.",
        "en": "Keeps false claims from paying: a part of each reward waits until a day, and a "
        "drawn share of the contributions is checked.",
    },
    version=deterrence.VERSION,
    modules=("rewards.valuation.deterrence", "rewards.valuation.policy"),
    how={
        "ko": "점검 비율 a와 보류 비율 h의 곱은 (r - 1) ÷ (r + F) 이상이어야 합니다. r은 모집의 "
        "가격 상한, F는 거짓 기록 하나의 뒤에 있는 정직한 기록 수입니다. 보류액은 보상 × h를 "
        "내림한 값입니다.",
        "en": "The share checked a times the share held back h is at least (r - 1) ÷ (r + F), with "
        "r the price cap of the call and F the honest records behind each false one. What waits is "
        "reward × h, rounded down.",
    },
    data={
        "ko": "모집이 공개한 비율과 상한, 정산된 보상. 추첨에는 명세의 가명과 기록부의 "
        "체크포인트만 씁니다.",
        "en": "The published shares and cap of the call, and the settled rewards. The drawing "
        "uses pseudonyms of the manifest and a checkpoint of the log, nothing else.",
    },
    human_oversight={
        "ko": "지적은 운영자가 이유를 적어 제안하고 다른 사람이 확인해야 보류액이 재원으로 "
        "돌아갑니다. 기여자는 이유를 읽고 이의를 신청할 수 있습니다.",
        "en": "An operator states a finding with its reason, and another person has to uphold it "
        "before what waits goes back to the pool. The contributor reads the reason and can object.",
    },
    automated=False,
    legal_basis=_LEGAL,
    in_use_since="2026-11",
)


SUMS: Final = AlgorithmEntry(
    id="disclosure-control-of-sums",
    name={"ko": "금액 노출 방지", "en": "Disclosure control of sums"},
    purpose={
        "ko": "보고서의 합계에서 다른 사람이나 기관의 금액을 알아낼 수 없게 합니다.",
        "en": "Keeps sums in reports from telling what another person or organisation was paid.",
    },
    version="1",
    modules=(
        "governance.reports.dominance",
        "rewards.report_history",
        "rewards.report_solving",
        "rewards.report_sums",
    ),
    how={
        "ko": "다섯 곳 미만이 나눈 합계, 한 곳이 85%를 넘는 합계, 두 번째로 많이 받은 쪽이 가장 "
        "많이 받은 쪽의 금액을 10% 안쪽으로 짐작할 수 있는 합계를 가립니다. 다른 합계와 앞선 "
        "보고서에서 빼어 알아낼 수 있는 합계도 함께 가립니다.",
        "en": "Withholds a sum that fewer than five share, of which one has more than 85 %, or "
        "where the second largest could estimate the largest to within 10 %; and whatever could be "
        "found by subtracting it from other sums or earlier reports.",
    },
    data={
        "ko": "기간에 승인된 정산의 금액과 앞선 보고서에 실린 합계만 사용합니다.",
        "en": "Only the amounts of settlements of the period and the sums of earlier reports.",
    },
    human_oversight={
        "ko": "보고서는 담당자가 발행하며, 가린 칸은 표시됩니다.",
        "en": "A report is published by an operator, and hidden cells are marked.",
    },
    automated=True,
    legal_basis={
        "ko": "개인정보 보호법 제3조(개인정보 보호 원칙)",
        "en": "Personal Information Protection Act, art. 3 (principles)",
    },
    in_use_since="2026-11",
)


def code_sha256(method: str) -> str:
    """Hash of the source that a rule consists of, as the register states it."""
    return code_hash(ENTRIES[method].modules)


def register() -> None:
    """Enter the rules into the register."""
    for entry in (*ENTRIES.values(), HOLD_BACK, SUMS):
        algorithms.register(entry.id, entry)
