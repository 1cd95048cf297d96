"""What a running epoch would pay by: what counts now, less what earlier epochs settled."""

from __future__ import annotations

import pytest

from contributions.models import Call, Contribution
from contributions.pipeline.stages import check
from contributions.selectors import stocks
from contributions.withdrawal.services import withdraw
from rewards.epochs import facts
from rewards.epochs.services import approve_epoch, close_epoch
from tests import cast
from tests.contributions.conftest import _warm_engine
from tests.contributions.seoul import air_csv, handed_in, news, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)
assert _warm_engine, "the fixture of the checking room serves here too"


def sent(data: bytes) -> Contribution:
    return check(handed_in(cast.mina(), data).id)


def test_what_is_added_is_what_no_epoch_has_settled() -> None:
    version = published()
    news()
    paid, left = sent(twenty_rows()), sent(air_csv("20261102,강남구,31"))
    approve_epoch(
        acting=cast.actor(cast.lim()),
        epoch=close_epoch(acting=cast.actor(cast.kang()), call_slug="air-daily"),
    )
    waiting = sent(air_csv("20261103,종로구,31", "20261103,도봉구,32"))
    gone = sent(air_csv("20261104,강남구,33"))
    call = Call.objects.get(slug="air-daily")
    for taken_back in (None, gone, left, paid, waiting):
        if taken_back is not None:
            withdraw(acting=cast.actor(cast.mina()), receipt=taken_back.receipt)
        found = facts.running_terms(version)
        assert found["stock_before"] == facts.masses(facts.settled(call))
        assert found["stock_added"] == facts.masses(facts.waiting(call))
        assert facts.running_terms(version, stocks([call.id]).get(call.id, {})) == found
        assert found["records_before"] == facts.records(facts.settled(call))
        assert found["records_added"] == facts.records(facts.waiting(call))
        lean = facts.running_terms(version, counted=False)
        assert lean == {**found, "records_before": 0, "records_added": 0}
        priced, leanly = facts.terms_of(found), facts.terms_of(lean)
        assert (leanly.prices, leanly.rates) == (priced.prices, priced.rates)
    assert found["stock_added"] == {}


def test_a_rule_that_pays_by_records_counts_them_for_whoever_asks_for_prices() -> None:
    version = published(method="flat")
    news()
    sent(twenty_rows())
    lean = facts.running_terms(version, counted=False)
    assert lean == facts.running_terms(version)
    assert lean["records_added"] == 20
