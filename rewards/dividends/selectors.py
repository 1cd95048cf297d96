"""Reading dividends: the public summary, and each person's own line with its proof."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, TypedDict
from uuid import UUID

from django.db.models import Sum

from dure.core.canonical import canonical_bytes
from dure.core.money import Asset, format_amount
from dure.core.problems import NOT_FOUND
from governance.log import merkle
from rewards.dividends.city import KIND
from rewards.ledger.accounts import find_accounts, wallet_key
from rewards.ledger.bulk.selectors import share_proof
from rewards.models import (
    BulkBatch,
    BulkState,
    Dividend,
    DividendShare,
    DividendState,
    Licence,
)

PREFIX: Final = "licence:"
#: How a posting to a whole city is called where other dividends are being paid or paid.
_STATES: Final = {BulkState.POSTED: DividendState.PAID.value, BulkState.FAILED: "failed"}


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


class DividendExplanation(TypedDict):
    """Why somebody's dividend is what it is: amount × weight / total weight, rounded down.

    Weights are what data earned in the approved epochs of the call, in sub-units; ``revenue`` is
    what the licence brought, ``amount`` the contributors' part of it.
    """

    licence: str
    call: str
    asset: str
    revenue: str
    amount: str
    weight: str
    total_weight: str
    people: int
    share: str
    flat: str
    proof: ShareDocument


def dividend_of(licence_id: UUID) -> Dividend | BulkBatch | None:
    """The dividend of a licence, few people's or a whole city's; none before it is paid."""
    return (
        Dividend.objects.filter(licence_id=licence_id).first()
        or BulkBatch.objects.filter(kind=KIND, reference=f"{PREFIX}{licence_id}").first()
    )


def dividends_of(licences: Collection[str]) -> dict[str, Dividend | BulkBatch]:
    """Dividends by the id of their licence; a licence without one is absent."""
    references = [f"{PREFIX}{licence}" for licence in licences]
    city = BulkBatch.objects.filter(kind=KIND, reference__in=references)
    small = Dividend.objects.filter(licence_id__in=licences)
    found: dict[str, Dividend | BulkBatch] = {
        batch.reference.removeprefix(PREFIX): batch for batch in city
    }
    return found | {str(dividend.licence_id): dividend for dividend in small}


def licences_by_reference(references: Collection[str]) -> dict[str, str]:
    """Ids of licences by what transfers of their dividends refer to."""
    small = {text.removeprefix("dividend:") for text in references if text.startswith("dividend:")}
    found = Dividend.objects.filter(id__in=small).values_list("id", "licence_id")
    city = {text: text.removeprefix(PREFIX) for text in references if text.startswith(PREFIX)}
    return city | {f"dividend:{id_}": str(licence) for id_, licence in found}


def dividend_document(dividend: Dividend | BulkBatch) -> DividendDocument:
    """A dividend in public. That of a city has neither people nor root before it is loaded."""
    if isinstance(dividend, BulkBatch):
        people, given = dividend.people or 0, dividend.total
        return {
            "id": str(dividend.id),
            "licence": dividend.reference.removeprefix(PREFIX),
            "asset": dividend.asset,
            "amount": format_amount(dividend.amount),
            "rest": format_amount(dividend.amount - given if given is not None else 0),
            "people": people,
            "flat": format_amount(dividend.amount // people if people else 0),
            "merkle_root": dividend.root,
            "state": _STATES.get(BulkState(dividend.state), DividendState.PAYING.value),
        }
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


def share_document(party_id: UUID, dividend: Dividend | BulkBatch) -> ShareDocument | None:
    """The line of one party with its proof; none for who has no share."""
    if isinstance(dividend, BulkBatch):
        return _share_of_a_city(party_id, dividend)
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


def _share_of_a_city(party_id: UUID, batch: BulkBatch) -> ShareDocument | None:
    key = wallet_key(party_id, batch.asset)
    account = find_accounts(wanted=[key]).get(key)
    shown = share_proof(account_id=account, batch_id=batch.id) if account else None
    if shown is None:
        return None
    return {
        **shown,
        "amount": format_amount(int(shown["line"]["amount"])),
        "flat": format_amount(batch.amount // shown["size"]),
    }


def dividend_explanation(party_id: UUID, licence_id: UUID) -> DividendExplanation:
    """The calculation of a party's dividend of a licence; NOT_FOUND for who has no share."""
    licence = Licence.objects.select_related("call").filter(id=licence_id).first()
    dividend = None if licence is None else dividend_of(licence_id)
    proof = None if dividend is None else share_document(party_id, dividend)
    if licence is None or dividend is None or proof is None:
        raise NOT_FOUND.problem()
    return {
        "licence": str(licence.id),
        "call": licence.call.slug,
        "asset": Asset.KRW.value,
        "revenue": format_amount(licence.total),
        "amount": format_amount(dividend.amount),
        "weight": format_amount(int(proof["line"]["weight"])),
        "total_weight": format_amount(_total_weight(dividend)),
        "people": proof["size"],
        "share": proof["amount"],
        "flat": proof["flat"],
        "proof": proof,
    }


def _total_weight(dividend: Dividend | BulkBatch) -> int:
    if isinstance(dividend, BulkBatch):
        assert dividend.total_weight is not None, "a batch that has shares has summed their weights"
        return int(dividend.total_weight)
    shares = DividendShare.objects.filter(dividend=dividend)
    return int(shares.aggregate(total=Sum("weight"))["total"])


def share_line(share: DividendShare) -> dict[str, str]:
    """What the leaf commits to: sub-units and weight as integers in text."""
    return {
        "account": str(share.account.public_id),
        "amount": str(share.amount),
        "dividend": str(share.dividend_id),
        "weight": str(share.weight),
    }
