"""A consent ends: by its time, by the city's mistake, by law; a newer notice renews it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from dure.core import clock
from dure.core.problems import Problem
from governance.consent import endings, selectors, services
from governance.models import Consent, ConsentMeasure, ConsentState, LogEntry, Notice
from tests.cast import actor, charlie, joon, kang, lim, mina
from tests.emptying import without_triggers

pytestmark = pytest.mark.django_db
CITY = {"ko": "도시 인공지능 연구에 이용합니다.", "en": "Used for urban AI research."}
NEWER = {"ko": "도시 인공지능 연구와 교육에 이용합니다.", "en": "Research and teaching."}
LAB = {"key": "han-lab", "name": {"ko": "한강연구소", "en": "Han Lab"}}
BUS = {"key": "bus-firm", "name": {"ko": "버스회사", "en": "Bus Firm"}}


def notice(text: dict[str, str] = CITY, *, recipients: tuple[object, ...] = ()) -> Notice:
    return services.publish_notice(
        acting=actor(kang()),
        scope="air-daily",
        purpose="city-ai",
        required=True,
        text=text,
        retention_days=365,
        recipients=recipients,  # type: ignore[arg-type]  # the plain dictionaries above
    )


def decide(
    about: Notice, *, granted: bool = True, recipient: str = "", who: object = None
) -> Consent:
    person = who or mina()
    return services.decide(
        acting=actor(person),  # type: ignore[arg-type]
        party_id=person.party_id,  # type: ignore[attr-defined]
        notice=about,
        granted=granted,
        language="ko",
        recipient=recipient,
    )


def in_force(recipient: str = "") -> Consent | None:
    return selectors.in_force(
        party_id=mina().party_id, scope="air-daily", purpose="city-ai", recipient=recipient
    )


def past_its_time(consent: Consent | None = None) -> None:
    """As if everything, or one consent, had been decided two years ago."""
    only = f" WHERE consent_id = '{consent.id}'" if consent else ""
    with without_triggers(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE governance_consentevent SET decided_at = decided_at - interval '2 years',"
            f" valid_until = valid_until - interval '2 years'{only}"
        )


def states(consent: Consent) -> list[str]:
    return list(consent.events.values_list("state", flat=True))


def test_agreeing_to_a_newer_notice_renews() -> None:
    old = decide(notice())
    new = decide(notice(NEWER))
    assert (old.state, new.state) == (ConsentState.GIVEN, ConsentState.RENEWED)
    assert in_force() == new
    assert LogEntry.objects.filter(kind="consent.renewed").count() == 1
    services.withdraw(acting=actor(mina()), consent=old)
    assert in_force() is None
    assert Consent.objects.get(id=new.id).state is ConsentState.WITHDRAWN


def test_a_new_decision_after_a_refusal_or_withdrawal_is_no_renewal() -> None:
    services.withdraw(acting=actor(mina()), consent=decide(notice()))
    assert decide(notice(NEWER)).state is ConsentState.GIVEN


def test_the_database_renews_only_what_an_older_notice_gave() -> None:
    consent = Consent.objects.create(
        party_id=mina().party_id, notice=notice(), created_at=clock.now()
    )
    with pytest.raises(IntegrityError, match="no earlier notice to renew"), transaction.atomic():
        consent.events.create(
            position=1,
            state="renewed",
            language="ko",
            decided_at=clock.now(),
            valid_until=clock.now() + timedelta(days=1),
            log_entry=consent.notice.log_entry,
        )


def test_each_recipient_is_decided_on_by_itself() -> None:
    about = notice(recipients=(LAB, BUS))
    decide(about)
    assert (in_force(), in_force("han-lab")) == (Consent.objects.get(), None)
    lab = decide(about, recipient="han-lab")
    decide(about, granted=False, recipient="bus-firm")
    assert (in_force("han-lab"), in_force("bus-firm")) == (lab, None)
    services.withdraw(acting=actor(mina()), consent=lab)
    assert in_force("han-lab") is None
    assert in_force() is not None
    with pytest.raises(Problem, match="recipient-unknown"):
        decide(about, recipient="nobody")
    with pytest.raises(IntegrityError, match="no such recipient"), transaction.atomic():
        Consent.objects.create(
            party_id=mina().party_id, notice=about, recipient="nobody", created_at=clock.now()
        )


def test_other_recipients_are_another_version_of_the_notice() -> None:
    assert notice().version == 1
    assert notice(recipients=(LAB,)).version == 2
    assert notice(recipients=(LAB,)).version == 2
    for unfit in ({"key": "Han Lab", "name": LAB["name"]}, {"key": "x", "name": {"ko": "가"}}):
        with pytest.raises(Problem, match="notice-unfit"):
            notice(recipients=(unfit,))
    with pytest.raises(Problem, match="notice-unfit"):
        notice(recipients=(LAB, LAB))


def test_a_consent_past_its_time_allows_nothing_even_before_the_sweep() -> None:
    consent = decide(notice())
    parties = selectors.consenting_parties(scope="air-daily", purpose="city-ai")
    assert list(parties) == [mina().party_id]
    past_its_time()
    assert in_force() is None
    assert list(selectors.consenting_parties(scope="air-daily", purpose="city-ai")) == []
    assert selectors.consent_document(Consent.objects.get(id=consent.id))["state"] == "expired"
    assert states(consent) == ["given"]


def test_the_sweep_ends_each_consent_once() -> None:
    consent = decide(notice())
    assert endings.expire_consents() == 0
    past_its_time()
    assert endings.expire_consents() == 1
    assert endings.expire_consents() == 0
    assert states(consent) == ["given", "expired"]
    again = decide(notice())
    assert again == consent
    assert in_force() == consent


def test_the_sweep_leaves_what_was_renewed_to_its_newer_version() -> None:
    old = decide(notice())
    new = decide(notice(NEWER))
    past_its_time(old)
    assert new.state is ConsentState.RENEWED
    assert endings.expire_consents() == 0
    assert in_force() == new
    assert states(old) == ["given"]


def test_agreeing_again_after_the_time_needs_no_sweep() -> None:
    old = decide(notice())
    past_its_time()
    assert decide(notice()) == old
    assert states(old) == ["given", "expired", "given"]
    past_its_time()
    assert decide(notice(NEWER)).state is ConsentState.RENEWED
    assert states(old) == ["given", "expired", "given", "expired"]


def test_the_database_lets_nothing_expire_early() -> None:
    consent = decide(notice())
    with pytest.raises(IntegrityError, match="valid for longer"), transaction.atomic():
        consent.events.create(
            position=2,
            state="expired",
            ground="time-over",
            language="ko",
            decided_at=clock.now(),
            log_entry=consent.notice.log_entry,
        )


def test_one_consent_is_invalidated_by_an_operator_with_a_reason() -> None:
    consent = decide(notice())
    with pytest.raises(Problem, match="not-allowed"):
        endings.end_consent(
            acting=actor(charlie()), consent=consent, ground="wrong-notice", reason="x"
        )
    for ground, reason in (("mood", "x"), ("wrong-notice", " ")):
        with pytest.raises(Problem, match="consent-measure-unfit"):
            endings.end_consent(acting=actor(kang()), consent=consent, ground=ground, reason=reason)
    measure = endings.end_consent(
        acting=actor(kang()), consent=consent, ground="wrong-notice", reason="다른 모집의 고지"
    )
    assert (measure.touched, states(consent)) == (1, ["given", "invalidated"])
    assert in_force() is None
    assert consent.events.get(position=2).ground == "wrong-notice"
    with pytest.raises(Problem, match="consent-not-given"):
        endings.end_consent(
            acting=actor(kang()), consent=consent, ground="wrong-notice", reason="다시"
        )


def test_the_consents_of_a_notice_end_only_when_a_second_person_approves() -> None:
    about = notice()
    mine, his = decide(about), decide(about, who=joon())
    measure = endings.propose_ending(
        acting=actor(kang()), notice=about, ground="court-order", reason="법원 결정"
    )
    assert in_force() == mine
    with pytest.raises(Problem, match="consent-measure-waits"):
        endings.propose_ending(
            acting=actor(lim()), notice=about, ground="court-order", reason="법원 결정"
        )
    with pytest.raises(Problem, match="consent-measure-own"):
        endings.approve_ending(acting=actor(kang()), measure_id=measure.id)
    with pytest.raises(Problem, match="not-allowed"):
        endings.approve_ending(acting=actor(charlie()), measure_id=measure.id)
    with pytest.raises(IntegrityError, match="four_eyes"), transaction.atomic():
        ConsentMeasure.objects.filter(id=measure.id).update(approved_by=kang())
    with pytest.raises(IntegrityError, match="many_approved"), transaction.atomic():
        ConsentMeasure.objects.filter(id=measure.id).update(state="done", touched=2)
    done = endings.approve_ending(acting=actor(lim()), measure_id=measure.id)
    assert done.touched == 2
    assert states(mine) == states(his) == ["given", "revoked"]
    with pytest.raises(Problem, match="consent-measure-unknown"):
        endings.approve_ending(acting=actor(lim()), measure_id=measure.id)


@pytest.mark.parametrize("ground", sorted(endings.GROUNDS))
def test_nobody_agrees_any_more_to_a_notice_whose_consents_the_city_ended(ground: str) -> None:
    """Neither who had agreed nor a newcomer: what was wrong with it is wrong for both."""
    about = notice()
    mine = decide(about)
    measure = endings.propose_ending(
        acting=actor(kang()), notice=about, ground=ground, reason="오기"
    )
    assert decide(about, who=joon()).state is ConsentState.GIVEN
    endings.approve_ending(acting=actor(lim()), measure_id=measure.id)
    for who in (mina(), joon(), charlie()):
        with pytest.raises(Problem, match="notice-ended"):
            decide(about, who=who)
    assert decide(about, granted=False, who=charlie()).state is ConsentState.REFUSED
    newer = notice(NEWER)
    assert decide(newer).state is decide(newer, who=charlie()).state is ConsentState.GIVEN
    assert states(mine) == ["given", endings.GROUNDS[ground].value]


def test_what_the_city_revoked_comes_back_only_with_a_new_notice() -> None:
    about = notice()
    consent = decide(about)
    endings.end_consent(acting=actor(kang()), consent=consent, ground="legal-ban", reason="법령")
    with pytest.raises(Problem, match="consent-revoked"):
        decide(about)
    with pytest.raises(IntegrityError, match="cannot go from revoked"), transaction.atomic():
        consent.events.create(
            position=3,
            state="given",
            language="ko",
            decided_at=clock.now(),
            valid_until=clock.now() + timedelta(days=1),
            log_entry=about.log_entry,
        )
    assert decide(notice(NEWER)).state is ConsentState.GIVEN


@pytest.mark.parametrize("state", ["expired", "invalidated", "revoked"])
def test_nothing_refused_can_end(state: str) -> None:
    consent = decide(notice(), granted=False)
    with pytest.raises(IntegrityError, match="cannot go from refused"), transaction.atomic():
        consent.events.create(
            position=2,
            state=state,
            ground="time-over",
            language="ko",
            decided_at=clock.now(),
            log_entry=consent.notice.log_entry,
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE governance_consentmeasure SET reason = 'other'",
        "DELETE FROM governance_consentmeasure",
    ],
)
def test_a_measure_stands(statement: str) -> None:
    endings.end_consent(
        acting=actor(kang()), consent=decide(notice()), ground="legal-ban", reason="법령"
    )
    with (
        pytest.raises(IntegrityError, match="is kept"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
