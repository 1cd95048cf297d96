"""Two people publish a call: the one who proposes and another who approves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from contributions.calls.services import close_call, publish_call, revise_call
from contributions.models import Call, CallVersion
from contributions.registries import publication_gates
from contributions.selectors import call_document, open_calls, open_version
from dure.accounts.acting import Actor
from dure.core.clock import now, rfc3339
from dure.core.models import OutboxEvent
from dure.core.problems import INVALID, Problem
from governance.consent.selectors import notices_for
from governance.models import LogEntry
from tests.cast import actor, kang, lim, mina
from tests.contributions.seoul import AIR, drafted, published

pytestmark = pytest.mark.django_db


def test_the_first_request_proposes_and_the_second_person_publishes() -> None:
    call = drafted()
    proposed = publish_call(acting=actor(kang()), slug=call.slug)
    assert proposed.state == "proposed"
    assert not open_calls().exists()
    version = publish_call(acting=actor(lim()), slug=call.slug)
    assert (version.state, version.approver) == ("published", lim())
    assert [each.slug for each in open_calls()] == ["air-daily"]
    assert {notice.purpose: notice.required for notice in notices_for("air-daily")} == {
        "city-ai": True,
        "research": False,
    }
    assert OutboxEvent.objects.filter(kind="call.published", subject="air-daily").count() == 1
    kinds = list(LogEntry.objects.order_by("origin_seq").values_list("kind", flat=True))
    assert [kind for kind in kinds if kind.startswith("call.")] == [
        "call.drafted",
        "call.publication_proposed",
        "call.published",
    ]


def test_the_proposer_cannot_approve() -> None:
    drafted()
    publish_call(acting=actor(kang()), slug="air-daily")
    with pytest.raises(Problem) as refusal:
        publish_call(acting=actor(kang()), slug="air-daily")
    assert refusal.value.kind.code == "second-person-needed"


def test_the_author_cannot_approve_what_another_proposed() -> None:
    drafted()
    publish_call(acting=actor(lim()), slug="air-daily")
    with pytest.raises(Problem) as refusal:
        publish_call(acting=actor(kang()), slug="air-daily")
    assert refusal.value.kind.code == "second-person-needed"


def test_a_resident_publishes_nothing() -> None:
    drafted()
    with pytest.raises(Problem) as refusal:
        publish_call(acting=actor(mina()), slug="air-daily")
    assert refusal.value.kind.status == 403


@pytest.fixture
def no_money() -> Iterator[None]:
    def gate(version: CallVersion, acting: Actor) -> None:
        raise INVALID.problem(detail="The pool cannot be funded.")

    publication_gates.register("no money", gate)
    yield
    publication_gates._items.pop("no money")


@pytest.mark.usefixtures("no_money")
def test_a_gate_that_refuses_leaves_everything_as_it_was() -> None:
    drafted()
    publish_call(acting=actor(kang()), slug="air-daily")
    with pytest.raises(Problem, match="invalid-request"):
        publish_call(acting=actor(lim()), slug="air-daily")
    assert Call.objects.get().published is None
    assert CallVersion.objects.get().state == "proposed"
    assert notices_for("air-daily") == []


def test_a_second_version_takes_the_place_of_the_first() -> None:
    first = published()
    revise_call(acting=actor(kang()), slug="air-daily", changes={"target_mass": 300})
    publish_call(acting=actor(kang()), slug="air-daily")
    second = publish_call(acting=actor(lim()), slug="air-daily")
    first.refresh_from_db()
    assert (first.state, second.state) == ("superseded", "published")
    assert open_version("air-daily") == second
    with pytest.raises(Problem, match="nothing-to-publish"):
        publish_call(acting=actor(kang()), slug="air-daily")


def test_a_closed_call_takes_nothing_any_more() -> None:
    published()
    close_call(acting=actor(kang()), slug="air-daily")
    assert not open_calls().exists()
    with pytest.raises(Problem, match="call-closed"):
        open_version("air-daily")


def test_a_call_opens_and_closes_by_the_clock() -> None:
    published(opens_at=rfc3339(now() + timedelta(days=1)))
    with pytest.raises(Problem, match="call-closed"):
        open_version("air-daily")


def test_the_document_shows_the_live_strata() -> None:
    version = published()
    document = call_document(version)
    assert document["status"] == "open"
    assert document["strata_rules"] == version.document["strata"]
    dobong = next(each for each in document["strata"] if each["key"] == "11320")
    assert dobong["label"] == {"ko": "도봉구", "en": "Dobong-gu"}
    assert (dobong["share"], dobong["target"], dobong["have"]) == ("0.300000", 30_000, 0)


def test_a_purpose_can_name_recipients_that_its_notice_then_names() -> None:
    lab = {"key": "han-lab", "name": {"ko": "한강연구소", "en": "Han Lab"}}
    purposes = [
        {**AIR["purposes"][0], "data": [{"ko": "공기질", "en": "air quality"}]},
        {**AIR["purposes"][1], "recipients": [lab]},
    ]
    published(purposes=purposes)
    notices = {notice.purpose: notice for notice in notices_for("air-daily")}
    assert notices[purposes[1]["key"]].recipients == [lab]
    assert notices[purposes[0]["key"]].data == [{"ko": "공기질", "en": "air quality"}]


@pytest.mark.parametrize("unfit", ["han-lab", [{"key": "x"}], [None]])
def test_a_recipient_has_a_key_and_a_name(unfit: object) -> None:
    purposes = [{**AIR["purposes"][0], "recipients": unfit}]
    with pytest.raises(Problem, match="call-invalid"):
        drafted(purposes=purposes)
