"""A call is published together with its money, or not at all."""

from __future__ import annotations

import pytest

from contributions.calls.services import draft_call, publish_call, revise_call
from contributions.models import Call, CallVersion
from dure.core.money import SUB_UNITS
from dure.core.problems import Problem
from rewards.epochs.pools import fund_pool
from rewards.ledger.accounts import pool_key, source_key
from rewards.ledger.integrity import check_ledger
from rewards.ledger.selectors import posted
from tests import cast
from tests.rewards.city import SLUG, document, published_call

pytestmark = pytest.mark.django_db


def republished(**changes: object) -> Call:
    kang, lim = cast.actor(cast.kang()), cast.actor(cast.lim())
    revise_call(acting=kang, slug=SLUG, changes=changes)
    publish_call(acting=kang, slug=SLUG)
    publish_call(acting=lim, slug=SLUG)
    return Call.objects.get(slug=SLUG)


def test_publishing_funds_the_pool_out_of_the_issuance() -> None:
    published_call()
    assert posted(pool_key(SLUG, "DURE")) == 1000 * SUB_UNITS
    assert posted(source_key("DURE")) == -1000 * SUB_UNITS
    assert check_ledger()["ok"] is True


def test_funding_a_version_twice_funds_it_once() -> None:
    call = published_call()
    assert call.published is not None
    fund_pool(call.published, cast.actor(cast.lim()))
    assert posted(pool_key(SLUG, "DURE")) == 1000 * SUB_UNITS


def test_a_later_version_adds_only_the_difference() -> None:
    published_call()
    republished(pool={"asset": "DURE", "amount": "1500"})
    assert posted(pool_key(SLUG, "DURE")) == 1500 * SUB_UNITS
    republished(target_mass=200)
    assert posted(pool_key(SLUG, "DURE")) == 1500 * SUB_UNITS


@pytest.mark.parametrize(
    ("pool", "field", "says"),
    [
        ({"asset": "DURE", "amount": "999"}, "pool.amount", "at least 1,000 DURE"),
        ({"asset": "KRW", "amount": "2000"}, "pool.asset", "holds 1,000 DURE already"),
    ],
)
def test_a_promise_is_not_reduced_and_that_is_said_while_it_is_written(
    pool: dict[str, str], field: str, says: str
) -> None:
    call = published_call()
    kang = cast.api(cast.kang())
    english = {"accept-language": "en"}
    address = f"/api/v1/calls/{SLUG}/"
    refused = kang.patch(address, {"pool": pool}, format="json", headers=english)
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert error["field"] == field
    assert says in error["message"]
    assert CallVersion.objects.filter(call__slug=SLUG).count() == 1
    # Whatever comes past that is refused with the money.
    call.refresh_from_db()
    assert call.published is not None
    call.published.document = {**call.published.document, "pool": pool}
    with pytest.raises(Problem, match="pool-cannot-shrink"):
        fund_pool(call.published, cast.actor(cast.lim()))
    assert posted(pool_key(SLUG, "DURE")) == 1000 * SUB_UNITS


def test_won_come_from_the_treasury() -> None:
    published_call(pool={"asset": "KRW", "amount": "5000"})
    assert posted(source_key("KRW")) == -5000 * SUB_UNITS


@pytest.mark.parametrize(
    ("amount", "status", "code"),
    [
        ("1100000000000", 409, "insufficient-balance"),
        ("2000000000000", 422, "amount-too-large"),
    ],
)
def test_a_pool_in_an_asset_without_funds_is_refused_before_anything_is_published(
    amount: str, status: int, code: str
) -> None:
    """The treasury can owe nine trillion won in all: a second such pool is not there."""
    kang, lim = cast.api(cast.kang()), cast.api(cast.lim())
    published_call(pool={"asset": "KRW", "amount": "8000000000000"})
    draft_call(
        acting=cast.actor(cast.kang()),
        document=document(slug="other", pool={"asset": "KRW", "amount": amount}),
    )
    assert kang.post("/api/v1/calls/other/publication/").status_code == 202
    refused = lim.post("/api/v1/calls/other/publication/")
    assert refused.status_code == status
    assert refused.json()["type"].rstrip("/").endswith(code)
    (fault,) = refused.json()["errors"]
    assert fault["field"] == "pool.amount"
    assert "1,000,000,000,000" in fault["message"]
    assert not CallVersion.objects.filter(call__slug="other", state="published").exists()
    assert posted(pool_key("other", "KRW")) == 0
    assert check_ledger()["ok"] is True


def test_a_draft_whose_method_lacks_its_numbers_is_read_while_it_is_written() -> None:
    """A refusal after the draft was kept would leave one that nobody can read or mend."""
    published_call()
    kang = cast.api(cast.kang())
    draft = document(slug="other", method="cost", price_cap=None)
    assert kang.post("/api/v1/calls/", draft, format="json").status_code == 201
    answer = kang.get("/api/v1/calls/other/")
    assert answer.status_code == 200
    assert {each["price"] for each in answer.json()["strata"]} == {None}
    assert kang.get("/api/v1/calls/").status_code == 200
    assert kang.post("/api/v1/calls/other/publication/").status_code == 202
    refused = cast.api(cast.lim()).post("/api/v1/calls/other/publication/")
    assert [fault["field"] for fault in refused.json()["errors"]] == ["compensation"]
    assert not CallVersion.objects.filter(call__slug="other", state="published").exists()


def test_a_call_whose_method_lacks_its_numbers_is_not_published() -> None:
    published_call()
    kang = cast.actor(cast.kang())
    draft_call(acting=kang, document=document(slug="other", method="knn"))
    publish_call(acting=kang, slug="other")
    with pytest.raises(Problem, match="pricing-unsound") as refused:
        publish_call(acting=cast.actor(cast.lim()), slug="other")
    assert [error.field for error in refused.value.errors] == ["training"]
    assert not CallVersion.objects.filter(call__slug="other", state="published").exists()


@pytest.mark.parametrize(
    "member",
    [
        {"cost_multipliers": {"district": {"11320": "3.5"}}},
        {"cost_multipliers": {"district": {"99999": "2"}}},
        {"cost_multipliers": {"sex": {"F": "2"}}},
        {"cost_multipliers": {"district": {"11320": 2}}},
        {"cost_multipliers": ["2"]},
        {"intake_fill": "0"},
        {"intake_fill": 3},
    ],
)
def test_multipliers_and_fills_that_cannot_be_meant_are_not_published(
    member: dict[str, object],
) -> None:
    published_call()
    kang = cast.actor(cast.kang())
    draft_call(acting=kang, document=document(slug="other", **member))
    publish_call(acting=kang, slug="other")
    with pytest.raises(Problem, match="pricing-unsound"):
        publish_call(acting=cast.actor(cast.lim()), slug="other")
