"""The pages behind the amounts to pay out: all of the work, without scripts or the admin."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.formats import date_format

from dure.accounts.models import Person
from rewards.models import PayoutBatch, Redemption
from tests import cast
from tests.rewards.rails.payouts import redeem, sent_batch
from tests.rewards.rails.rail_answers import camt053, entry

QUEUE = "/en/console/redemptions/"
NOBODY = "00000000-0000-4000-8000-000000000000"

pytestmark = pytest.mark.django_db


def client_of(person: Person) -> Client:
    return cast.log_in(Client(), person)


@pytest.mark.parametrize(
    "address",
    ["", f"batches/{NOBODY}/", f"batches/{NOBODY}/file/", "reconciliation/", "rules/"],
)
def test_the_pages_do_not_exist_for_others(address: str) -> None:
    assert Client().get(QUEUE + address)["Location"].startswith("/en/login/")
    for person in (cast.mina(), cast.charlie(), cast.seo()):
        assert client_of(person).get(QUEUE + address).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "batches/",
        "answers/",
        "reconciliation/",
        "rules/",
        f"batches/{NOBODY}/approval/",
        f"batches/{NOBODY}/sending/",
        f"batches/{NOBODY}/discarding/",
        f"rules/{NOBODY}/approval/",
        f"{NOBODY}/reversal/",
    ],
)
def test_others_cannot_post(address: str) -> None:
    assert client_of(cast.mina()).post(QUEUE + address).status_code == 404
    if NOBODY in address and "reversal" not in address:
        assert client_of(cast.kang()).post(QUEUE + address).status_code == 404


def test_nothing_paid_out_is_said_once() -> None:
    page = client_of(cast.kang()).get(f"{QUEUE}reconciliation/").content.decode()
    assert "Nothing has been paid out through a bank or an operator yet." in page
    assert "Nothing yet:" not in page


def test_two_people_pay_out_and_one_takes_over_the_answer() -> None:
    redeem(1000)
    kang, lim = client_of(cast.kang()), client_of(cast.lim())
    assert "Make a batch" in kang.get(QUEUE).content.decode()
    made = kang.post(f"{QUEUE}batches/", {"rail": "bank", "asset": "KRW"})
    batch = PayoutBatch.objects.get()
    at = f"{QUEUE}batches/{batch.id}/"
    assert made["Location"] == at
    page = kang.get(at).content.decode()
    assert "Another person has to approve it" in page
    assert "Approve this file" not in page
    day = f'<time datetime="{batch.execute_on}">{date_format(batch.execute_on, "j F Y")}</time>'
    assert f"<dt>Pays on</dt><dd>{day}</dd>" in page, "a day as people write it"
    assert kang.post(f"{at}approval/").status_code == 422
    assert "Approve this file" in lim.get(at).content.decode()
    lim.post(f"{at}approval/")
    assert "Take the file" not in lim.get(at).content.decode()
    lim.post(f"{at}sending/")
    assert "Take the file" in lim.get(at).content.decode()
    assert lim.get(f"{at}file/").content.startswith(b"<?xml")
    assert lim.post(f"{at}discarding/").status_code == 422
    (item,) = batch.items.all()
    file = SimpleUploadedFile("a.xml", camt053(entry(item.uid.hex, "1000", "B1")))
    kang.post(f"{QUEUE}answers/", {"rail": "bank", "file": file})
    page = kang.get(QUEUE).content.decode()
    assert "Applied: 1 paid" in page
    assert "Recently paid" in page
    redemption = Redemption.objects.get()
    assert kang.post(f"{QUEUE}{redemption.id}/reversal/", {"reason": ""}).status_code == 422
    for operator in (kang, lim):
        operator.post(f"{QUEUE}{redemption.id}/reversal/", {"reason": "Account closed"})
    redemption.refresh_from_db()
    assert (redemption.state, redemption.reason) == ("returned", "Account closed")


def test_a_wrong_file_is_said_at_its_place() -> None:
    kang = client_of(cast.kang())
    assert "Choose the file" in kang.post(f"{QUEUE}answers/", {"rail": "bank"}).content.decode()
    file = SimpleUploadedFile("a.xml", b"<a/>")
    answer = kang.post(f"{QUEUE}answers/", {"rail": "bank", "file": file})
    assert answer.status_code == 422
    assert "namespace" in answer.content.decode()


def test_a_difference_is_shown_and_explained() -> None:
    redeem(1000)
    (item,) = sent_batch().items.all()
    kang = client_of(cast.kang())
    file = SimpleUploadedFile("a.xml", camt053(entry(item.uid.hex, "999", "B1")))
    kang.post(f"{QUEUE}answers/", {"rail": "bank", "file": file})
    page = kang.get(QUEUE).content.decode()
    assert "1 line does not fit our books" in page
    assert "1 difference" in page
    file.seek(0)
    kang.post(f"{QUEUE}answers/", {"rail": "bank", "file": file})
    page = kang.get(QUEUE).content.decode()
    assert "already. Nothing was done again." in page
    assert "Applied: " not in page
    at = f"{QUEUE}reconciliation/"
    page = kang.get(at).content.decode()
    name = re.search(r'name="difference" value="(amount-differs:[^"]+)"', page)
    assert name is not None
    assert kang.post(at, {"difference": name[1], "note": ""}).status_code == 422
    kang.post(at, {"difference": name[1], "note": "A <fee>", "closes": "1"})
    page = kang.get(at).content.decode()
    assert "Explained" in page
    assert "A &lt;fee&gt;" in page


@pytest.mark.parametrize("address", ["", "reconciliation/", "rules/"])
def test_the_pages_speak_korean(address: str) -> None:
    page = client_of(cast.kang()).get(f"/console/redemptions/{address}").content.decode()
    assert re.search(r"<h1[^>]*>[^<]*(지급|대사)", page)
