"""Records of the rules for firms, institutions, models and funds in the algorithm register.

Named by string and not imported here: web processes describe these rules without running them.
"""

from __future__ import annotations

from typing import Final

from governance.registries import AlgorithmEntry

_OVERSIGHT: Final = {
    "ko": "운영자가 결과를 확인하고 다른 승인자가 승인해야 효력이 생깁니다. 당사자는 이의를 신청할 "
    "수 있습니다.",
    "en": "An operator looks at the outcome and another person approves it before it takes effect. "
    "Those concerned can object.",
}
_LEGAL: Final = {
    "ko": "모집 공고와 이용 계약",
    "en": "The published call and the licence agreement",
}

FOR_INSTITUTIONS: Final = {
    "knn": AlgorithmEntry(
        id="reward-knn",
        name={"ko": "학습 기여 보상", "en": "Training reward"},
        purpose={
            "ko": "모형을 학습하는 모집에서 기록이 정답을 맞히는 데 얼마나 보탬이 되는지 잽니다.",
            "en": "For calls that train a model: measures how much a record helps to answer right.",
        },
        version="1",
        modules=(
            "rewards.valuation.policy",
            "rewards.valuation.allocation",
            "rewards.valuation.training",
            "rewards.valuation.knn",
        ),
        how={
            "ko": "검증용 질문마다 가까운 기록 K개의 답을 모아, 각 기록이 더한 몫(섀플리 값)을 "
            "계산합니다. 거리가 같은 기록은 똑같이 대하고, 베낀 기록은 값이 없으며, 답을 그르친 "
            "기록은 0으로 칩니다. 정답률이 오른 만큼의 재원을 이 몫대로 나눕니다.",
            "en": "For each trusted question the K nearest records answer; a record's value is its "
            "Shapley value in that. Records at equal distance are treated alike, copies have no "
            "value, records that mislead count as zero. As much of the pool as the share of right "
            "answers has risen is divided by these values.",
        },
        data={
            "ko": "받아들인 기록의 특징값과 이름표, 공개하지 않는 검증용 질문, 기여자 가명",
            "en": "Features and labels of accepted records, validation questions that are kept "
            "secret, pseudonyms of contributors",
        },
        human_oversight=_OVERSIGHT,
        automated=False,
        legal_basis=_LEGAL,
        in_use_since="2026-11",
    ),
    "permutation": AlgorithmEntry(
        id="reward-permutation",
        name={"ko": "기관 간 배분", "en": "Sharing between institutions"},
        purpose={
            "ko": "30곳 이하의 기관이 함께 만든 성과를 각 기관이 더한 만큼 나눕니다.",
            "en": "Shares what up to 30 institutions achieve together by what each of them adds.",
        },
        version="2",
        modules=(
            "rewards.valuation.policy",
            "rewards.valuation.allocation",
            "rewards.valuation.coverage",
            "rewards.valuation.institutions",
            "rewards.valuation.permutation",
        ),
        how={
            "ko": "기관들이 함께 채운 대표성을, 참여하는 모든 순서에서 각 기관이 더한 만큼의 "
            "평균(섀플리 값)으로 나눕니다. 14곳까지는 정확히, 그보다 많으면 입력에서 정해지는 "
            "씨앗값으로 순서를 뽑아 오차 범위와 함께 추정합니다. 기관 안에서는 질량대로 나눕니다.",
            "en": "Shares the coverage that institutions reach together by what each adds, on "
            "average over all orders of joining (Shapley value): exactly for up to 14, beyond by "
            "orders drawn from a seed that follows from the inputs, with the interval of error. "
            "Within an institution by mass.",
        },
        data={
            "ko": "기관별 계층 질량과 모집이 공개한 인구. 개인에 관한 자료는 쓰지 않습니다.",
            "en": "Mass by stratum of each institution, published counts. Nothing about persons.",
        },
        human_oversight=_OVERSIGHT,
        automated=False,
        legal_basis=_LEGAL,
        in_use_since="2026-11",
    ),
    "cost": AlgorithmEntry(
        id="reward-compensation",
        name={"ko": "제공 비용 보상", "en": "Compensation of cost"},
        purpose={
            "ko": "요청받아 데이터를 낸 기업과 기관에 제공에 든 비용을 갚습니다.",
            "en": "Compensates firms and institutions for what providing data on request costs.",
        },
        version="1",
        modules=(
            "rewards.valuation.policy",
            "rewards.valuation.allocation",
            "rewards.valuation.compensation",
            "rewards.valuation.coverage",
            "rewards.valuation.flat",
        ),
        how={
            "ko": "모집이 공개한 기록 한 건의 비용 항목을 더하고 공개한 이윤율을 얹어, 받아들인 "
            "기록 수만큼 줍니다. 누가 내든, 이미 얼마나 모였든 같습니다.",
            "en": "Adds the lines of the cost of one record that the call publishes, and the "
            "published margin, for every accepted record, whoever sends it and whatever the city "
            "already has.",
        },
        data={
            "ko": "모집이 공개한 비용 항목과 이윤율, 받아들인 기록 수",
            "en": "The published lines and margin of the call, and the number of accepted records",
        },
        human_oversight=_OVERSIGHT,
        automated=False,
        legal_basis=_LEGAL,
        in_use_since="2026-11",
    ),
    "quote": AlgorithmEntry(
        id="licence-quote",
        name={"ko": "이용료 견적", "en": "Licence quote"},
        purpose={
            "ko": "데이터 이용료를 공정하고 합리적이며 차별 없이 정합니다.",
            "en": "Sets the price of access to data fairly, reasonably and without discrimination.",
        },
        version="1",
        modules=("rewards.valuation.cost",),
        how={
            "ko": "직접비에 기반 시설비 몫과 공개한 이윤율을 더합니다. 중소기업과 비영리 연구에는 "
            "직접비만 받습니다. 조건이 같으면 견적도 같습니다.",
            "en": "Direct cost plus a share of infrastructure and a published margin. Small firms "
            "and non-profit research pay direct cost only. Equal facts get equal quotes.",
        },
        data={
            "ko": "공개한 비용 기준, 이용 목적, 신청 기업과 관계 기업의 규모",
            "en": "The published cost basis, the purpose, the size of the firm and of those it "
            "belongs to",
        },
        human_oversight=_OVERSIGHT,
        automated=False,
        legal_basis=_LEGAL,
        in_use_since="2026-11",
    ),
    "community": AlgorithmEntry(
        id="revenue-split",
        name={"ko": "수입 배분", "en": "Revenue split"},
        purpose={
            "ko": "데이터로 얻은 수입을 기여자, 동네 기금, 운영비로 나눕니다.",
            "en": "Splits revenue from data between contributors, neighbourhood funds and "
            "operation.",
        },
        version="1",
        modules=("rewards.valuation.community",),
        how={
            "ko": "공개한 비율로 나누고 소수는 내림합니다. 남은 금액은 다음 배분에 씁니다. 정해진 "
            "기금에 원 단위로 줄 때만 나머지가 큰 순서로 채웁니다.",
            "en": "By published shares, rounded down; what is left waits for the next split. Only "
            "whole units to a fixed list of funds are filled up by largest remainder.",
        },
        data={
            "ko": "수입 금액과 공개한 배분 비율",
            "en": "The amount of the revenue and the published shares",
        },
        human_oversight=_OVERSIGHT,
        automated=False,
        legal_basis=_LEGAL,
        in_use_since="2026-11",
    ),
}
