"""Reading dividends: the public summary, and each person's own line with its proof."""

from __future__ import annotations

from typing import TypedDict
from uuid import UUID

from dure.core.canonical import canonical_bytes
from dure.core.money import Asset, format_amount
from governance.log import merkle
from rewards.models import Dividend, DividendShare


class DividendDocument(TypedDict):
    """``flat`` is what everybody would get if the amount were divided by heads."""

    id: str
    licence: str
    asset: str
    amount: str
    rest: str
    people: int
    flat: str
    merkle_root: str
    state: str


class ShareDocument(TypedDict):
    """A line and its inclusion proof: the leaf is SHA-256 of 0x00 and the canonical line."""

    line: dict[str, str]
    amount: str
    flat: str
    index: int
    size: int
    proof: list[str]
    root: str


def dividend_document(dividend: Dividend) -> DividendDocument:
    """A dividend in public."""
    return {
        "id": str(dividend.id),
        "licence": str(dividend.licence_id),
        "asset": Asset.KRW.value,
        "amount": format_amount(dividend.amount),
        "rest": format_amount(dividend.rest),
        "people": dividend.people,
        "flat": format_amount(dividend.amount // dividend.people),
        "merkle_root": dividend.root,
        "state": dividend.state,
    }


def share_document(party_id: UUID, dividend: Dividend) -> ShareDocument | None:
    """The line of one party with its proof; none for who has no share."""
    share = (
        DividendShare.objects.select_related("account")
        .filter(dividend=dividend, account__owner_id=party_id)
        .first()
    )
    if share is None:
        return None
    leaves = DividendShare.objects.filter(dividend=dividend).order_by("number")
    hashes = [bytes(leaf) for leaf in leaves.values_list("leaf", flat=True)]
    line = share_line(share)
    assert merkle.leaf_hash(canonical_bytes({**line})) == hashes[share.number]
    return {
        "line": line,
        "amount": format_amount(share.amount),
        "flat": format_amount(dividend.amount // dividend.people),
        "index": share.number,
        "size": dividend.people,
        "proof": [node.hex() for node in merkle.inclusion_path(hashes, share.number)],
        "root": dividend.root,
    }


def share_line(share: DividendShare) -> dict[str, str]:
    """What the leaf commits to: sub-units and weight as integers in text."""
    return {
        "account": str(share.account.public_id),
        "amount": str(share.amount),
        "dividend": str(share.dividend_id),
        "weight": str(share.weight),
    }
