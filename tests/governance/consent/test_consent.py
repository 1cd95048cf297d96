"""One decision per purpose, about one exact text, by nobody but the person."""

from __future__ import annotations

import json

import pytest
from django.db import IntegrityError, connection, transaction

from dure.accounts.acting import Actor
from dure.core import signing
from dure.core.canonical import Json, canonical_hash
from dure.core.models import OutboxEvent
from dure.core.problems import Problem
from governance.consent import problems, selectors, services
from governance.consent.data_integrity import is_intact
from governance.consent.receipt import receipt_document
from governance.models import Consent, ConsentEvent, ConsentState, LogEntry, Notice
from governance.models.append_only import RecordIsImmutable
from tests.cast import actor, charlie, hana, hanbit, kang, mina

pytestmark = pytest.mark.django_db

TEXT = {"ko": "도시 인공지능 연구에 이용합니다.", "en": "Used for urban AI research."}


def notice(
    purpose: str = "city-ai", *, required: bool = True, text: dict[str, str] | None = None
) -> Notice:
    return services.publish_notice(
        acting=actor(kang()),
        scope="air-daily",
        purpose=purpose,
        required=required,
        text=text or TEXT,
        retention_days=1825,
    )


def decide(about: Notice, *, granted: bool = True) -> Consent:
    person = mina()
    return services.decide(
        acting=actor(person),
        party_id=person.party_id,
        notice=about,
        granted=granted,
        language="ko",
    )


def in_force(purpose: str = "city-ai") -> Consent | None:
    party_id = mina().party_id
    found = selectors.in_force(party_id=party_id, scope="air-daily", purpose=purpose)
    # The lean question gives the same answer, whatever else is asked beside.
    allowed = selectors.purposes_in_force(
        party_id=party_id, scope="air-daily", purposes=[purpose, "nowhere"]
    )
    assert allowed == ({purpose} if found else set())
    return found


def test_the_same_text_is_the_same_version_and_another_text_another() -> None:
    first = notice()
    assert notice() == first
    second = notice(text={**TEXT, "en": "Used for urban AI research, and nothing else."})
    assert (first.version, second.version) == (1, 2)
    assert first.sha256 != second.sha256
    assert selectors.notices_for("air-daily") == [second]
    assert [entry.kind for entry in LogEntry.objects.order_by("origin_seq")] == [
        "notice.published",
        "notice.published",
    ]


def test_the_hash_is_that_of_the_content() -> None:
    published = notice()
    assert published.sha256 == canonical_hash(selectors.notice_content(published))
    assert selectors.notice_document(published)["text"] == TEXT


@pytest.mark.parametrize("text", [{"ko": "한국어만"}, {"ko": " ", "en": "English"}, {}])
def test_a_notice_speaks_both_languages(text: dict[str, str]) -> None:
    with pytest.raises(Problem) as refused:
        services.publish_notice(
            acting=actor(kang()),
            scope="air-daily",
            purpose="city-ai",
            required=True,
            text=text,
            retention_days=1,
        )
    assert refused.value.kind is problems.NOTICE_UNFIT


def test_a_given_consent_is_in_force_until_it_is_withdrawn() -> None:
    assert in_force() is None
    consent = decide(notice())
    assert in_force() == consent
    assert consent.state is ConsentState.GIVEN
    services.withdraw(acting=actor(mina()), consent=consent)
    assert in_force() is None
    services.withdraw(acting=actor(mina()), consent=consent)
    again = decide(notice())
    assert again == consent
    assert in_force() == consent
    states = consent.events.values_list("state", flat=True)
    assert list(states) == ["given", "withdrawn", "given"]


def test_refusing_one_purpose_leaves_the_others_alone() -> None:
    decide(notice())
    refused = decide(notice("research", required=False), granted=False)
    assert refused.state is ConsentState.REFUSED
    assert in_force() is not None
    assert in_force("research") is None


def test_refusing_what_was_given_withdraws_it() -> None:
    consent = decide(notice())
    decide(notice(), granted=False)
    decide(notice(), granted=False)
    assert consent.state is ConsentState.WITHDRAWN
    assert consent.events.count() == 2


def test_a_refusal_cannot_be_withdrawn() -> None:
    consent = decide(notice(), granted=False)
    with pytest.raises(Problem) as refused:
        services.withdraw(acting=actor(mina()), consent=consent)
    assert refused.value.kind is problems.CONSENT_NOT_GIVEN


def test_the_latest_decision_counts_whatever_the_version() -> None:
    old = decide(notice())
    newer = notice(text={"ko": "새로운 고지", "en": "A new notice"})
    assert in_force() == old
    new = decide(newer)
    assert in_force() == new
    services.withdraw(acting=actor(mina()), consent=old)
    assert in_force() is None


def test_nobody_agrees_to_a_text_that_was_replaced() -> None:
    old = notice()
    notice(text={"ko": "새로운 고지", "en": "A new notice"})
    with pytest.raises(Problem) as refused:
        decide(old)
    assert refused.value.kind is problems.NOTICE_SUPERSEDED


@pytest.mark.parametrize("who", ["neighbour", "operator", "platform"])
def test_nobody_decides_for_another(who: str) -> None:
    about = notice()
    acting = {
        "neighbour": actor(charlie()),
        "operator": actor(kang()),
        "platform": Actor.system("worker"),
    }[who]
    with pytest.raises(Problem) as refused:
        services.decide(
            acting=acting,
            party_id=mina().party_id,
            notice=about,
            granted=True,
            language="ko",
        )
    assert refused.value.kind is problems.CONSENT_UNKNOWN
    consent = decide(about)
    with pytest.raises(Problem):
        services.withdraw(acting=acting, consent=consent)
    assert in_force() == consent


def test_a_member_decides_for_the_organisation() -> None:
    member, firm = hana(), hanbit()
    consent = services.decide(
        acting=actor(member),
        party_id=firm.party_id,
        notice=notice(),
        granted=True,
        language="en",
    )
    assert selectors.consents_of(firm.party_id) == [consent]
    assert selectors.consents_of(member.party_id) == []


def test_every_decision_is_logged_and_told_once() -> None:
    consent = decide(notice())
    decide(notice())
    services.withdraw(acting=actor(mina()), consent=consent)
    kinds = LogEntry.objects.filter(kind__startswith="consent.").order_by("origin_seq")
    assert [entry.kind for entry in kinds] == ["consent.given", "consent.withdrawn"]
    for entry in kinds:
        payload = json.loads(bytes(entry.body))["payload"]
        assert payload["notice"] == consent.notice.sha256
        assert str(mina().party_id) not in bytes(entry.body).decode()
        assert str(consent.id) not in bytes(entry.body).decode()
    news = OutboxEvent.objects.filter(kind__startswith="consent.").order_by("created_at", "id")
    assert sorted(event.kind for event in news) == [
        "consent.ended",
        "consent.given",
        "consent.withdrawn",
    ]
    assert news[0].payload == {
        "party": str(mina().party_id),
        "scope": "air-daily",
        "purpose": "city-ai",
        "consent": str(consent.id),
    }


def test_the_document_tells_the_history() -> None:
    consent = decide(notice())
    services.withdraw(acting=actor(mina()), consent=consent)
    document = selectors.consent_document(consent)
    assert document["state"] == "withdrawn"
    assert [event["state"] for event in document["events"]] == ["given", "withdrawn"]
    assert document["notice"]["version"] == 1


def test_the_receipt_is_signed_and_says_what_was_shown() -> None:
    consent = decide(notice())
    receipt = receipt_document(consent)
    assert receipt == receipt_document(Consent.objects.get())
    key = signing.public_key("receipt")
    assert is_intact(receipt, public_key=key)
    text = json.dumps(receipt, ensure_ascii=False)
    assert TEXT["ko"] in text
    assert consent.notice.sha256 in text

    def without_repeats(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        assert len({name for name, _ in pairs}) == len(pairs)
        return dict(pairs)

    assert json.loads(text, object_pairs_hook=without_repeats) == receipt
    assert not is_intact({**receipt, "dct:issued": "2020-01-01T00:00:00Z"}, public_key=key)
    assert not is_intact(receipt, public_key=signing.public_key("log"))
    services.withdraw(acting=actor(mina()), consent=consent)
    after = receipt_document(Consent.objects.get())
    assert "dpv:ConsentWithdrawn" in json.dumps(after)
    assert after["dct:identifier"] != receipt["dct:identifier"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE governance_notice SET required = FALSE",
        "DELETE FROM governance_notice",
        "UPDATE governance_consent SET notice_id = notice_id",
        "DELETE FROM governance_consent",
        "UPDATE governance_consentevent SET state = 'given'",
        "DELETE FROM governance_consentevent",
        "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE governance_consentevent",
    ],
)
def test_the_database_refuses_to_rewrite_decisions(statement: str) -> None:
    decide(notice())
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_python_refuses_too() -> None:
    consent = decide(notice())
    for attempt in (
        consent.delete,
        consent.save,
        consent.notice.save,
        ConsentEvent.objects.all().delete,
    ):
        with pytest.raises(RecordIsImmutable):
            attempt()


@pytest.mark.parametrize(("position", "state"), [(2, "given"), (2, "refused"), (3, "withdrawn")])
def test_the_database_knows_which_decision_can_follow(position: int, state: str) -> None:
    consent = decide(notice())
    entry = consent.notice.log_entry
    event = consent.latest
    with pytest.raises(IntegrityError, match="cannot go from given"), transaction.atomic():
        ConsentEvent.objects.create(
            consent=consent,
            position=position,
            state=state,
            language="ko",
            decided_at=event.decided_at,
            log_entry=entry,
        )
