"""Quoting, agreeing and being paid: from a data user's wish to revenue that is split."""

from __future__ import annotations

from typing import Any, TypedDict
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from contributions.models import Call, State
from contributions.releases.reach import within_reach
from dure.accounts.acting import Actor
from dure.accounts.models import Party
from dure.accounts.roles import Role
from dure.core import outbox
from dure.core.canonical import Json
from dure.core.clock import now
from dure.core.money import SUB_UNITS, Asset, format_amount
from dure.core.problems import NOT_FOUND
from governance.log.services import record
from rewards.dividends.services import freeze
from rewards.ledger.accounts import AccountKey, open_accounts, source_key
from rewards.ledger.orders import Leg, TransferOrder, derived_key
from rewards.ledger.services import post
from rewards.licences.sizes import Asker, AskerDocument, LimitsDocument, limits_document
from rewards.models import AccountKind, EpochInput, EpochState, Licence
from rewards.problems import (
    LICENCE_OUT_OF_REACH,
    LICENCE_PAID,
    PAYMENT_NOT_NOTED,
    PAYMENT_SAME_PERSON,
)
from rewards.treasury.rules import CONTRIBUTORS, OPERATION
from rewards.treasury.selectors import licensing_rule
from rewards.valuation.community import split
from rewards.valuation.cost import Quote, quote


class QuoteDocument(TypedDict):
    """A quote in whole won; decimal strings, and the lines sum to ``total``.

    ``policy`` is the version of the terms: ``example`` while the city has decided none; ``limits``
    are those of small firms, with the rate at which they were compared with won. ``asker`` is who
    asked, as they told it, so that an audit can tell later whether the price was rightly reduced.
    """

    call: str
    records: int
    asset: str
    policy: str
    reduced: bool
    lines: list[dict[str, str]]
    total: str
    limits: LimitsDocument
    asker: AskerDocument


def policy_name(version: int) -> str:
    """How a version of the terms of licences is named."""
    return f"licensing-{version}" if version else "example"


def quoted(
    call_slug: str, asker: Asker, party_id: UUID | None = None
) -> tuple[Call, Quote, QuoteDocument]:
    """What somebody would pay for the data that approved epochs of a call have settled.

    What was withdrawn since is not delivered, and not counted. Where a notice of the call names who
    receives the data, only records count whose contributors let them reach ``party_id`` at this
    moment. INVALID (400) for won where no rate is published.
    """
    call = Call.objects.filter(slug=call_slug, published__isnull=False).first()
    if call is None:
        raise NOT_FOUND.problem()
    settled = EpochInput.objects.filter(
        epoch__call=call,
        epoch__state=EpochState.APPROVED,
        contribution__state=State.ACCEPTED,
        contribution__excluded_at=None,
    )
    reach = within_reach(call, party_id)
    if reach is not None:
        settled = settled.filter(contribution__in=reach.order_by().values("id"))
    records = int(settled.aggregate(total=Sum("records"))["total"] or 0)
    version, rule = licensing_rule()
    found = quote(rule.basis, asker.recipient(rule.rate), records=records, step=SUB_UNITS)
    return (
        call,
        found,
        {
            "call": call.slug,
            "records": records,
            "asset": Asset.KRW.value,
            "policy": policy_name(version),
            "reduced": found.reduced,
            "lines": [
                {"key": line.key, "amount": format_amount(line.amount)} for line in found.lines
            ],
            "total": format_amount(found.total),
            "limits": limits_document(rule.rate),
            "asker": asker.document(),
        },
    )


@transaction.atomic
def agree(*, acting: Actor, party_id: UUID, call_slug: str, asker: Asker) -> Licence:
    """Agree to today's quote; the licence holds once it is paid.

    A party that has agreed to the very same and not paid yet gets that licence again: who clicks
    twice, or sends a request again, owes once.

    Raises NOT_FOUND for others' parties, and LICENCE_OUT_OF_REACH (409) where contributors decide
    by name who receives their data and nobody has agreed to this party.
    """
    acting.require_person()
    if not acting.acts_for(party_id):
        raise NOT_FOUND.problem()
    Party.objects.select_for_update(no_key=True).get(id=party_id)  # one agreement at a time
    call, found, document = quoted(call_slug, asker, party_id)
    need_reach(call, party_id)
    facts: dict[str, Any] = dict(document)  # Any: JSON
    standing = Licence.objects.filter(call=call, party_id=party_id, quote=facts, noted_at=None)
    if same := standing.first():
        return same
    return Licence.objects.create(
        call=call, party_id=party_id, quote=facts, total=found.total, agreed_at=now()
    )


def need_reach(call: Call, party_id: UUID) -> None:
    """Raises LICENCE_OUT_OF_REACH where nobody's records may reach a party at this moment."""
    reach = within_reach(call, party_id)
    if reach is not None and not reach.exists():
        raise LICENCE_OUT_OF_REACH.problem()


@transaction.atomic
def note_payment(*, acting: Actor, licence_id: UUID) -> Licence:
    """Note that the licensee has paid; a second person confirms it. Again it changes nothing.

    Operators; LICENCE_PAID (409), NOT_FOUND.
    """
    found = _unpaid(acting, licence_id)
    if found.noted_by_id is not None:
        return found
    found.noted_by, found.noted_at = acting.require_person(), now()
    found.save(update_fields=["noted_by", "noted_at"])
    payload: dict[str, Json] = {
        "licence": str(found.id),
        "amount": format_amount(found.total),
    }
    record(kind="payment.noted", acting=acting, subject=None, payload=payload)
    outbox.publish(kind="payment.noted", subject=str(found.id), payload=payload)
    return found


def record_payment(*, acting: Actor, licence_id: UUID) -> Licence:
    """Note a payment, or, as somebody else than who noted it, confirm it.

    Raises what `note_payment` and `confirm_payment` raise.
    """
    noted = Licence.objects.filter(id=licence_id, noted_by__isnull=False)
    act = confirm_payment if noted.exists() else note_payment
    return act(acting=acting, licence_id=licence_id)


def _unpaid(acting: Actor, licence_id: UUID) -> Licence:
    acting.require(Role.OPERATOR)
    licences = Licence.objects.select_for_update(of=("self",)).select_related("call")
    found = licences.filter(id=licence_id).first()
    if found is None:
        raise NOT_FOUND.problem()
    if found.paid_at is not None:
        raise LICENCE_PAID.problem()
    return found


@transaction.atomic
def confirm_payment(*, acting: Actor, licence_id: UUID) -> Licence:
    """Confirm a payment: split the revenue and freeze the contributors' dividend; once.

    It is split by the terms in force on this day. Revenue enters through the treasury.
    The contributors' part goes to an account of this licence, out of which its dividend is paid;
    what flooring leaves stays in the account of operation. Operators; LICENCE_PAID (409),
    PAYMENT_NOT_NOTED (409), PAYMENT_SAME_PERSON (403) for whoever noted it.
    """
    found = _unpaid(acting, licence_id)
    if found.noted_by_id is None:
        raise PAYMENT_NOT_NOTED.problem()
    if found.noted_by_id == acting.require_person().id:
        raise PAYMENT_SAME_PERSON.problem()
    version, rule = licensing_rule()
    parts, rest = split(found.total, rule.split)
    keys = {name: _part_key(name, found) for name in parts}
    source = source_key(Asset.KRW)
    ids = open_accounts(wanted=[source, *keys.values()])
    amounts = {**parts, OPERATION: parts[OPERATION] + rest}
    legs = tuple(Leg(ids[keys[name]], amount) for name, amount in amounts.items() if amount)
    order = TransferOrder(
        key=derived_key("revenue", found.id),
        kind="revenue",
        legs=(Leg(ids[source], -found.total), *legs),
        reference=f"licence:{found.id}",
    )
    (posted,) = post(acting=acting, transfers=[order])
    found.payment_id = posted.transfer_id
    found.confirmed_by = acting.person
    found.paid_at = now()
    found.save(update_fields=["payment", "confirmed_by", "paid_at"])
    if parts[CONTRIBUTORS]:
        account = ids[keys[CONTRIBUTORS]]
        freeze(acting=acting, licence=found, source=account, amount=parts[CONTRIBUTORS])
    record(
        kind="revenue.recorded",
        acting=acting,
        subject=None,
        payload={
            "licence": str(found.id),
            "asset": Asset.KRW.value,
            "amount": format_amount(found.total),
            "policy": policy_name(version),
        },
    )
    outbox.publish(kind="licence.paid", subject=str(found.id), payload={"licence": str(found.id)})
    return found


def _part_key(name: str, licence: Licence) -> AccountKey:
    """The contributors' part is kept for each licence apart, the others together."""
    kinds = {"contributors": AccountKind.DIVIDEND, "funds": AccountKind.FUND}
    kind = kinds.get(name, AccountKind.OPERATION)
    scope = str(licence.id) if kind == AccountKind.DIVIDEND else ""
    return AccountKey(Asset.KRW.value, kind.value, None, scope)
