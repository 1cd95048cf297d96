"""Planting marks of one person wherever something can be written, and finding them again."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import Client

from contributions.intake.services import submit
from contributions.pipeline.together import check_together
from contributions.releases.building import build
from contributions.releases.services import build_release
from contributions.uploads import services as uploads
from dure.accounts import invitations, membership
from dure.accounts import services as accounts
from dure.accounts.api_key_services import issue_api_key
from dure.accounts.models import Organisation, Person
from dure.accounts.roles import MemberRole
from dure.accounts.webhooks import services as webhooks
from dure.core import sealing
from dure.core.blobs import read
from dure.core.clock import CITY_ZONE, now
from dure.core.models import Blob
from rewards.models import PayoutBatch
from rewards.rails.batches import discard_batch, propose_batch
from rewards.rails.imports import import_answer
from tests.cast import actor, api, hana, hanbit, kang
from tests.contributions import seoul
from tests.rewards import money
from tests.rewards.ledger.bulk import shared
from tests.rewards.rails.payouts import redeem, sent_batch
from tests.rewards.rails.rail_answers import camt053, entry

MARK = "kanarienvogel"
CARD = "1010123412341234"
ACCOUNT = "088:110177712345678"
MARKS = (MARK, MARK.upper(), MARK.encode().hex(), CARD, CARD.encode().hex(), ACCOUNT[4:])
OTHER_ADDRESS = f"{MARK}.second@dure.example"


def _tables() -> list[str]:
    return sorted(connection.introspection.table_names())


def found() -> set[str]:
    """Every table and file that holds the mark, as text, bytes or hexadecimal digits."""
    places = set()
    with connection.cursor() as cursor:
        for table in _tables():
            # A row as text shows bytes in hexadecimal digits.
            name = connection.ops.quote_name(table)
            for mark in MARKS:
                cursor.execute(
                    f"SELECT EXISTS (SELECT FROM {name} AS r WHERE position(%s IN r::text) > 0)",
                    [mark],
                )
                row = cursor.fetchone()
                if row is not None and row[0]:
                    places.add(table)
    for file in _files():
        if MARK.encode() in file.read_bytes():
            places.add(str(file))
    return places


def readable() -> set[str]:
    """Every file that can still be read and holds the mark, by whose it is."""
    found = set()
    for blob in Blob.objects.filter(purged_at=None):
        try:
            plain = read(blob)
        except sealing.Unreadable:
            continue
        if any(mark.encode() in plain for mark in MARKS):
            found.add(str(blob.id))
    return found


def _files() -> Iterator[Path]:
    return (path for path in Path(settings.BLOB_DIR).rglob("*") if path.is_file())


def unfinished_upload(canary: Person) -> None:
    """A resumable upload of which only half has come."""
    begun = uploads.begin(
        acting=actor(canary),
        party_id=canary.party_id,
        length=10_000,
        filename=f"{MARK}-large.csv",
        content_type="text/csv",
    )
    piece = seoul.air_csv(f"2026110101,종로구,{MARK}")
    uploads.append(acting=actor(canary), upload_id=begun.id, offset=0, piece=piece)


def trained(canary: Person) -> None:
    """A model that was trained on an open release, under a name that carries the mark."""
    asked = build_release(acting=actor(kang()), call_slug="air-daily", purpose="city-ai")
    release = build(asked.id)
    taken = api(canary).get(f"/api/v1/releases/{release.id}/files/data.csv")
    assert taken.status_code == 200
    told = api(canary).post(
        f"/api/v1/releases/{release.id}/models/",
        {"name": f"{MARK} net", "trained_on": now().astimezone(CITY_ZONE).date().isoformat()},
        format="json",
        HTTP_IDEMPOTENCY_KEY="a-model",
    )
    assert told.status_code == 201, told.content


def pay_outs(canary: Person) -> tuple[PayoutBatch, PayoutBatch]:
    """One batch that went to the bank, with the bank's answer, and one that never went."""
    redeem(1000, destination=ACCOUNT, person=canary)
    sent = sent_batch()
    (item,) = sent.items.all()
    booked = entry(item.uid.hex, "1000", "BOOKED-1").replace(
        "</TxDtls>", f"<RltdPties><Cdtr><Nm>{MARK} Kim</Nm></Cdtr></RltdPties></TxDtls>"
    )
    import_answer(acting=actor(kang()), rail="bank", content=camt053(booked))
    redeem(2000, rail="local-currency", destination=f"{MARK}1234", person=canary)
    discarded = propose_batch(acting=actor(kang()), rail="local-currency", asset="KRW")
    discard_batch(acting=actor(kang()), batch_id=discarded.id)
    return sent, discarded


def city_dividend(canary: Person) -> None:
    """A share in an amount that everybody got in one posting."""
    shared({money.wallet(canary, 1, "KRW"): 3, money.wallet(hana(), 0, "KRW"): 1}, 4)


def at_a_firm(canary: Person) -> Organisation:
    """A member with a key, requests on record, an endpoint that heard of it, an invitation."""
    firm = hanbit()
    accounts.add_member(acting=actor(kang()), organisation=firm, person=canary)
    _key, secret = issue_api_key(
        acting=actor(canary), person=canary, organisation=firm, name=f"{MARK}'s laptop"
    )
    client = Client(headers={"authorization": f"Bearer {secret}"})
    for path in (f"/api/v1/contributions/{MARK}/", f"/api/v1/calls/?q={MARK}"):
        assert client.get(path).status_code in (200, 403, 404)
    webhooks.add_endpoint(
        acting=actor(hana()),
        organisation=firm,
        url="http://127.0.0.1:9/news",
        kinds=["contribution.accepted"],
    )
    return firm


def for_the_firm(member: Person, firm: Organisation, *, day: int) -> None:
    """A member hands in what is the firm's, and it is accepted."""
    rows = (f"{day}{hour:02d},도봉구,30" for hour in range(1, 20))
    sent = submit(
        acting=actor(member),
        party_id=firm.party_id,
        call_slug="air-daily",
        stream=io.BytesIO(seoul.air_csv(*rows)),
        filename="air.csv",
        content_type="text/csv",
        purposes=["city-ai"],
        language="ko",
    )
    check_together(sent.id)
    sent.refresh_from_db()
    assert sent.state == "accepted", (sent.state, sent.stage, sent.reason_rule)
    seoul.news()


def invited(canary: Person) -> None:
    """Somebody else's firm asks the person to join, by the second address."""
    EmailAddress.objects.create(user=canary, email=OTHER_ADDRESS, verified=True)
    owner = hana()
    firm = membership.found_organisation(
        acting=actor(owner), name={"ko": "다른 곳", "en": "Other"}, kind="firm"
    )
    for address in (canary.email, OTHER_ADDRESS):
        membership.invite(
            acting=actor(owner), organisation=firm, email=address, role=MemberRole.VIEWER
        )


def second_steps(canary: Person) -> None:
    """A passkey and an app."""
    Authenticator.objects.create(
        user=canary,
        type=Authenticator.Type.WEBAUTHN,
        data={"name": f"{MARK}'s phone", "credential": {"id": MARK}},
    )
    Authenticator.objects.create(
        user=canary, type=Authenticator.Type.TOTP, data={"secret": f"{MARK}"}
    )


def named_as_guardian() -> None:
    """A child names the person by the second address; the letter is out and not answered."""
    child = accounts.create_person(
        acting=actor(kang()),
        email="bom@dure.example",
        name="Bom",
        password="a plain test password",
        said_born_on=date(2016, 5, 1),
    )
    invitations.name_guardian(acting=actor(child), child=child, guardian_email=OTHER_ADDRESS)


def letters() -> list[str]:
    """Whatever went out by e-mail so far."""
    return [f"{letter.subject} {letter.body}" for letter in mail.outbox]
