"""The section of rewards in a transparency report: what was paid, by call and by epoch.

Sums are withheld where one contributor could compute another's part from them; see
``rewards.report_sums``.
"""

from __future__ import annotations

from django.db.models import Count

from contributions.models import Call
from dure.core.clock import now, rfc3339
from dure.core.money import Asset, format_amount
from governance.reports.documents import (
    AMOUNT,
    DIGEST,
    MOMENT,
    Figure,
    Recompute,
    SectionDocument,
    Table,
    Value,
    figure,
    person_figure,
    person_table,
    sum_figure,
    table,
    with_units,
)
from governance.reports.periods import Edition, Period
from rewards.epochs import facts
from rewards.epochs.pools import funded
from rewards.ledger.accounts import find_accounts, pool_key
from rewards.ledger.selectors import posted
from rewards.models import Epoch, EpochInput
from rewards.report_solving import can_be_solved
from rewards.report_sums import (
    PaidSums,
    approved_in,
    decisions,
    everything,
    paid_sums,
    taken_back,
    taken_out,
)

Row = dict[str, Value | dict[str, str]]
_ASSETS: dict[str, dict[str, str]] = {
    Asset.DURE.value: {"ko": "두레", "en": "DURE"},
    Asset.KRW.value: {"ko": "원", "en": "won"},
}
_NOTES = (
    {
        "ko": "정산액은 이 기간에 승인된 정산 회차의 합입니다. 회차마다 공개된 명세가 있어 누구나 "
        "다시 계산할 수 있습니다.",
        "en": "Amounts settled are the sums of the settlements approved in the period. Each has a "
        "public manifest from which anybody can compute it again.",
    },
    {
        "ko": "정산액에는 점검이 끝날 때까지 보류한 몫이 들어 있습니다. 보류한 몫은 지급될 때까지 "
        "남은 재원에 있으며, 지적이 확인되면 재원으로 돌아갑니다.",
        "en": "Amounts settled include what is held back until checks are over. That part stays in "
        "the pool until it is paid, and returns to it where a finding is upheld.",
    },
    {
        "ko": "합계는 다섯 명(기관 포함) 미만이 나눈 경우, 한 곳이 85%를 넘게 받은 경우, 또는 두 "
        "번째로 많이 받은 쪽이 가장 많이 받은 쪽의 금액을 10% 안쪽으로 짐작할 수 있는 경우에 "
        "가립니다. 전체에서 빼어 알아낼 수 있는 칸도 함께 가립니다.",
        "en": "A sum is withheld where fewer than five share it, where one of them has more than "
        "85% of it, or where the second largest could estimate the largest to within 10%; and "
        "so is whatever could be found by subtracting it from a total.",
    },
    {
        "ko": "정산 회차의 명세는 누구나 다시 계산할 수 있도록 모두 공개합니다. 명세의 줄에는 사람"
        "이나 기관의 이름이 없지만, 줄을 더하면 여기에서 가린 합계를 계산할 수 있습니다.",
        "en": "Manifests of settlements are public as a whole, so that anybody can calculate them "
        "again. Their lines name no person or organisation; whoever adds them up finds a sum that "
        "is withheld here.",
    },
)


def section(period: Period) -> SectionDocument:
    """Rewards of a period, computed from epochs and the ledger."""
    approved = approved_in(period)
    epochs = list(approved)
    people = (
        EpochInput.objects.filter(epoch__in=approved, reward__gt=0)
        .values("contribution__party_id")
        .distinct()
        .count()
    )
    made = _section(period, epochs, people, paid_sums(epochs, period))
    new = Edition(period.key, now(), [made])
    if can_be_solved(decisions(), [*period.editions, new]):
        return _section(period, epochs, people, everything(epochs))
    return made


def _section(period: Period, epochs: list[Epoch], people: int, sums: PaidSums) -> SectionDocument:
    return {
        "key": "rewards",
        "title": {"ko": "보상", "en": "Rewards"},
        "figures": [
            figure(
                "epochs",
                {"ko": "승인된 정산 회차", "en": "Settlements approved"},
                len(epochs),
                recompute={"rule": "log", "kind": "epoch.approved"},
            ),
            *_paid(epochs, sums),
            person_figure(
                "recipients",
                {"ko": "보상을 받은 기여자", "en": "Contributors paid"},
                people,
                parts=list(_recipients(epochs).values()),
            ),
            *_amounts("returned", {"ko": "되돌린 보상", "en": "Rewards taken back"},
                      taken_back(period)),
            *_amounts("redeemed", {"ko": "사용·지급된 보상", "en": "Taken out of wallets"},
                      taken_out(period)),
        ],
        "tables": [_by_call(epochs, sums), _by_epoch(epochs, sums)],
        "notes": list(_NOTES),
    }  # fmt: skip


def _of_asset(label: dict[str, str], asset: str) -> dict[str, str]:
    return {language: f"{text} ({_ASSETS[asset][language]})" for language, text in label.items()}


def _paid(epochs: list[Epoch], sums: PaidSums) -> list[Figure]:
    figures = []
    for asset in Asset.values:
        total = sum(epoch.total for epoch in epochs if epoch.asset == asset)
        shown = asset not in sums.hidden_totals
        made = sum_figure(
            f"paid_{asset.lower()}",
            _of_asset({"ko": "정산한 보상", "en": "Rewards settled"}, asset),
            format_amount(total) if shown else None,
            asset,
        )
        rule: Recompute = {
            "rule": "sum",
            "table": "epochs",
            "columns": ["paid"],
            "where": {"asset": asset},
        }
        figures.append(made if made["suppressed"] else {**made, "recompute": rule})
    return figures


def _amounts(key: str, label: dict[str, str], totals: dict[str, int | None]) -> list[Figure]:
    """A figure for each asset; None is withheld."""
    return [
        sum_figure(
            f"{key}_{asset.lower()}",
            _of_asset(label, asset),
            None if (total := totals.get(asset, 0)) is None else format_amount(total),
            asset,
        )
        for asset in Asset.values
    ]


def _by_call(epochs: list[Epoch], sums: PaidSums) -> Table:
    paid: dict[object, int] = {}
    for epoch in epochs:
        paid[epoch.call_id] = paid.get(epoch.call_id, 0) + epoch.total
    rows: list[Row] = []
    people = _recipients(epochs)
    words: dict[str, dict[str, str]] = {}
    calls = Call.objects.filter(published__isnull=False).select_related("published")
    for call in calls.order_by("slug"):
        assert call.published is not None  # filtered above
        asset = str(call.published.document["pool"]["asset"])
        key = pool_key(call.slug, asset)
        account = find_accounts(wanted=[key]).get(key)
        words[call.slug] = call.published.document["title"]
        # What is left tells what was paid in all, and with it a quarter that was withheld.
        tells = call.id in sums.hidden_pools
        promises = tells or call.id in sums.hidden_promises
        rows.append(
            {
                "call": call.slug,
                "title": call.published.document["title"],
                "asset": asset,
                "recipients": people.get(call.id, 0),
                "paid": None
                if call.id in sums.hidden_calls
                else format_amount(paid.get(call.id, 0)),
                "funded": format_amount(funded(key, account) if account else 0),
                "left": None if tells else format_amount(posted(key)),
                "free": None if promises else format_amount(facts.available(call, asset)),
            }
        )
    made = person_table(
        "calls",
        {"ko": "모집별 보상과 재원", "en": "Rewards and pools by call"},
        [
            ("call", {"ko": "모집", "en": "Call"}),
            ("title", {"ko": "이름", "en": "Title"}),
            ("asset", {"ko": "자산", "en": "Asset"}),
            ("recipients", {"ko": "받은 기여자", "en": "Contributors paid"}),
            ("paid", {"ko": "이 기간에 정산", "en": "Settled in the period"}),
            ("funded", {"ko": "마련한 재원", "en": "Funded"}),
            ("left", {"ko": "남은 재원", "en": "Left in the pool"}),
            ("free", {"ko": "약속되지 않은 재원", "en": "Not yet promised"}),
        ],
        rows,
        counts=["recipients"],
    )
    made = with_units(made, dict.fromkeys(("paid", "funded", "left", "free"), AMOUNT))
    return {**made, "words": {"call": words}, "chart": "paid"}


def _recipients(epochs: list[Epoch]) -> dict[object, int]:
    rows = (
        EpochInput.objects.filter(epoch__in=[epoch.id for epoch in epochs], reward__gt=0)
        .values_list("epoch__call_id")
        .annotate(people=Count("contribution__party_id", distinct=True))
        .order_by()
    )
    return dict(rows)


def _by_epoch(epochs: list[Epoch], sums: PaidSums) -> Table:
    rows: list[Row] = [
        {
            "call": epoch.call.slug,
            "number": epoch.number,
            "contributions": epoch.inputs_count,
            "paid": None if epoch.id in sums.hidden_epochs else format_amount(epoch.total),
            "asset": epoch.asset,
            "approved_at": rfc3339(epoch.approved_at) if epoch.approved_at else "",
            "epoch": str(epoch.id),
            "manifest": epoch.manifest_sha256,
        }
        for epoch in epochs
    ]
    made = table(
        "epochs",
        {"ko": "정산 회차", "en": "Settlements"},
        [
            ("call", {"ko": "모집", "en": "Call"}),
            ("number", {"ko": "회차", "en": "Number"}),
            ("contributions", {"ko": "기여", "en": "Contributions"}),
            ("paid", {"ko": "정산액", "en": "Settled"}),
            ("asset", {"ko": "자산", "en": "Asset"}),
            ("approved_at", {"ko": "승인 시각", "en": "Approved at"}),
            ("epoch", {"ko": "회차 식별자", "en": "Settlement id"}),
            ("manifest", {"ko": "명세 해시", "en": "Manifest hash"}),
        ],
        rows,
        units={
            "paid": AMOUNT, "approved_at": MOMENT, "manifest": DIGEST, "epoch": DIGEST
        },
    )  # fmt: skip
    return {
        **made,
        "evidence": {
            "kind": "epoch.approved",
            "column": "epoch",
            "member": "epoch",
            "equal": {"manifest": "manifest", "paid": "total", "asset": "asset"},
        },
    }
