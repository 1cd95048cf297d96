"""Keys: shown once, kept as a digest, ending when they should."""

from __future__ import annotations

from datetime import timedelta

import pytest
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from dure.accounts import api_key_services, api_keys
from dure.accounts.acting import Actor
from dure.accounts.authentication import ApiKeyAuthentication
from dure.accounts.models import ApiKey, Person
from dure.core.clock import now
from dure.core.problems import Problem
from tests import cast

pytestmark = pytest.mark.django_db


def _authenticate(secret: str) -> tuple[Person, ApiKey] | None:
    request = APIRequestFactory().get("/", HTTP_AUTHORIZATION=f"Bearer {secret}")
    return ApiKeyAuthentication().authenticate(Request(request))


def _issue(**options: object) -> tuple[ApiKey, str]:
    return api_key_services.issue_api_key(acting=Actor.system("tests"), person=cast.mina())


def test_a_key_names_its_person_and_its_secret_is_stored_nowhere() -> None:
    key, secret = _issue()
    found = _authenticate(secret)
    assert found is not None
    assert found[0] == cast.mina()
    stored = ApiKey.objects.values().get(id=key.id)
    assert secret not in str(stored)
    assert secret.startswith("dure_live_")


def test_revoked_expired_and_unknown_keys_answer_alike() -> None:
    key, secret = _issue()
    api_key_services.revoke_api_key(acting=cast.actor(cast.mina()), key=key)
    expired, late = _issue()
    ApiKey.objects.filter(id=expired.id).update(expires_at=now() - timedelta(seconds=1))
    said = set()
    for text in (secret, late, api_keys.new_secret(live=True), secret[:-1] + "_", "x", ""):
        with pytest.raises(AuthenticationFailed) as refusal:
            _authenticate(text)
        said.add(str(refusal.value.detail))
    assert len(said) == 1


def test_a_neighbour_cannot_revoke_my_key() -> None:
    key, secret = _issue()
    with pytest.raises(Problem, match="not-found"):
        api_key_services.revoke_api_key(acting=cast.actor(cast.charlie()), key=key)
    assert _authenticate(secret) is not None


def test_a_firms_key_acts_for_the_firm_alone() -> None:
    hana, firm = cast.hana(), cast.hanbit()
    key, _secret = api_key_services.issue_api_key(
        acting=Actor.system("tests"), person=hana, organisation=firm
    )
    acting = Actor(hana, firm.party_id, f"person:{hana.id}", key)
    assert acting.acts_for(firm.party_id)
    assert not acting.acts_for(hana.party_id)


def test_a_mistyped_key_is_known_without_the_database() -> None:
    secret = api_keys.new_secret(live=False)
    assert api_keys.well_formed(secret)
    other = "0" if secret[15] != "0" else "1"
    assert not api_keys.well_formed(secret[:15] + other + secret[16:])
