"""A record is paid once: taking back what was paid does not make it new again."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from contributions.models import Contribution, RecordFingerprint
from contributions.pipeline.stages import check
from contributions.withdrawal.services import withdraw
from rewards.epochs.selectors import reward_document
from rewards.epochs.services import approve_epoch, close_epoch
from rewards.ledger.accounts import wallet_key
from rewards.ledger.selectors import posted
from tests import cast
from tests.contributions.conftest import _warm_engine
from tests.contributions.seoul import handed_in, news, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)
assert _warm_engine, "the fixture of the checking room serves here too"


def settle(*, approve: bool = True) -> None:
    epoch = close_epoch(acting=cast.actor(cast.kang()), call_slug="air-daily")
    if approve:
        approve_epoch(acting=cast.actor(cast.lim()), epoch=epoch)


def paid_contribution(*, approve: bool = True) -> Contribution:
    published()
    news()
    made = check(handed_in(cast.mina(), twenty_rows()).id)
    settle(approve=approve)
    return made


@pytest.mark.parametrize("approve", [True, False])
def test_withdrawing_after_the_close_and_sending_it_again_earns_nothing(approve: bool) -> None:
    made = paid_contribution(approve=approve)
    before = reward_document(made)["reward"]
    withdraw(acting=cast.actor(cast.mina()), receipt=made.receipt)
    for person in (cast.mina(), cast.joon()):
        again = check(handed_in(person, twenty_rows()).id)
        assert (again.state, again.accepted, again.duplicate) == ("accepted", 0, 20)
        assert reward_document(again)["reward"] == "0"
    assert reward_document(made)["reward"] == before
    assert RecordFingerprint.objects.count() == 20
    assert posted(wallet_key(cast.joon().party_id, "DURE")) == 0


def test_what_no_epoch_has_settled_may_be_taken_back_and_contributed_again() -> None:
    published()
    news()
    made = check(handed_in(cast.mina(), twenty_rows()).id)
    withdraw(acting=cast.actor(cast.mina()), receipt=made.receipt)
    assert check(handed_in(cast.mina(), twenty_rows()).id).accepted == 20


def test_the_database_keeps_the_counts_of_what_is_settled() -> None:
    made = paid_contribution(approve=False)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('dure.recounting', %s, true)", [str(made.id)])
        with pytest.raises(DatabaseError, match="settled"), transaction.atomic():
            Contribution.objects.filter(pk=made.pk).update(accepted=19, duplicate=1, mass=19_000)


def test_an_earlier_file_does_not_take_over_what_is_paid() -> None:
    published()
    news()
    first = handed_in(cast.mina(), twenty_rows())
    second = check(handed_in(cast.joon(), twenty_rows()).id)
    settle()
    check(first.id)
    first.refresh_from_db()
    assert (first.accepted, first.duplicate) == (0, 20)
    assert reward_document(second)["reward"] != "0"
