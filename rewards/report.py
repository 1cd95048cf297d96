"""The section of rewards in a transparency report: what was paid, by call and by epoch."""

from __future__ import annotations

from django.db.models import Count, Sum

from contributions.models import Call
from dure.core.clock import rfc3339
from dure.core.money import Asset, format_amount
from governance.reports.documents import (
    Figure,
    SectionDocument,
    Table,
    Value,
    figure,
    person_figure,
    person_table,
    table,
)
from governance.reports.periods import Period
from rewards.epochs import facts
from rewards.epochs.pools import funded
from rewards.ledger.accounts import find_accounts, pool_key
from rewards.ledger.selectors import posted
from rewards.models import Epoch, EpochInput, EpochKind, EpochState, Redemption, RedemptionState

Row = dict[str, Value | dict[str, str]]


def section(period: Period) -> SectionDocument:
    """Rewards of a period, computed from epochs and the ledger."""
    approved = (
        Epoch.objects.filter(
            kind=EpochKind.SETTLEMENT,
            state=EpochState.APPROVED,
            approved_at__gte=period.start,
            approved_at__lt=period.end,
        )
        .select_related("call")
        .defer("manifest", "terms")
        .order_by("call__slug", "number")
    )
    epochs = list(approved)
    people = (
        EpochInput.objects.filter(epoch__in=approved, reward__gt=0)
        .values("contribution__party_id")
        .distinct()
        .count()
    )
    return {
        "key": "rewards",
        "title": {"ko": "보상", "en": "Rewards"},
        "figures": [
            figure("epochs", {"ko": "지급한 정산 회차", "en": "Epochs paid"}, len(epochs)),
            *(
                figure(
                    f"paid_{asset.lower()}",
                    {"ko": f"지급한 보상 ({asset})", "en": f"Rewards paid ({asset})"},
                    format_amount(sum(e.total for e in epochs if e.asset == asset)),
                    asset,
                )
                for asset in Asset.values
            ),
            person_figure(
                "recipients", {"ko": "보상을 받은 기여자", "en": "Contributors paid"}, people
            ),
            *_returned(period),
            *_redeemed(period),
        ],
        "tables": [_by_call(epochs), _by_epoch(epochs)],
    }


def _returned(period: Period) -> list[Figure]:
    rows = dict(
        Epoch.objects.filter(
            kind=EpochKind.REVERSAL,
            state=EpochState.APPROVED,
            approved_at__gte=period.start,
            approved_at__lt=period.end,
        )
        .values_list("asset")
        .annotate(back=Sum("returned"))
        .order_by()
    )
    return [
        figure(
            f"returned_{asset.lower()}",
            {"ko": f"되돌린 보상 ({asset})", "en": f"Rewards taken back ({asset})"},
            format_amount(int(rows.get(asset, 0))),
            asset,
        )
        for asset in Asset.values
    ]


def _redeemed(period: Period) -> list[Figure]:
    rows = dict(
        Redemption.objects.filter(
            state=RedemptionState.SETTLED,
            resolved_at__gte=period.start,
            resolved_at__lt=period.end,
        )
        .values_list("asset")
        .annotate(total=Sum("amount"))
        .order_by()
    )
    return [
        figure(
            f"redeemed_{asset.lower()}",
            {"ko": f"사용·지급된 보상 ({asset})", "en": f"Taken out of wallets ({asset})"},
            format_amount(int(rows.get(asset, 0))),
            asset,
        )
        for asset in Asset.values
    ]


def _by_call(epochs: list[Epoch]) -> Table:
    paid: dict[object, int] = {}
    for epoch in epochs:
        paid[epoch.call_id] = paid.get(epoch.call_id, 0) + epoch.total
    rows: list[Row] = []
    people = _recipients(epochs)
    for call in Call.objects.filter(published__isnull=False).select_related("published"):
        assert call.published is not None  # filtered above
        asset = str(call.published.document["pool"]["asset"])
        key = pool_key(call.slug, asset)
        account = find_accounts(wanted=[key]).get(key)
        rows.append(
            {
                "call": call.slug,
                "title": call.published.document["title"],
                "asset": asset,
                "recipients": people.get(call.id, 0),
                "paid": format_amount(paid.get(call.id, 0)),
                "funded": format_amount(funded(key, account) if account else 0),
                "left": format_amount(posted(key)),
                "free": format_amount(facts.available(call, asset)),
            }
        )
    return person_table(
        "calls",
        {"ko": "모집별 보상과 재원", "en": "Rewards and pools by call"},
        [
            ("call", {"ko": "모집", "en": "Call"}),
            ("title", {"ko": "이름", "en": "Title"}),
            ("asset", {"ko": "자산", "en": "Asset"}),
            ("recipients", {"ko": "받은 기여자", "en": "Contributors paid"}),
            ("paid", {"ko": "이 기간에 지급", "en": "Paid in the period"}),
            ("funded", {"ko": "마련한 재원", "en": "Funded"}),
            ("left", {"ko": "남은 재원", "en": "Left in the pool"}),
            ("free", {"ko": "약속되지 않은 재원", "en": "Not yet promised"}),
        ],
        rows,
        counts=["recipients"],
        total_is_known=False,
    )


def _recipients(epochs: list[Epoch]) -> dict[object, int]:
    rows = (
        EpochInput.objects.filter(epoch__in=[epoch.id for epoch in epochs], reward__gt=0)
        .values_list("epoch__call_id")
        .annotate(people=Count("contribution__party_id", distinct=True))
        .order_by()
    )
    return dict(rows)


def _by_epoch(epochs: list[Epoch]) -> Table:
    rows: list[Row] = [
        {
            "call": epoch.call.slug,
            "number": epoch.number,
            "contributions": epoch.inputs_count,
            "paid": format_amount(epoch.total),
            "asset": epoch.asset,
            "approved_at": rfc3339(epoch.approved_at) if epoch.approved_at else "",
            "manifest": epoch.manifest_sha256,
        }
        for epoch in epochs
    ]
    return table(
        "epochs",
        {"ko": "정산 회차", "en": "Epochs"},
        [
            ("call", {"ko": "모집", "en": "Call"}),
            ("number", {"ko": "회차", "en": "Number"}),
            ("contributions", {"ko": "기여", "en": "Contributions"}),
            ("paid", {"ko": "지급액", "en": "Paid"}),
            ("asset", {"ko": "자산", "en": "Asset"}),
            ("approved_at", {"ko": "승인 시각", "en": "Approved at"}),
            ("manifest", {"ko": "명세 해시", "en": "Manifest hash"}),
        ],
        rows,
    )
