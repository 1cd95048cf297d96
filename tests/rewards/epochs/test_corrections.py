"""A settlement was wrong: Lim rejects it in time, or what it paid is taken back by two people."""

from __future__ import annotations

import json

import pytest
from django.db import DatabaseError, connection, transaction

from contributions.models import Contribution
from contributions.withdrawal.services import withdraw
from dure.core.canonical import sha256_hex
from dure.core.money import format_amount
from dure.core.problems import Problem
from governance.models import LogEntry
from rewards.epochs.corrected import reversal_effect
from rewards.epochs.corrections import propose_reversal, reject_epoch
from rewards.epochs.replay import replay
from rewards.epochs.selectors import epoch_document, manifest_bytes, reward_document
from rewards.epochs.services import approve_epoch, close_epoch
from rewards.ledger.accounts import pool_key, wallet_key
from rewards.ledger.integrity import check_ledger
from rewards.ledger.selectors import posted
from rewards.models import Epoch, EpochGround, EpochInput, InputRelease, Rail
from rewards.wallet.services import request_redemption
from tests import cast
from tests.rewards.city import SLUG, contribution, dobong, gangnam, published_call

pytestmark = pytest.mark.django_db


def close() -> Epoch:
    return close_epoch(acting=cast.actor(cast.kang()), call_slug=SLUG)


def approve(epoch: Epoch) -> Epoch:
    return approve_epoch(acting=cast.actor(cast.lim()), epoch=epoch)


def reverse_it(epoch: Epoch) -> Epoch:
    return propose_reversal(
        acting=cast.actor(cast.kang()), epoch=epoch, ground=EpochGround.WRONG_DATA
    )


def two_contributions() -> tuple[Contribution, Contribution]:
    call = published_call()
    mina = contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    joon = contribution(call, cast.joon().party_id, gangnam(10), accepted=10)
    return mina, joon


def wallets() -> tuple[int, int]:
    people = (cast.mina(), cast.joon())
    first, second = (posted(wallet_key(person.party_id, "DURE")) for person in people)
    return first, second


def test_a_rejected_epoch_pays_nothing_and_what_it_froze_is_settled_by_the_next() -> None:
    mina, _ = two_contributions()
    wrong = close()
    rejected = reject_epoch(
        acting=cast.actor(cast.lim()), epoch=wrong, ground=EpochGround.WRONG_RULE
    )
    assert (rejected.state, rejected.ground) == ("rejected", "wrong-rule")
    assert wallets() == (0, 0)
    assert reward_document(mina)["state"] == "estimate"
    again = close()
    assert again.inputs_count == 2
    assert again.total == wrong.total
    approve(again)
    assert sum(wallets()) == wrong.total
    assert LogEntry.objects.filter(kind="epoch.rejected").count() == 1


def test_nobody_rejects_what_they_closed_and_what_was_decided_is_not_rejected() -> None:
    two_contributions()
    epoch = close()
    for person, code in ((cast.kang(), 403), (cast.mina(), 403)):
        with pytest.raises(Problem) as refused:
            reject_epoch(acting=cast.actor(person), epoch=epoch, ground=EpochGround.FORMAL)
        assert refused.value.kind.status == code
    approve(epoch)
    with pytest.raises(Problem, match="epoch-not-waiting"):
        reject_epoch(acting=cast.actor(cast.lim()), epoch=epoch, ground=EpochGround.FORMAL)


def test_a_reversal_takes_back_what_was_paid_by_name_and_the_next_epoch_pays_anew() -> None:
    two_contributions()
    paid = approve(close())
    pool = posted(pool_key(SLUG, "DURE"))
    reversal = reverse_it(paid)
    assert sum(wallets()) == paid.total, "nothing moves before a second person agrees"
    reversal = approve(reversal)
    assert wallets() == (0, 0)
    assert reversal.returned == paid.total
    assert posted(pool_key(SLUG, "DURE")) == pool + paid.total
    document = epoch_document(reversal)
    assert document["reverses"] == str(paid.id)
    assert document["ground"] == "wrong-data"
    next_one = close()
    assert next_one.inputs_count == 2
    assert next_one.total == paid.total
    approve(next_one)
    assert sum(wallets()) == paid.total
    found = check_ledger()
    assert found["ok"] is True, found


def test_what_somebody_has_spent_stays_paid_and_is_not_paid_again() -> None:
    two_contributions()
    paid = approve(close())
    mina_had, joon_had = wallets()
    request_redemption(
        acting=cast.actor(cast.joon()),
        party_id=cast.joon().party_id,
        asset="DURE",
        amount=joon_had - joon_had % 1_000_000,
        rail=Rail.FUND,
        destination="11680",
    )
    reversal = approve(reverse_it(paid))
    assert reversal.returned == mina_had
    assert EpochInput.objects.get(epoch=paid).contribution.party_id == cast.joon().party_id
    again = close()
    assert [i.contribution.party_id for i in again.inputs.all()] == [cast.mina().party_id]


def test_what_was_paid_for_data_that_was_withdrawn_since_stays_paid() -> None:
    _mina, joon = two_contributions()
    paid = approve(close())
    mina_had, joon_had = wallets()
    withdraw(acting=cast.actor(cast.joon()), receipt=joon.receipt)
    effect = reversal_effect(paid)
    assert (effect["returns"], effect["stays"]) == (
        format_amount(mina_had), format_amount(joon_had),
    )  # fmt: skip
    assert (effect["people"], effect["waiting"]) == (1, 1)
    reversal = approve(reverse_it(paid))
    assert reversal.returned == mina_had
    assert wallets() == (0, joon_had)
    found = check_ledger()
    assert found["ok"] is True, found


def test_an_epoch_is_taken_back_once_and_only_when_it_was_paid() -> None:
    two_contributions()
    closed = close()
    with pytest.raises(Problem, match="epoch-not-paid"):
        reverse_it(closed)
    paid = approve(closed)
    reversal = reverse_it(paid)
    with pytest.raises(Problem, match="epoch-already-reversed"):
        reverse_it(paid)
    with pytest.raises(Problem, match="epoch-not-paid"):
        reverse_it(reversal)
    # The first proposal was a mistake; after its rejection another may follow.
    reject_epoch(acting=cast.actor(cast.lim()), epoch=reversal, ground=EpochGround.FORMAL)
    assert approve(reverse_it(paid)).returned == paid.total


def test_a_reversal_replays_from_its_manifest_and_a_changed_one_does_not() -> None:
    two_contributions()
    paid = approve(close())
    reversal = reverse_it(paid)
    manifest = manifest_bytes(reversal)
    assert replay(manifest) == manifest
    assert sha256_hex(manifest) == reversal.manifest_sha256
    changed = json.loads(manifest)
    changed["outputs"][0]["amount"] = "1"
    with pytest.raises(ValueError, match="not the outputs"):
        replay(json.dumps(changed).encode())


def test_the_database_lets_go_only_of_what_was_rejected_or_taken_back() -> None:
    mina, _ = two_contributions()
    paid = approve(close())
    row = EpochInput.objects.get(contribution=mina)
    with pytest.raises(DatabaseError, match="stands"), transaction.atomic():
        row.lines.all().delete()
    with pytest.raises(DatabaseError, match="stays settled"), transaction.atomic():
        InputRelease.objects.create(
            epoch=paid, contribution=mina, pseudonym=row.pseudonym, reward=row.reward
        )
    reversal = approve(reverse_it(paid))
    with connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute("UPDATE rewards_epoch SET returned = 0 WHERE id = %s", [reversal.id])
    with connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute("DELETE FROM rewards_inputrelease")
    with pytest.raises(DatabaseError, match="cannot be reversed"), transaction.atomic():
        Epoch.objects.create(
            call=paid.call,
            number=99,
            kind="reversal",
            reverses=reversal,
            opened_at=paid.opened_at,
        )
