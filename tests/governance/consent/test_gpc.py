"""Global Privacy Control refuses optional disclosures nobody decided on, and says so."""

from __future__ import annotations

import pytest

from dure.core.canonical import Json
from governance.consent import selectors, services
from governance.models import ConsentEvent, LogEntry, Notice
from tests.cast import actor, api, kang, mina
from tests.contributions import seoul

pytestmark = pytest.mark.django_db
LAB: dict[str, Json] = {"key": "han-lab", "name": {"ko": "한강연구소", "en": "Han Lab"}}
TEXT = {"ko": "제공합니다.", "en": "Given to others."}


def notice(purpose: str = "sharing", *, required: bool = False, shared: bool = True) -> Notice:
    return services.publish_notice(
        acting=actor(kang()),
        scope="air-daily",
        purpose=purpose,
        required=required,
        text=TEXT,
        retention_days=365,
        recipients=(LAB,) if shared else (),
    )


def decide(about: Notice, recipient: str = "han-lab", *, granted: bool = True, gpc: bool) -> None:
    headers = {"Sec-GPC": "1"} if gpc else {}
    body = {"notice": str(about.id), "granted": granted, "recipient": recipient}
    answer = api(mina()).post("/api/v1/consents/", body, headers=headers)
    assert answer.status_code == 201, answer.content


def events() -> list[tuple[str, str, str, str]]:
    rows = ConsentEvent.objects.order_by("log_entry__origin_seq")
    return list(
        rows.values_list("consent__notice__purpose", "consent__recipient", "state", "signal")
    )


def test_the_city_says_that_it_honours_the_signal() -> None:
    answer = api().get("/.well-known/gpc.json")
    assert answer.status_code == 200
    assert answer.json() == {"gpc": True, "lastUpdate": "2026-11-23"}


def test_any_decision_with_the_signal_refuses_undecided_disclosures() -> None:
    own = notice("city-ai", required=True, shared=False)
    notice()
    notice("must", required=True)
    decide(own, "", gpc=True)
    assert events() == [
        ("city-ai", "", "given", "gpc"),
        ("sharing", "han-lab", "refused", "gpc"),
    ]
    decide(own, "", gpc=True)
    assert len(events()) == 2
    entry = LogEntry.objects.get(kind="consent.refused")
    assert b'"signal":"gpc"' in bytes(entry.body)


def test_without_the_signal_nothing_is_assumed() -> None:
    notice()
    decide(notice("city-ai", required=True, shared=False), "", gpc=False)
    assert events() == [("city-ai", "", "given", "")]


def test_what_was_decided_in_so_many_words_stands() -> None:
    about = notice()
    decide(about, gpc=False)
    decide(notice("city-ai", required=True, shared=False), "", gpc=True)
    found = selectors.in_force(
        party_id=mina().party_id, scope="air-daily", purpose="sharing", recipient="han-lab"
    )
    assert found is not None
    decide(about, granted=False, gpc=True)
    decide(about, gpc=True)
    assert events()[-1] == ("sharing", "han-lab", "given", "gpc")


@pytest.mark.parametrize("value", ["0", "true", ""])
def test_only_the_value_1_is_the_signal(value: str) -> None:
    notice()
    own = notice("city-ai", required=True, shared=False)
    body = {"notice": str(own.id), "granted": True}
    assert api(mina()).post("/api/v1/consents/", body, HTTP_SEC_GPC=value).status_code == 201
    assert events() == [("city-ai", "", "given", "")]


def test_an_upload_with_the_signal_refuses_too() -> None:
    seoul.published()
    notice()
    made = api(mina()).post(
        "/api/v1/contributions/?call=air-daily&purpose=city-ai",
        data=seoul.twenty_rows(),
        content_type="text/csv",
        HTTP_SEC_GPC="1",
    )
    assert made.status_code == 202, made.content
    assert ("sharing", "han-lab", "refused", "gpc") in events()
    assert ("city-ai", "", "given", "gpc") in events()
