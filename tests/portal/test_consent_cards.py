"""A consent that the city ended says so, and why: it was not its owner who decided."""

from __future__ import annotations

import pytest
from django.test import Client

from governance.consent import endings
from tests import cast
from tests.governance.consent.test_lifecycle import decide, notice

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("ground", sorted(endings.GROUNDS))
@pytest.mark.parametrize(("prefix", "said"), [("/en", "The city ended this"), ("", "시가")])
def test_who_ended_a_consent_and_why_stands_on_its_card(
    ground: str, prefix: str, said: str
) -> None:
    given = decide(notice())
    mina = cast.log_in(Client(), cast.mina())
    before = mina.get(f"{prefix}/me/consents/").content.decode()
    assert said not in before.split("<main")[1]
    endings.end_consent(acting=cast.actor(cast.kang()), consent=given, ground=ground, reason="검토")
    page = mina.get(f"{prefix}/me/consents/").content.decode().split("<main")[1]
    assert said in page
    assert ground not in page
    assert ("by the city" if prefix else "시가 결정") in page
