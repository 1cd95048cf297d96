"""Following, previewing and stopping a contribution, and what a firm sees of its feeds."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction

from contributions.calls.services import draft_call, publish_call
from contributions.models import Contribution, Stage, State
from contributions.pipeline import under_way
from contributions.pipeline.lease import new_claim
from contributions.pipeline.settled import Settle
from contributions.pipeline.stages import STEPS, check
from contributions.pipeline.work import run_stage
from contributions.selectors.checking import expected_seconds
from dure.core.models import Blob
from tests.cast import actor, api, charlie, hana, hanbit, joon, kang, lim, mina
from tests.contributions.seoul import AIR, air_csv, handed_in, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = "/api/v1/contributions/"


def hourly(day: str, rows: int) -> bytes:
    """Sound records of one day, each of a moment of its own."""
    return air_csv(*(f"{day}{moment:04d},종로구,{moment % 90}" for moment in range(rows)))


def test_progress_names_the_stages_their_times_and_what_is_left() -> None:
    published()
    check(handed_in(mina(), twenty_rows()).id)
    made = handed_in(mina(), twenty_rows("20261102"))
    for stage in (Stage.DECODE, Stage.PRIVACY):
        run_stage(made.id, STEPS[stage])
    document = api(mina()).get(f"{ADDRESS}{made.receipt}/progress/").json()
    assert (document["rows"], document["rows_done"]) == (20, 8)
    assert [each["state"] for each in document["stages"]] == [
        "done", "done", "now", "waiting", "waiting",
    ]  # fmt: skip
    assert document["stages"][0]["seconds"] is not None
    assert document["stages"][4]["expected_seconds"] is not None
    assert document["expected_seconds"] > 0


def test_the_stage_under_way_tells_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mina looks while her file is being judged, and sees the rows of that stage go up."""
    published()
    monkeypatch.setattr(under_way, "PAUSE_S", 0.0)
    check(handed_in(mina(), twenty_rows()).id)
    made = handed_in(mina(), twenty_rows("20261102"))
    seen: dict[str, list[int]] = {}
    left: list[float] = []
    told = under_way._Telling.__call__

    def looking(telling: under_way._Telling, finished: int, parts: int) -> None:
        told(telling, finished, parts)
        document = api(mina()).get(f"{ADDRESS}{made.receipt}/progress/").json()
        now = next(each for each in document["stages"] if each["state"] == "now")
        seen.setdefault(now["stage"], []).append(now["rows_done"])
        left.append(document["expected_seconds"])

    monkeypatch.setattr(under_way._Telling, "__call__", looking)
    check(made.id)
    assert set(seen) == {"quality", "duplicates", "representativeness"}
    for rows in seen.values():
        assert rows == sorted(rows)
        assert rows[-1] <= 20
    # Three columns and two checks, by which the rows advance.
    assert seen["quality"][:3] == [20 * part // 5 for part in (1, 2, 3)]
    assert left == sorted(left, reverse=True)
    made.refresh_from_db()
    assert (made.state, made.stage_share) == (State.ACCEPTED, 0)


def test_a_stage_that_is_run_again_starts_to_tell_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    published()
    made = handed_in(mina(), twenty_rows())
    Contribution.objects.filter(id=made.id).update(stage_share=700)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contribution.objects.filter(id=made.id).update(stage_share=1001)
    seen: list[int] = []
    step = STEPS[Stage.DECODE]

    def looking(contribution: Contribution) -> Settle:
        seen.append(Contribution.objects.get(id=contribution.id).stage_share)
        # Whoever lost the claim says nothing any more.
        Contribution.objects.filter(id=made.id).update(claim=new_claim())
        under_way.part_done(1, 2)
        seen.append(Contribution.objects.get(id=contribution.id).stage_share)
        return step.work(contribution)

    monkeypatch.setattr(under_way, "PAUSE_S", 0.0)
    assert not run_stage(made.id, replace(step, work=looking))
    assert seen == [0, 0]


def test_a_larger_file_is_expected_to_take_longer() -> None:
    assert expected_seconds([(5, 1.5), (20, 3.0), (80, 9.0)], 1000) == pytest.approx(101)
    assert expected_seconds([(5, 1.5), (20, 3.0), (80, 9.0)], 0) == 4.5  # not read yet
    # Files of one size tell nothing of a row alone: in proportion, and never less than they took.
    assert expected_seconds([(100, 2.0), (110, 1.0)], 1050) == pytest.approx(15)
    assert expected_seconds([(100, 2.0), (110, 1.0)], 3) == 1.5
    # Chance made the larger file the quicker one.
    assert expected_seconds([(100, 2.0), (900, 1.0)], 1000) == pytest.approx(3)
    assert expected_seconds([(0, 0.5)], 1000) == 0.5
    published()
    check(handed_in(mina(), hourly("20261101", 20)).id)
    check(handed_in(mina(), hourly("20261102", 5)).id)
    made = handed_in(mina(), hourly("20261103", 24))
    run_stage(made.id, STEPS[Stage.DECODE])
    stages = api(mina()).get(f"{ADDRESS}{made.receipt}/progress/").json()["stages"]
    assert [each["rows_done"] for each in stages] == [24, 0, 0, 0, 0]
    assert all(each["expected_seconds"] >= 0 for each in stages)


def test_rows_that_count_elsewhere_are_named_page_by_page() -> None:
    published()
    check(handed_in(joon(), hourly("20261101", 150)).id)
    made = check(
        handed_in(mina(), hourly("20261101", 150) + hourly("20261102", 2).partition(b"\n")[2]).id
    )
    client, address = api(mina()), f"{ADDRESS}{made.receipt}/duplicates/"
    first = client.get(address).json()
    assert [each["row"] for each in first["results"]] == list(range(1, 101))
    assert first["results"][0]["rule"] == "row.duplicate"
    # Only what the key names is compared, which who reads it has to know.
    assert "측정일시, 측정소명" in first["results"][0]["message"]
    second = client.get(first["next"]).json()
    assert [each["row"] for each in second["results"]] == list(range(101, 151))
    assert (second["next"], second["previous"]) == (None, None)
    assert client.get(f"{address}?after=-1").status_code == 400
    assert client.get(f"{address}?after=9999999999").status_code == 400


def test_the_preview_waits_for_the_privacy_gate() -> None:
    published()
    made = handed_in(mina(), air_csv("20261101,종로구,31"))
    run_stage(made.id, STEPS[Stage.DECODE])
    client, address = api(mina()), f"{ADDRESS}{made.receipt}/preview/"
    assert client.get(address).status_code == 409
    run_stage(made.id, STEPS[Stage.PRIVACY])
    answer = client.get(address)
    assert answer["Cache-Control"] == "no-store"
    (row,) = answer.json()["rows"]
    assert (row["측정소명"], row["PM10"], row["dure:row"]) == ("종로구", "31", 1)


def test_what_is_being_checked_can_be_stopped_and_nothing_is_kept() -> None:
    published()
    made = handed_in(mina(), twenty_rows())
    run_stage(made.id, STEPS[Stage.DECODE])
    client, address = api(mina()), f"{ADDRESS}{made.receipt}/cancellation/"
    for _twice in range(2):
        answer = client.post(address)
        assert (answer.status_code, answer.json()["reason_code"]) == (200, "cancelled-by-owner")
    assert check(made.id).state == "withdrawn"
    assert not Blob.objects.filter(purged_at=None).exists()


def test_what_has_ended_cannot_be_stopped() -> None:
    published()
    made = check(handed_in(mina(), twenty_rows()).id)
    assert api(mina()).post(f"{ADDRESS}{made.receipt}/cancellation/").status_code == 409
    made.refresh_from_db()
    assert made.state == "accepted"


def test_lists_are_narrowed_by_state_and_call() -> None:
    published()
    done = check(handed_in(joon(), twenty_rows()).id)
    handed_in(joon(), twenty_rows("20261102"))
    client = api(joon())

    def found(query: str) -> list[str]:
        return [each["receipt"] for each in client.get(f"{ADDRESS}?{query}").json()["results"]]

    assert found("state=accepted") == [done.receipt]
    assert len(found("call=air-daily")) == 2
    assert found("call=other") == found("call=%00") == []
    assert client.get(f"{ADDRESS}?state=nonsense").status_code == 400


def test_a_firm_sees_its_feeds_and_nobody_else_s() -> None:
    published()
    firm = api(hana(), hanbit())
    firm.post(
        f"{ADDRESS}?call=air-daily&purpose=city-ai",
        air_csv(*(f"202611{d:02d},종로구,{d}" for d in range(1, 10)), "20261110,종로구,-1"),
        content_type="text/csv",
    )
    check(Contribution.objects.get().id)
    check(handed_in(mina(), twenty_rows("20261120")).id)
    page = firm.get("/api/v1/feeds/").json()
    assert (page["next"], page["previous"]) == (None, None)
    (feed,) = page["results"]
    assert (feed["call"], feed["pushes"], feed["last_state"]) == ("air-daily", 1, "accepted")
    assert (feed["error_rate"], feed["counts"]["accepted"]) == ("0.1000", 9)
    for neighbour in (mina(), charlie()):
        assert api(neighbour).get("/api/v1/feeds/").json()["results"] == []


def test_feeds_are_read_page_by_page() -> None:
    published()
    draft_call(acting=actor(kang()), document={**AIR, "slug": "air-hourly"})
    for person in (kang(), lim()):
        publish_call(acting=actor(person), slug="air-hourly")
    firm = api(hana(), hanbit())
    for slug in ("air-daily", "air-hourly"):
        answer = firm.post(
            f"{ADDRESS}?call={slug}&purpose=city-ai", twenty_rows(), content_type="text/csv"
        )
        assert answer.status_code == 202
    first = firm.get("/api/v1/feeds/?limit=1").json()
    second = firm.get(first["next"]).json()
    assert [page["results"][0]["call"] for page in (first, second)] == ["air-daily", "air-hourly"]
    assert second["next"] is None
    refused = firm.get("/api/v1/feeds/?cursor=made-up")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "cursor")


def test_the_score_can_be_computed_again_from_the_file_and_the_call_alone() -> None:
    document = published().document
    rows = [("20261101", "종로구", "5"), ("20261102", "종로구", ""), ("20261103", "중구", "7")]
    rows += [("20261104", "중구", "-4"), ("20261105", "중구", ""), ("20261105", "중구", "")]
    rows += [(f"202611{day:02d}", "용산구", "12") for day in range(10, 16)]
    done = check(handed_in(mina(), air_csv(*(",".join(row) for row in rows))).id)
    assert done.state == "accepted"
    report = api(mina()).get(f"{ADDRESS}{done.receipt}/quality/").json()["score"]
    # The rules of the call, once more, on paper: a negative value is set aside, an empty costs.
    (loss,) = (one["meta"]["loss"] for one in document["checks"] if one["severity"] == "warning")
    distinct = list(dict.fromkeys(rows))
    masses = [0 if pm[:1] == "-" else 1000 - (loss if not pm else 0) for _d, _s, pm in distinct]
    assert report["value"] == f"{round(Fraction(sum(masses), len(distinct))) / 1000:.3f}"
    assert report["mass"] == sum(masses)
    assert report["records"] == len(distinct)
    assert report["lost"] == loss * 2
    assert report["losses"][0]["loss"] == loss


def test_the_quality_report_tells_rules_in_words_and_failing_rows_only() -> None:
    published()
    rows = [f"202611{day:02d},종로구,{day}" for day in range(1, 10)]
    done = check(handed_in(mina(), air_csv(*rows, "20261110,종로구,5000")).id)
    report = api(mina()).get(f"{ADDRESS}{done.receipt}/quality/").json()
    assert [rule["verdict"] for rule in report["rules"]] == ["fail", "pass"]
    assert all(rule["text"] for rule in report["rules"])
    assert [row["row"] for row in report["rows"]] == [10]
    assert "5000" not in str(report["rows"])


def test_a_feed_tells_how_its_last_push_differs_from_the_one_before() -> None:
    published()
    firm = api(hana(), hanbit())

    def push(data: bytes) -> None:
        answer = firm.post(
            f"{ADDRESS}?call=air-daily&purpose=city-ai", data=data, content_type="text/csv"
        )
        check(Contribution.objects.get(receipt=answer.json()["receipt"]).id)

    push(twenty_rows("20261101"))
    assert firm.get("/api/v1/feeds/").json()["results"][0]["drift"] is None
    push(twenty_rows("20261102").decode().encode("cp949"))
    drift = firm.get("/api/v1/feeds/").json()["results"][0]["drift"]
    assert "encoding" in str(drift["changes"])
    assert {change["severity"] for change in drift["changes"]} == {"info"}


def test_strangers_and_neighbours_are_refused_alike() -> None:
    published()
    made = handed_in(mina(), twenty_rows())
    neighbour, stranger = api(charlie()), api()
    for method, tail in (
        ("get", "progress/"),
        ("get", "preview/"),
        ("get", "quality/"),
        ("get", "duplicates/"),
        ("post", "cancellation/"),
    ):
        foreign = getattr(neighbour, method)(f"{ADDRESS}{made.receipt}/{tail}")
        unknown = getattr(neighbour, method)(f"{ADDRESS}D-2026-00000000/{tail}")
        assert foreign.status_code == unknown.status_code == 404
        assert foreign.json() == unknown.json()
        assert getattr(stranger, method)(f"{ADDRESS}{made.receipt}/{tail}").status_code == 401
    assert stranger.get("/api/v1/feeds/").status_code == 401
    made.refresh_from_db()
    assert made.state == "received"
