"""Test and live keys differ, each opens its scopes alone, and live ones wait for the city."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import get_resolver

from dure.accounts import api_key_services as services
from dure.accounts import scopes
from dure.accounts.acting import Actor
from dure.accounts.models import ApiKey, LiveReview, Organisation
from dure.accounts.services import create_organisation
from dure.core.clock import now
from dure.core.problems import Problem
from tests import cast

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


def _new_firm() -> Organisation:
    return create_organisation(acting=SYSTEM, name={"ko": "새 회사", "en": "New"}, reviewed=False)


def _program(*opens: str, live: bool = True) -> Any:
    client = cast.api()
    _key, secret = services.issue_api_key(
        acting=SYSTEM, person=cast.mina(), live=live, scopes=opens
    )
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def test_every_address_of_the_api_belongs_to_an_area() -> None:
    def first_parts(resolver: Any, before: str = "") -> set[str]:
        found: set[str] = set()
        for pattern in resolver.url_patterns:
            path = before + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                found |= first_parts(pattern, path)
            elif path.startswith("api/v1/"):
                found.add(path.removeprefix("api/v1/").split("/")[0])
        return found

    assert first_parts(get_resolver()) <= set(scopes.AREAS)
    offered = {f"{area}:{way}" for area in set(scopes.AREAS.values()) for way in ("read", "write")}
    assert offered - {"published:read", "published:write"} == set(scopes.SCOPES)


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/api/v1/calls/", None),
        ("POST", "/api/v1/calls/", "operations:write"),
        ("GET", "/api/v1/contributions/D-2026-7K3M9QXA/findings/", "contributions:read"),
        ("DELETE", "/api/v1/uploads/x/", "contributions:write"),
        ("POST", "/api/v1/licences/quote/", "licences:read"),
        ("POST", "/api/v1/licences/", "licences:write"),
        ("GET", "/api/v1/releases/x/files/data.csv", None),
        ("GET", "/api/v1/releases/x/recipients/", "operations:read"),
        ("GET", "/api/v1/payouts/waiting/", "operations:read"),
        ("GET", "/api/v1/tomorrow/", "*"),
    ],
)
def test_what_an_address_needs(method: str, path: str, scope: str | None) -> None:
    assert scopes.needed(method, path) == scope


def test_a_key_opens_its_scopes_and_nothing_else() -> None:
    reader = _program("contributions:read")
    assert reader.get("/api/v1/contributions/").status_code == 200
    assert reader.get("/api/v1/calls/").status_code == 200
    for answer in (
        reader.post("/api/v1/contributions/"),
        reader.get("/api/v1/wallet/"),
        reader.post("/api/v1/redemptions/", {}),
        reader.get("/api/v1/consents/"),
    ):
        assert answer.status_code == 403
        assert answer.json()["type"] == "/developers/errors/scope-missing/"
    assert _program("wallet:read").get("/api/v1/wallet/").status_code == 200


def test_a_test_key_cannot_be_given_more() -> None:
    with pytest.raises(Problem, match="invalid-request"):
        _program("wallet:read", live=False)
    with pytest.raises(Problem, match="invalid-request"):
        _program("made:up")
    with pytest.raises(Problem, match="invalid-request"):
        _program()
    key, _secret = services.issue_api_key(acting=SYSTEM, person=cast.mina(), live=False)
    for opens in (["*"], ["wallet:write"], []):
        with pytest.raises(DatabaseError), transaction.atomic():
            ApiKey.objects.create(
                person=cast.mina(), live=False, prefix="x", digest=b"x", scopes=opens,
                expires_at=now(),
            )  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            ApiKey.objects.filter(id=key.id).update(scopes=opens)


def test_a_live_key_of_a_firm_waits_for_the_review() -> None:
    firm = _new_firm()
    with pytest.raises(Problem, match="live-access-not-reviewed"):
        services.issue_api_key(acting=SYSTEM, person=cast.hana(), organisation=firm)
    with pytest.raises(DatabaseError, match="has not been reviewed"), transaction.atomic():
        ApiKey.objects.create(
            person=cast.hana(), organisation=firm, live=True, prefix="x", digest=b"x",
            scopes=["*"], expires_at=now(),
        )  # fmt: skip
    services.issue_api_key(acting=SYSTEM, person=cast.hana(), organisation=firm, live=False)


def test_an_operator_decides_once_and_never_about_the_own_firm() -> None:
    from dure.accounts.services import add_member

    firm, hana, kang = _new_firm(), cast.hana(), cast.kang()
    add_member(acting=SYSTEM, organisation=firm, person=hana)
    with pytest.raises(Problem, match="not-allowed"):
        services.ask_for_live_access(
            acting=cast.actor(cast.charlie()), organisation=firm, purpose="x"
        )
    with pytest.raises(Problem, match="invalid-request"):
        services.ask_for_live_access(acting=cast.actor(hana), organisation=firm, purpose=" ")
    review = services.ask_for_live_access(
        acting=cast.actor(hana), organisation=firm, purpose="Footfall by the hour."
    )
    with pytest.raises(Problem, match="live-access-asked"):
        services.ask_for_live_access(acting=cast.actor(hana), organisation=firm, purpose="Again.")
    with pytest.raises(Problem, match="not-allowed"):
        services.decide_live_access(acting=cast.actor(hana), review_id=review.id, approve=True)
    with pytest.raises(Problem, match="invalid-request"):
        services.decide_live_access(acting=cast.actor(kang), review_id=review.id, approve=False)
    services.decide_live_access(acting=cast.actor(kang), review_id=review.id, approve=True)
    with pytest.raises(Problem, match="live-access-decided"):
        services.decide_live_access(acting=cast.actor(kang), review_id=review.id, approve=True)
    with pytest.raises(DatabaseError, match="stands"), transaction.atomic():
        LiveReview.objects.filter(id=review.id).update(reason="Otherwise.")
    services.issue_api_key(acting=SYSTEM, person=hana, organisation=firm)
    add_member(acting=SYSTEM, organisation=(other := _new_firm()), person=kang)
    own = services.ask_for_live_access(acting=cast.actor(kang), organisation=other, purpose="Mine.")
    with pytest.raises(Problem, match="not-allowed"):
        services.decide_live_access(acting=cast.actor(kang), review_id=own.id, approve=True)


def test_a_replaced_key_goes_on_for_a_week_and_no_longer() -> None:
    hana, firm = cast.hana(), cast.hanbit()
    old, secret = services.issue_api_key(
        acting=SYSTEM, person=hana, organisation=firm, scopes=["contributions:read"], name="Feed"
    )
    with pytest.raises(Problem, match="not-found"):
        services.rotate_api_key(acting=cast.actor(cast.charlie()), key_id=old.id)
    new, newer_secret = services.rotate_api_key(acting=cast.actor(hana), key_id=old.id)
    assert (new.scopes, new.name, new.live) == (old.scopes, "Feed", True)
    for each in (secret, newer_secret):
        client = cast.api()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {each}")
        assert client.get("/api/v1/contributions/").status_code == 200
    old.refresh_from_db()
    assert timedelta(days=6) < old.expires_at - now() <= services.OVERLAP
    with pytest.raises(Problem, match="not-found"):
        services.rotate_api_key(acting=cast.actor(hana), key_id=old.id)
    with pytest.raises(DatabaseError, match="ends when"), transaction.atomic():
        ApiKey.objects.filter(id=old.id).update(expires_at=now() + timedelta(days=900))


def test_an_ended_key_stays_ended_and_no_key_changes_hands() -> None:
    hana = cast.hana()
    key, _secret = services.issue_api_key(acting=SYSTEM, person=hana, organisation=cast.hanbit())
    services.revoke_api_key(acting=cast.actor(hana), key=key)
    for change in ({"revoked_at": None}, {"person": cast.mina()}, {"live": False}):
        with pytest.raises(DatabaseError), transaction.atomic():
            ApiKey.objects.filter(id=key.id).update(**change)
