"""Forms of the console that are not filled in well: all is named at once, nothing typed is lost."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from dure.accounts.api_key_services import ask_for_live_access
from dure.accounts.membership import found_organisation
from governance.models import Objection
from rewards.holdback.selectors import checks_of
from rewards.models import CheckState
from tests import cast
from tests.cast import log_in
from tests.rewards import city
from tests.rewards.holdback.test_drawn_checks import drawn
from tests.rewards.holdback.test_granted_parts import objected
from tests.rewards.holdback.test_overruled_findings import third, upheld
from tests.rewards.rails.payouts import redeem

pytestmark = pytest.mark.django_db
QUEUE = "/en/console/redemptions/"


def problems_of(page: str) -> list[str]:
    """Where the links of the error summary lead."""
    summary = re.search(r'role="alert".*?</div>', page, re.DOTALL)
    assert summary is not None
    return re.findall(r'<a href="#([^"]+)">', summary[0])


def sent(client: Client, address: str, typed: dict[str, str]) -> str:
    answer = client.post(address, typed)
    assert answer.status_code == 422
    return answer.content.decode()


def test_a_finding_lacks_its_ground_and_its_reason_and_both_are_named() -> None:
    epoch, check = drawn()
    kang = log_in(Client(), cast.kang())
    where = f"/en/console/checks/{epoch.id}/{check.id}/"
    page = sent(kang, where, {"act": "propose", "ground": "", "reason": " "})
    assert problems_of(page) == [f"ground-{check.id}", f"reason-{check.id}"]
    assert page.count('aria-invalid="true"') == 2
    page = sent(kang, where, {"act": "propose", "ground": "false-stratum", "reason": ""})
    assert problems_of(page) == [f"reason-{check.id}"]
    assert '<option value="false-stratum" selected>' in page, "what was chosen stays"
    page = sent(kang, where, {"act": "propose", "ground": "", "reason": "Seen <b>there</b>."})
    assert "Seen &lt;b&gt;there&lt;/b&gt;." in page


def test_a_decision_says_about_which_contribution_it_was_and_what_is_left() -> None:
    epoch, check = drawn()
    kang = log_in(Client(), cast.kang())
    kang.post(f"/en/console/checks/{epoch.id}/{check.id}/", {"act": "pass"})
    page = kang.get(f"/en/console/checks/{epoch.id}/").content.decode()
    assert f"{check.contribution.receipt} is in order." in page
    assert '<span class="tag">In order</span>' in page
    left = checks_of(epoch).filter(state=CheckState.DRAWN).count()
    told = f"{left} " if left else "Nothing of this settlement is left to check."
    assert told in page


def test_an_answer_lacks_everything_and_everything_is_named() -> None:
    _epoch, check = upheld()
    asked = objected(check)
    assert isinstance(asked, Objection)
    noh = log_in(Client(), third())
    where = f"/en/console/requests/objection/{asked.id}/"
    page = sent(noh, where, {"outcome": "", "reason": " "})
    assert problems_of(page) == ["outcome-1", "reason"]
    assert "Give the reason; the person reads it." in page
    page = sent(noh, where, {"outcome": "partly", "amount": "", "reason": ""})
    assert problems_of(page) == ["amount", "reason"]
    page = sent(noh, where, {"outcome": "refused", "reason": "x" * 4001})
    assert problems_of(page) == ["reason"]
    assert "Say it in at most 4,000 characters." in page
    page = sent(noh, where, {"outcome": "partly", "amount": "999999", "reason": "We looked."})
    assert problems_of(page) == ["amount"]
    assert 'value="999999"' in page
    assert "We looked." in page


def test_a_reason_for_giving_back_is_kept_where_the_bank_was_faster() -> None:
    found = redeem(1000)
    kang = log_in(Client(), cast.kang())
    page = sent(kang, f"{QUEUE}{found.id}/return/", {"reason": ""})
    assert problems_of(page) == [f"reason-{found.id}"]
    page = sent(kang, f"{QUEUE}{found.id}/return/", {"reason": "x" * 201})
    assert "Say it in at most 200 characters." in page
    assert "x" * 201 in page, "a paste that is too long is not cut"
    for somebody in (kang, log_in(Client(), cast.lim())):
        paid = somebody.post(f"{QUEUE}{found.id}/settlement/", {"reference": "B1"})
        assert paid.status_code == 302
    late = kang.post(f"{QUEUE}{found.id}/return/", {"reason": "The bank said <no>."})
    assert late.status_code == 422
    assert 'value="The bank said &lt;no&gt;."' in late.content.decode()


def test_a_reason_for_declining_is_asked_for_where_it_is_written() -> None:
    hana = cast.hana()
    firm = found_organisation(
        acting=cast.actor(hana), name={"ko": "누리", "en": "Nuri"}, kind="firm"
    )
    review = ask_for_live_access(acting=cast.actor(hana), organisation=firm, purpose="Footfall.")
    kang = log_in(Client(), cast.kang())
    where = f"/en/console/live-access/{review.id}/decision/"
    page = sent(kang, where, {"decision": "decline", "reason": " "})
    assert problems_of(page) == [f"reason-{review.id}"]
    assert 'aria-invalid="true"' in page
    page = sent(kang, where, {"decision": "decline", "reason": "x" * 1001})
    assert "x" * 1001 in page, "a paste that is too long is still there to be shortened"


def test_no_file_is_named_at_the_file() -> None:
    kang = log_in(Client(), cast.kang())
    page = sent(kang, f"{QUEUE}answers/", {"rail": "bank", "do": "try"})
    assert problems_of(page) == ["answer"]
    assert 'id="answer-error"' in page
    assert 'aria-invalid="true"' in page


def test_what_the_pages_cannot_do_is_said_where_it_was_asked_for() -> None:
    """A button that finds nothing to do leads back to its page, which says why."""
    city.published_call()
    kang = log_in(Client(), cast.kang())
    where = f"/en/console/epochs/{city.SLUG}/closing/"
    assert kang.post(where).status_code == 409, "a program that names no page reads a page"
    back = kang.post(where, HTTP_REFERER="http://testserver/en/console/")
    assert back["Location"] == "/en/console/"
    assert "There is nothing to settle" in kang.get("/en/console/").content.decode()
    elsewhere = kang.post(where, HTTP_REFERER="https://elsewhere.example/en/console/")
    assert elsewhere.status_code == 409


def test_an_address_that_only_takes_a_form_leads_to_the_page_of_the_form() -> None:
    kang = log_in(Client(), cast.kang())
    for step, page in (
        ("redemptions/answers/", "redemptions/"),
        ("redemptions/batches/", "redemptions/"),
        ("people/proposals/00000000-0000-4000-8000-000000000000/", "people/"),
        ("epochs/air-daily/closing/", ""),
    ):
        answer = kang.get(f"/en/console/{step}")
        assert answer.status_code == 405
        assert f'href="/en/console/{page}">Go to the page of the form' in answer.content.decode()
