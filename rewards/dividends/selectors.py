"""Reading dividends: the public summary, and each person's own line with its proof."""

from __future__ import annotations

from typing import NamedTuple, TypedDict
from uuid import UUID

from django.db.models import Sum

from dure.core.canonical import canonical_bytes
from dure.core.money import Asset, format_amount
from dure.core.problems import NOT_FOUND
from governance.log import merkle
from rewards.ledger.accounts import find_accounts, wallet_key
from rewards.ledger.bulk.selectors import ShareProof, share_proof
from rewards.models import BulkBatch, Dividend, DividendShare, Licence


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
    proof: ShareDocument | ShareProof


def dividend_explanation(party_id: UUID, licence_id: UUID) -> DividendExplanation:
    """The calculation of a party's dividend of a licence; NOT_FOUND for who has no share."""
    licence = Licence.objects.select_related("call").filter(id=licence_id).first()
    found = None if licence is None else _own_share(party_id, licence)
    if licence is None or found is None:
        raise NOT_FOUND.problem()
    return {
        "licence": str(licence.id),
        "call": licence.call.slug,
        "asset": Asset.KRW.value,
        "revenue": format_amount(licence.total),
        "amount": format_amount(found.amount),
        "weight": format_amount(found.weight),
        "total_weight": format_amount(found.total_weight),
        "people": found.people,
        "share": format_amount(found.share),
        "flat": format_amount(found.amount // found.people),
        "proof": found.proof,
    }


class _Own(NamedTuple):
    amount: int
    weight: int
    total_weight: int
    people: int
    share: int
    proof: ShareDocument | ShareProof


def _own_share(party_id: UUID, licence: Licence) -> _Own | None:
    """A share of either way of posting: person by person, or the whole city at once."""
    dividend = Dividend.objects.filter(licence=licence).first()
    if dividend is not None:
        proof = share_document(party_id, dividend)
        if proof is None:
            return None
        whole = DividendShare.objects.filter(dividend=dividend).aggregate(sum=Sum("weight"))["sum"]
        weight, share = int(proof["line"]["weight"]), int(proof["line"]["amount"])
        return _Own(dividend.amount, weight, int(whole), dividend.people, share, proof)
    batch = BulkBatch.objects.filter(reference=f"licence:{licence.id}").first()
    account = find_accounts(wanted=[wallet_key(party_id, Asset.KRW.value)])
    if batch is None or not account:
        return None
    own = share_proof(account_id=next(iter(account.values())), batch_id=batch.id)
    if own is None or batch.total_weight is None or not batch.people:
        return None
    weight, share = int(own["line"]["weight"]), int(own["line"]["amount"])
    return _Own(batch.amount, weight, int(batch.total_weight), batch.people, share, own)


def share_line(share: DividendShare) -> dict[str, str]:
    """What the leaf commits to: sub-units and weight as integers in text."""
    return {
        "account": str(share.account.public_id),
        "amount": str(share.amount),
        "dividend": str(share.dividend_id),
        "weight": str(share.weight),
    }
