"""A person's rights on one page, the staff's inbox, and children's consents for their guardian."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import translation
from django.utils.timezone import localtime

from dure.accounts import guardians
from dure.accounts.acting import Actor
from dure.accounts.models import Person
from dure.accounts.services import create_person
from dure.core.canonical import Json
from governance.consent import services as consent
from governance.models import Consent, Notice, Restriction, RightsRequest
from governance.rights import services, work
from tests.cast import PASSWORD, actor, charlie, kang, lim, log_in, mina
from tests.emptying import without_triggers

pytestmark = pytest.mark.django_db
RIGHTS = "/en/me/rights/"
INBOX = "/en/console/requests/"
LAB: dict[str, Json] = {"key": "han-lab", "name": {"ko": "한강연구소", "en": "Han Lab"}}


@pytest.fixture
def browser(client: Client) -> Client:
    return log_in(client, mina())


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def notice(purpose: str = "city-ai", *, shared: bool = False) -> Notice:
    return consent.publish_notice(
        acting=actor(kang()),
        scope="air-daily",
        purpose=purpose,
        required=not shared,
        text={"ko": "고지", "en": "A notice"},
        retention_days=3650,
        recipients=(LAB,) if shared else (),
    )


def test_the_main_action_has_its_fixed_name(browser: Client) -> None:
    assert '<button class="button">Download my data</button>' in text(browser, RIGHTS)
    with translation.override("ko"):
        assert '<button class="button">내 데이터 내려받기</button>' in text(browser, "/me/rights/")
    assert 'href="/en/me/rights/"' in text(browser, "/en/me/")


@pytest.mark.parametrize(
    "path", ["/en/me/", RIGHTS, f"{RIGHTS}erasure/", f"{RIGHTS}correction/", INBOX]
)
def test_strangers_are_sent_to_sign_in(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert "/login" in answer["Location"]


def test_the_password_is_asked_and_the_file_appears(browser: Client) -> None:
    wrong = browser.post(RIGHTS, {"password": "guess"})
    assert wrong.status_code == 422
    assert 'role="alert"' in wrong.content.decode()
    assert not RightsRequest.objects.exists()
    assert browser.post(RIGHTS, {"password": PASSWORD}).status_code == 302
    assert "being put together" in text(browser, RIGHTS)
    assert work.make_exports() == 1
    request = RightsRequest.objects.get()
    address = f"/api/v1/rights-requests/{request.id}/export/"
    assert address in text(browser, RIGHTS)
    assert browser.get(address)["Content-Type"] == "application/zip"
    assert log_in(Client(), charlie()).get(address).status_code == 404


@pytest.mark.parametrize(
    "kind", ["correction", "restriction", "objection", "explanation", "human_review", "erasure"]
)
def test_each_right_states_its_effects_and_is_confirmed(browser: Client, kind: str) -> None:
    path = f"{RIGHTS}{kind}/"
    page = text(browser, path)
    assert page.index("What happens") < page.index('<form method="post" novalidate')
    asked = {"text": "부탁드립니다", "sure": "yes"}
    assert browser.post(path, {**asked, "password": "guess"}).status_code == 422
    assert not RightsRequest.objects.exists()
    assert browser.post(path, {**asked, "password": PASSWORD}).status_code == 302
    request = RightsRequest.objects.get()
    assert request.kind == kind
    page = text(browser, RIGHTS)
    assert "Answer due by" in page
    last = localtime(request.due_at) - timedelta(days=1)
    assert f">{last.day} {last:%B %Y}</time>" in page
    again = browser.post(path, {**asked, "password": PASSWORD})
    assert again.status_code == 422
    assert "You have asked for this already" in again.content.decode()


def test_erasing_takes_a_tick_and_unknown_rights_are_no_page(browser: Client) -> None:
    answer = browser.post(f"{RIGHTS}erasure/", {"password": PASSWORD})
    assert answer.status_code == 422
    assert not RightsRequest.objects.exists()
    assert browser.get(f"{RIGHTS}export/").status_code == 404
    assert browser.post(f"{RIGHTS}nothing/").status_code == 404


def test_the_use_is_stopped_and_taken_up_again(browser: Client) -> None:
    browser.post(f"{RIGHTS}restriction/", {"text": "멈춤", "password": PASSWORD})
    assert "Use my data again" in text(browser, RIGHTS)
    assert browser.post(f"{RIGHTS}lifting/").status_code == 302
    assert Restriction.objects.get().lifted_at is not None
    assert "Use my data again" not in text(browser, RIGHTS)


def test_staff_answer_in_the_inbox_and_the_person_sees_who_looked(browser: Client) -> None:
    asked = services.request_right(acting=actor(mina()), kind="explanation", text="왜 이 금액?")
    staff = log_in(Client(), kang())
    page = text(staff, INBOX)
    assert "In time" in page
    assert "왜 이 금액?" not in page
    assert "Nobody has looked" in text(browser, RIGHTS)
    path = f"{INBOX}request/{asked.id}/"
    assert "왜 이 금액?" in text(staff, path)
    assert "Personal Information Protection Act, art. 37-2" in text(staff, path)
    assert "개인정보 보호법 제37조의2" in text(staff, path.removeprefix("/en"))
    assert staff.post(path, {"reason": "이유"}).status_code == 422
    assert staff.post(path, {"outcome": "granted", "reason": " "}).status_code == 422
    assert staff.post(path, {"outcome": "granted", "reason": "비율입니다"}).status_code == 302
    page = text(browser, RIGHTS)
    assert "비율입니다" in page
    assert "City staff" in page
    assert "to answer you" in page
    assert kang().name not in page
    assert "Everything has been answered" in text(staff, INBOX)
    again = log_in(Client(), lim()).post(path, {"outcome": "refused", "reason": "아니요"})
    assert again.status_code == 422


def test_late_ones_are_marked_and_nobody_answers_their_own() -> None:
    own = services.request_right(acting=actor(kang()), kind="correction", text="이름")
    with without_triggers(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE governance_rightsrequest SET received_at = received_at - interval '1 year',"
            " due_at = due_at - interval '1 year'"
        )
    staff = log_in(Client(), kang())
    assert '<span class="tag bad">Late</span>' in text(staff, INBOX)
    path = f"{INBOX}request/{own.id}/"
    answer = staff.post(path, {"outcome": "granted", "reason": "좋습니다"})
    assert answer.status_code == 422
    assert "Nobody answers their own request" in answer.content.decode()
    other = log_in(Client(), lim())
    assert other.post(path, {"outcome": "granted", "reason": "좋습니다"}).status_code == 302


def test_the_inbox_is_for_staff_alone(browser: Client) -> None:
    asked = services.request_right(acting=actor(kang()), kind="correction", text="이름")
    for path in (INBOX, f"{INBOX}request/{asked.id}/"):
        assert browser.get(path).status_code == 404
    staff = log_in(Client(), kang())
    assert staff.get(f"{INBOX}request/{uuid4()}/").status_code == 404
    assert staff.get(f"{INBOX}other/{asked.id}/").status_code == 404


def haru() -> Person:
    return create_person(
        acting=Actor.system("tests"),
        email="haru@dure.example",
        name="Haru",
        password=PASSWORD,
        birth_year=2016,
    )


def test_a_guardian_decides_for_a_child_on_the_page_of_consents(browser: Client) -> None:
    child, page = haru(), "/en/me/consents/"
    asked = guardians.ask_guardian(
        acting=actor(child),
        child=child,
        guardian_email=mina().email,
        child_born_on=date(2016, 2, 29),
    )
    assert asked is not None
    assert "Are you the guardian" in text(browser, page)
    path = f"/en/me/guardianships/{asked.id}/confirmation/"
    assert log_in(Client(), charlie()).post(path).status_code == 404
    assert browser.post(path).status_code == 302
    assert "You decide for Haru" in text(browser, page)
    wish = {"notice": str(notice().id), "party": str(child.party_id), "decision": "agree"}
    assert log_in(Client(), charlie()).post(f"{page}decision/", wish).status_code == 404
    assert browser.post(f"{page}decision/", wish).status_code == 302
    assert Consent.objects.get().latest.decided_by == "guardian"
    seen = text(browser, page)
    assert "by the guardian" in seen
    assert "Haru" in seen
    own = text(log_in(Client(), child), page)
    assert "You are under 14" in own
    assert mina().name not in own.split("<main")[1]


def test_open_disclosures_are_asked_one_by_one_and_not_with_the_signal(browser: Client) -> None:
    page = "/en/me/consents/"
    consent.decide(
        acting=actor(mina()),
        party_id=mina().party_id,
        notice=notice(),
        granted=True,
        language="en",
    )
    shared = notice("sharing", shared=True)
    asked = text(browser, page)
    assert "Still to be decided" in asked
    assert "they leave the open releases too, since Han Lab could take those" in asked
    answer = browser.get(page, HTTP_SEC_GPC="1").content.decode()
    assert "Global Privacy Control" in answer
    assert "Still to be decided" not in answer
    wish = {"notice": str(shared.id), "party": str(mina().party_id), "recipient": "han-lab"}
    browser.post(f"{page}decision/", {**wish, "decision": "refuse"}, HTTP_SEC_GPC="1")
    seen = text(browser, page)
    assert "Han Lab" in seen
    assert "with Global Privacy Control" in seen
    assert "Consent refused" in seen
    for broken in ({}, {**wish, "notice": str(uuid4())}, {**wish, "party": "x"}):
        assert browser.post(f"{page}decision/", broken).status_code == 404


def test_an_answer_that_is_looked_at_again_is_not_offered_for_a_second_objection(
    browser: Client,
) -> None:
    asked = services.request_right(acting=actor(mina()), kind="correction", text="도봉구입니다.")
    services.answer_request(
        acting=actor(kang()), request=asked, outcome="refused", reason="근거가 없습니다."
    )
    offered = f"/en/me/requests/{asked.id}/objection/"
    assert offered in text(browser, RIGHTS)
    services.object(
        acting=actor(mina()),
        subject_kind="request",
        subject_id=str(asked.id),
        text="여기 있습니다.",
    )
    assert offered not in text(browser, RIGHTS)
