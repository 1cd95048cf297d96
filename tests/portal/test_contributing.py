"""From a call to a receipt, one page at a time; nothing that was chosen is ever lost."""

from __future__ import annotations

import unicodedata
from uuid import uuid4

import pytest
from django.test import Client

from contributions.models import Contribution, Draft
from contributions.uploads.services import append, begin
from dure.core.clock import now
from portal.resident.contributions import banner, steps
from tests import cast
from tests.portal import city

pytestmark = pytest.mark.django_db

BASE = f"/en/contribute/{city.SLUG}"


@pytest.fixture
def mina(client: Client) -> Client:
    city.open_call()
    return cast.log_in(client, cast.mina())


def start(client: Client) -> None:
    answer = client.post(f"{BASE}/where/", {"party": str(cast.mina().party_id)})
    assert answer["Location"] == f"{BASE}/file/"


def upload(client: Client, *rows: str) -> None:
    answer = client.post(f"{BASE}/file/", {"file": city.csv_file(*rows)})
    assert answer["Location"] == f"{BASE}/check/"


def test_the_whole_way_ends_with_a_receipt(mina: Client) -> None:
    start(mina)
    upload(mina, "2026-11-01,11320,31", "2026-11-01,11680,28")
    assert "This looks good" in mina.get(f"{BASE}/check/").content.decode()
    page = mina.get(f"{BASE}/consent/").content.decode()
    assert page.count('type="checkbox"') == 2
    assert " checked" not in page
    answer = mina.post(f"{BASE}/consent/", {"purpose": ["city-ai"]})
    assert answer["Location"] == f"{BASE}/done/"
    done = mina.get(f"{BASE}/done/").content.decode()
    contribution = Contribution.objects.get()
    assert contribution.receipt in done
    assert mina.get(f"/en/c/{contribution.receipt}/").status_code == 200


def test_pressing_the_last_button_twice_hands_in_once(mina: Client) -> None:
    start(mina)
    upload(mina, "2026-11-01,11320,31")
    for _click in range(2):
        mina.post(f"{BASE}/consent/", {"purpose": ["city-ai"]})
    assert Contribution.objects.count() == 1


def test_without_a_file_the_page_says_so(mina: Client) -> None:
    start(mina)
    answer = mina.post(f"{BASE}/file/", {})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: " in page
    assert 'href="#file"' in page
    assert 'aria-invalid="true"' in page


def test_an_unreadable_file_does_not_cost_the_earlier_one(mina: Client) -> None:
    start(mina)
    upload(mina, "2026-11-01,11320,31")
    empty = city.csv_file()
    empty.truncate(0)
    answer = mina.post(f"{BASE}/file/", {"file": empty})
    assert answer.status_code == 422
    assert "dust.csv" in answer.content.decode()
    assert Draft.objects.get().filename == "dust.csv"
    assert mina.post(f"{BASE}/file/", {})["Location"] == f"{BASE}/check/"


def test_a_file_that_would_be_returned_is_told_before_it_is_sent(mina: Client) -> None:
    start(mina)
    upload(mina, "2026-11-01,11320,much", "2026-11-02,11320,31")
    half = mina.get(f"{BASE}/check/").content.decode()
    assert "You can continue" in half, "half of the rows is what this call bears"
    upload(mina, "2026-11-01,11320,much", "2026-11-02,11320,more", "2026-11-03,11680,28")
    page = mina.get(f"{BASE}/check/").content.decode()
    assert "This file would come back to you" in page
    assert "2 of the 3 rows looked at would be set aside" in page
    assert "at most 50 % such rows" in page


def test_what_was_accepted_and_then_withdrawn_stopped_nowhere(mina: Client) -> None:
    contribution = city.contribution_of(cast.mina())
    contribution.state, contribution.stage = "withdrawn", "representativeness"
    assert {step.standing for step in steps(contribution)} > {"done"}
    contribution.accepted_at = now()
    assert {step.standing for step in steps(contribution)} == {"done"}
    assert not any(step.current for step in steps(contribution))


def test_nothing_new_is_not_called_accepted() -> None:
    counts = {"received": 3, "accepted": 0, "quarantined": 1, "duplicate": 2}
    told = banner({"state": "accepted", "reason": "Every record was known.", "counts": counts})
    assert told is not None
    assert "2 records were contributed before and 1 rows were set aside" in told.text
    known = banner(
        {"state": "accepted", "reason": "Known.", "counts": {**counts, "quarantined": 0}}
    )
    assert known is not None
    assert known.text == "Known."
    assert known.tone == ""


def test_an_error_in_consent_keeps_the_file_and_what_was_ticked(mina: Client) -> None:
    start(mina)
    upload(mina, "2026-11-01,11320,31")
    answer = mina.post(f"{BASE}/consent/", {"purpose": ["research"]})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#purpose-city-ai"' in page
    assert page.count(" checked") == 1
    assert Draft.objects.get().blob is not None
    assert not Contribution.objects.exists()


def test_consent_is_asked_again_even_where_it_was_given_before(mina: Client) -> None:
    city.contribution_of(cast.mina())
    start(mina)
    upload(mina, "2026-11-02,11320,31")
    page = mina.get(f"{BASE}/consent/").content.decode()
    assert " checked" not in page
    assert "You have consented to this before" in page
    assert mina.post(f"{BASE}/consent/", {}).status_code == 422


def test_wrong_columns_are_named_and_lead_to_another_file(mina: Client) -> None:
    start(mina)
    file = city.csv_file()
    file.seek(0)
    file.write(b"day,district\n2026-11-01,11320\n")
    file.truncate()
    file.seek(0)
    mina.post(f"{BASE}/file/", {"file": file})
    page = mina.get(f"{BASE}/check/").content.decode()
    assert "The columns do not match yet" in page
    assert "pm10" in page
    assert f'href="{BASE}/consent/"' not in page
    assert "Choose another file" in page


def test_a_page_of_the_way_needs_the_ones_before_it(mina: Client) -> None:
    for step in ("file", "check", "consent", "done"):
        assert mina.get(f"{BASE}/{step}/")["Location"] == f"{BASE}/where/"
    start(mina)
    assert mina.get(f"{BASE}/consent/")["Location"] == f"{BASE}/file/"
    assert mina.get(f"{BASE}/elsewhere/").status_code == 404


def test_nobody_contributes_in_the_name_of_others(mina: Client) -> None:
    for party in (cast.joon().party_id, cast.hanbit().party_id, uuid4()):
        answer = mina.post(f"{BASE}/where/", {"party": str(party)})
        assert answer.status_code == 422
    assert not Draft.objects.exists()


def test_members_may_choose_their_organisation(client: Client) -> None:
    city.open_call()
    person = cast.hana()
    cast.log_in(client, person)
    page = client.get(f"{BASE}/where/").content.decode()
    assert str(cast.hanbit().party_id) in page
    assert "Hanbit" in page


def test_a_closed_or_unknown_call_takes_nothing(mina: Client) -> None:
    assert mina.get("/en/contribute/none/where/").status_code == 404


def test_the_sample_has_the_columns_of_the_call(client: Client) -> None:
    city.open_call()
    answer = client.get(f"/calls/{city.SLUG}/sample.csv")
    text = answer.content.decode("utf-8-sig")
    assert text.splitlines()[0] == city.HEADER
    assert len(text.splitlines()) == 2
    assert "attachment" in answer["Content-Disposition"]


def test_withdrawing_states_the_effect_first_and_takes_two_clicks(mina: Client) -> None:
    contribution = city.contribution_of(cast.mina())
    address = f"/en/c/{contribution.receipt}/withdrawal/"
    assert "What this does" in mina.get(address).content.decode()
    mina.post(address)
    contribution.refresh_from_db()
    assert contribution.state == "withdrawn"


def test_a_consent_is_withdrawn_with_one_click_on_its_card(mina: Client) -> None:
    city.contribution_of(cast.mina())
    consent = cast.mina().party.consents.get()
    page = mina.get("/me/consents/").content.decode()
    assert "동의 철회: 도시 인공지능과 정책" in page
    answer = mina.post(f"/me/consents/{consent.id}/withdrawal/", follow=True)
    assert "동의를 철회했습니다" in answer.content.decode()
    assert consent.state == "withdrawn"


def test_an_upload_in_pieces_becomes_the_file_of_the_draft(mina: Client) -> None:
    start(mina)
    acting = cast.actor(cast.mina())
    data = city.csv_file("2026-11-01,11320,31").read()
    upload = begin(
        acting=acting, party_id=cast.mina().party_id, length=len(data), filename="dust.csv"
    )
    early = mina.post(f"{BASE}/file/", {"upload": str(upload.id)})
    assert early.status_code == 422
    assert "Send the rest of the file first." in early.content.decode()
    append(acting=acting, upload_id=upload.id, offset=0, piece=data)
    answer = mina.post(f"{BASE}/file/", {"upload": str(upload.id)})
    assert answer["Location"] == f"{BASE}/check/"
    assert Draft.objects.get().filename == "dust.csv"
    for gone in (str(upload.id), "nonsense"):
        assert mina.post(f"{BASE}/file/", {"upload": gone}).status_code == 422


def test_a_neighbour_s_upload_is_no_file_of_mine(mina: Client) -> None:
    start(mina)
    joon = cast.actor(cast.joon())
    theirs = begin(acting=joon, party_id=cast.joon().party_id, length=1)
    append(acting=joon, upload_id=theirs.id, offset=0, piece=b"x")
    assert mina.post(f"{BASE}/file/", {"upload": str(theirs.id)}).status_code == 422
    assert Draft.objects.get().blob is None


def test_a_session_that_ended_in_the_middle_loses_nothing(mina: Client) -> None:
    start(mina)
    upload(mina, "2026-11-01,11320,31")
    mina.session.flush()
    mina.cookies.clear()
    answer = mina.post(f"{BASE}/consent/", {"purpose": ["city-ai"]})
    assert answer["Location"].startswith("/en/login/?next=")
    told = {"username": cast.mina().email, "password": cast.PASSWORD}
    back = mina.post(answer["Location"], {**told, "next": f"{BASE}/consent/"})
    assert back["Location"] == f"{BASE}/consent/"
    assert "dust.csv" in mina.get(f"{BASE}/check/").content.decode()
    assert mina.post(f"{BASE}/consent/", {"purpose": ["city-ai"]}).status_code == 302
    assert Contribution.objects.get().filename == "dust.csv"


def test_nobody_goes_on_with_anothers_draft(mina: Client) -> None:
    start(mina)
    upload(mina, "2026-11-01,11320,31")
    joon = cast.log_in(Client(), cast.joon())
    assert joon.get(f"{BASE}/check/")["Location"] == f"{BASE}/where/"


def test_the_back_button_after_handing_in_begins_nothing_twice(mina: Client) -> None:
    start(mina)
    upload(mina, "2026-11-01,11320,31")
    mina.post(f"{BASE}/consent/", {"purpose": ["city-ai"]})
    for step in ("consent", "check", "file"):
        answer = mina.post(f"{BASE}/{step}/", {"purpose": ["city-ai"]})
        assert answer.status_code in (302, 405), step
    assert Contribution.objects.count() == 1


def test_tampered_hidden_fields_reach_nobody_else(mina: Client) -> None:
    for party in (str(cast.joon().party_id), str(uuid4()), "x" * 5000, "<script>", ""):
        answer = mina.post(f"{BASE}/where/", {"party": party})
        assert answer.status_code == 422
    start(mina)
    for upload_id in (str(uuid4()), "../../etc/passwd", "x" * 5000):
        answer = mina.post(f"{BASE}/file/", {"upload": upload_id})
        assert answer.status_code == 422
    assert not Draft.objects.filter(blob__isnull=False).exists()


def test_purposes_that_the_call_does_not_have_are_refused(mina: Client) -> None:
    start(mina)
    upload(mina, "2026-11-01,11320,31")
    answer = mina.post(f"{BASE}/consent/", {"purpose": ["city-ai", "sell-everything"]})
    assert answer.status_code == 422
    assert not Contribution.objects.exists()


def test_a_file_name_in_decomposed_hangul_or_with_markup_is_shown_as_it_is_meant(
    mina: Client,
) -> None:
    start(mina)
    for given, shown in (
        (unicodedata.normalize("NFD", "미세먼지.csv"), "미세먼지.csv"),
        ("<img src=x onerror=alert(1)>.csv", "&lt;img src=x onerror=alert(1)&gt;.csv"),
    ):
        file = city.csv_file("2026-11-01,11320,31", name=given)
        assert mina.post(f"{BASE}/file/", {"file": file}).status_code == 302
        assert shown in mina.get(f"{BASE}/check/").content.decode()
