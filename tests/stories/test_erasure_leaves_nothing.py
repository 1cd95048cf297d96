"""Marks are planted wherever a person can write; after the erasure none is found anywhere."""

from __future__ import annotations

import io
import logging
from datetime import date
from pathlib import Path

import pytest
from celery.signals import before_task_publish
from django.db import connection
from django.test import Client

from contributions.evidence.services import SentPhoto, add_photos
from contributions.intake import drafts
from contributions.pipeline.stages import check
from dure.accounts import guardians
from dure.accounts import services as accounts
from dure.accounts.guardianship import Guardianship
from dure.accounts.models import Person, WebhookAttempt, WebhookMessage
from dure.accounts.roles import MemberRole, Role
from dure.accounts.webhooks import services as webhooks
from dure.accounts.webhooks.delivery import deliver_due
from dure.core import outbox
from dure.core.blobs import path_of
from dure.core.models import Blob, OutboxEvent
from governance.erasure.services import erase
from governance.log.services import sequence
from governance.log.verify import Outcome, verify_log
from governance.rights import services as rights
from governance.rights import work
from rewards.models import RailImport
from tests.cast import actor, api, hana, hanbit, kang, log_in
from tests.contributions import seoul
from tests.contributions.conftest import _warm_engine
from tests.contributions.photos.album import jpeg
from tests.dure.accounts.webhooks.listener import Listener, listening
from tests.governance.erasure.nights import left_in_the_end
from tests.rewards import money
from tests.stories import marks
from tests.stories.marks import CARD, MARK, MARKS, found, readable

__all__ = ["_warm_engine"]


@pytest.fixture
def canary(transactional_db: None, settings: pytest.FixtureRequest, tmp_path: Path) -> Person:
    """A person whose every text carries the mark."""
    settings.TOMBSTONES = tmp_path / "tombstones.jsonl"  # type: ignore[attr-defined]
    settings.WEBHOOK_LOOPBACK = True  # type: ignore[attr-defined]  # nobody listens there
    return accounts.create_person(
        acting=actor(kang()),
        email=f"{MARK}@dure.example",
        name=f"{MARK} Kim",
        password=f"{MARK} password",
        roles=[Role.RESIDENT],
        district="11320",
        birth_year=1990,
        sex="F",
    )


def _pages() -> set[str]:
    """Tables in whose files on the database's disk the mark still stands after a clean-up."""
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 't', 'i') AND relfilenode > 0"
            " AND position(%s IN encode(pg_read_binary_file(pg_relation_filepath(oid)),"
            " 'escape')) > 0 AND relname NOT LIKE 'pg_stat%%'",
            [MARK],
        )
        return {name for (name,) in cursor.fetchall()}


def _leave_marks_elsewhere(canary: Person, receipt: str) -> None:
    """A photo, a child, a decision, a session with pages seen, a consent ended by the city."""
    photo = SentPhoto(filename=f"{MARK}.jpg", data=jpeg())
    add_photos(acting=actor(canary), receipt=receipt, sent=[photo])
    asked = guardians.ask_guardian(
        acting=actor(haru()),
        child=haru(),
        guardian_email=canary.email,
        child_born_on=date(2016, 2, 29),
    )
    assert asked is not None
    guardians.confirm_guardianship(acting=actor(canary), guardianship_id=asked.id)
    browser = log_in(Client(), canary)
    for page in ("/me/consents/", f"/c/{receipt}/", "/wallet/"):
        assert browser.get(page).status_code == 200
    objecting = {"subject": "reward", "text": f"{MARK} again"}
    assert browser.post(f"/c/{receipt}/objection/", objecting).status_code == 302


def haru() -> Person:
    """A child whose guardian leaves."""
    found = Person.objects.filter(email="haru@dure.example").first()
    return found or accounts.create_person(
        acting=actor(kang()),
        email="haru@dure.example",
        name="Haru",
        password="a plain test password",
        birth_year=2016,
    )


def test_no_mark_of_an_erased_person_is_left(
    canary: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    messages: list[object] = []

    def overhear(**sent: object) -> None:
        messages.append((sent.get("body"), sent.get("headers")))

    before_task_publish.connect(overhear)
    seoul.published()
    data = seoul.air_csv(
        f"2026110101,종로구,{MARK}", *(f"20261101{h:02d},도봉구,30" for h in range(2, 20))
    )
    accepted = seoul.handed_in(
        canary, data, purposes=("city-ai", "research"), filename=f"{MARK}.csv"
    )
    check(accepted.id)
    draft = drafts.start_draft(
        acting=actor(canary), party_id=canary.party_id, call_slug="air-daily"
    )
    drafts.attach_file(
        acting=actor(canary),
        draft_id=draft.id,
        stream=io.BytesIO(data),
        filename=f"{MARK}-draft.csv",
        content_type="text/csv",
    )
    drafts.remember(acting=actor(canary), draft_id=draft.id, steps={"note": MARK})
    money.wallet(canary, 10)
    client = api(canary)
    redeemed = client.post(
        "/api/v1/redemptions/",
        {"asset": "DURE", "amount": "1", "rail": "transit", "destination": CARD},
        HTTP_IDEMPOTENCY_KEY=MARK,
    )
    assert redeemed.status_code in (201, 202), redeemed.content
    for kind in ("correction", "export"):
        rights.request_right(acting=actor(canary), kind=kind, text=f"{MARK} asks")
    rights.object(
        acting=actor(canary), subject_kind="contribution", subject_id=accepted.receipt, text=MARK
    )
    _leave_marks_elsewhere(canary, accepted.receipt)
    marks.unfinished_upload(canary)
    marks.trained(canary)
    sent, _discarded = marks.pay_outs(canary)
    marks.city_dividend(canary)
    marks.at_a_firm(canary)
    marks.invited(canary)
    marks.second_steps(canary)
    marks.named_as_guardian()
    assert work.make_exports() == 1
    outbox.drain()
    sequence()
    before = found()
    assert {
        "account_emailaddress",
        "accounts_apikey",
        "accounts_guardianinvitation",
        "accounts_invitation",
        "accounts_loggedrequest",
        "accounts_person",
        "contributions_contribution",
        "contributions_draft",
        "contributions_trainedmodel",
        "contributions_upload",
        "mfa_authenticator",
    } <= before
    assert readable() >= {str(sent.file_id)}
    held = list(Blob.objects.filter(owner=canary.party_id, purged_at=None))
    assert all(path_of(blob.id).exists() for blob in held)

    erase(acting=actor(kang()), party_id=canary.party_id)
    outbox.drain()
    sequence()
    assert found() == set()
    # What the city paid, to whom, it has to keep for five years; sealed, and nothing else.
    assert readable() == {
        str(sent.file_id),
        *map(str, RailImport.objects.values_list("file_id", flat=True)),
    }
    assert left_in_the_end([]) == []
    assert _pages() == set()
    assert not any(path_of(blob.id).exists() for blob in held)
    before_task_publish.disconnect(overhear)
    assert not any(mark in str(messages) for mark in MARKS)
    # The database's driver logs nothing; what the platform says of itself names nobody.
    assert not any(mark in caplog.text for mark in MARKS)
    assert not Guardianship.objects.exists()
    assert verify_log().outcome is Outcome.OK


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # processes beside a server's threads
def test_what_webhooks_delivered_says_nothing_of_the_member_who_sent_it_and_left(
    canary: Person,
) -> None:
    """A firm's programs heard of what a member handed in; she leaves, and the firm goes on."""
    seoul.published()
    firm = hanbit()
    accounts.add_member(
        acting=actor(kang()), organisation=firm, person=canary, role=MemberRole.OWNER
    )
    with listening(Listener()) as listener:
        endpoint, _secret = webhooks.add_endpoint(
            acting=actor(canary),
            organisation=firm,
            url=listener.url,
            kinds=["contribution.accepted"],
        )
        marks.for_the_firm(canary, firm, day=20261101)
        deliver_due()
        who = (str(canary.id), str(canary.party_id), canary.name, *MARKS)
        heard = [str(each.headers) + each.body.decode() for each in listener.heard]
        assert len(heard) == 1
        assert not any(name in text for name in who for text in heard)

        erase(acting=actor(kang()), party_id=canary.party_id)
        outbox.drain()
        assert not {"accounts_webhookmessage", "accounts_webhookattempt", "core_outboxevent",
                    "accounts_webhookendpoint"} & found()  # fmt: skip
        kept = [str(row) for row in WebhookMessage.objects.values()]
        kept += [str(row) for row in WebhookAttempt.objects.values()]
        assert len(kept) == 2
        assert not any(name in text for name in who for text in kept)
        events = [str(row) for row in OutboxEvent.objects.values("payload", "subject")]
        # Events keep the numbers of parties, as the books do; what names somebody is gone.
        assert not any(name in text for name in who[2:] for text in events)
        # What she set up for the firm is the firm's: its secret did not go with her keys.
        hana_sends = hana()
        marks.for_the_firm(hana_sends, firm, day=20261102)
        deliver_due()
        assert WebhookMessage.objects.filter(endpoint=endpoint, state="delivered").count() == 2
