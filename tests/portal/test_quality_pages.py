"""The report of a contribution's checks, the feeds of a firm, and the drift of a call's pushes."""

from __future__ import annotations

import random
import re
import warnings

import pytest
from django.test import Client

from contributions.intake.services import submit
from contributions.models import Contribution
from contributions.pipeline.stages import check
from contributions.quality import engine
from portal.drift_words import distribution_chart
from tests import cast
from tests.portal import city

pytestmark = pytest.mark.django_db(transaction=True)

FEEDS, DRIFT = "/en/firm/feeds/", "/en/console/feeds/"


@pytest.fixture(autouse=True, scope="module")
def _warm_engine() -> None:
    # Great Expectations 1.24.1 imports modules that pydantic and marshmallow deprecate.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        engine.warm()


def push(level: int, seed: int, *extra: str) -> Contribution:
    """Thirty days of dust around a level, from Hanbit."""
    draw = random.Random(seed)
    rows = [
        f"2026-{seed:02d}-{day:02d},11320,{level + draw.randint(0, 20)}" for day in range(1, 29)
    ]
    file = city.csv_file(*rows, *extra)
    made = submit(
        acting=cast.actor(cast.hana()),
        party_id=cast.hanbit().party_id,
        call_slug=city.SLUG,
        stream=file,
        filename="dust.csv",
        content_type="text/csv",
        purposes=["city-ai"],
        language="en",
    )
    done = check(made.id)
    assert done.state == "accepted"
    return done


def test_the_report_shows_rules_in_words_failing_rows_plots_and_the_sum(client: Client) -> None:
    city.open_call()
    done = push(20, 1, "2026-01-29,11320,86753")
    page = cast.log_in(client, cast.hana()).get(f"/en/c/{done.receipt}/quality/").content.decode()
    assert "Between 0 and 1,000" in page
    assert "otherwise the row is set aside" in page
    assert "Could not be applied" not in page
    assert "There is no earlier submission to compare with." in page
    assert "86753" not in page
    assert "How the values spread" in page
    # Of the rows, only the one that fails is there.
    table = page[page.index('id="rows"') : page.index('id="score"')]
    assert re.findall(r'Row <span class="num">(.+)</span>', table) == ["29"]
    assert f'<data value="{done.quality_score}">' in page
    assert f'value="{done.mass}"' in page
    assert f'value="{1000 * 29}"' in page
    assert done.quality_score == f"{done.mass / (1000 * 29):.3f}"
    status = client.get(f"/en/c/{done.receipt}/").content.decode()
    assert f'href="/en/c/{done.receipt}/quality/"' in status


def test_a_report_before_the_check_says_so(client: Client) -> None:
    city.open_call()
    made = city.contribution_of(cast.mina())
    page = cast.log_in(client, cast.mina()).get(f"/en/c/{made.receipt}/quality/")
    assert "has not run yet" in page.content.decode()


def test_the_firm_sees_how_its_latest_push_moved(client: Client) -> None:
    city.open_call()
    push(20, 1)
    push(300, 2)
    page = cast.log_in(client, cast.hana()).get(FEEDS).content.decode()
    assert "Neighbourhood dust" in page
    assert re.search(r'pm10</th>.*?<span class="tag heed">Changed a lot</span>', page, re.DOTALL)
    assert "The file format is the same as before." in page
    ko = client.get("/firm/feeds/").content.decode()
    assert "크게 달라짐" in ko


def test_the_operator_sees_the_drift_of_a_call_without_the_names_of_people(client: Client) -> None:
    city.open_call()
    push(20, 1)
    push(300, 2)
    check(city.contribution_of(cast.mina()).id)
    page = cast.log_in(client, cast.kang()).get(DRIFT).content.decode()
    assert "pm10 moved" in page
    assert "Individual" in page
    assert cast.mina().name not in page
    assert client.get(f"{DRIFT}?call=made-up").status_code == 404


def test_empty_pages_say_that_nothing_was_pushed(client: Client) -> None:
    cast.log_in(client, cast.hana())
    assert "Nothing was pushed yet." in client.get(FEEDS).content.decode()
    cast.log_in(client, cast.kang())
    assert "Nothing was pushed yet." in client.get(DRIFT).content.decode()


def test_strangers_are_sent_to_log_in_and_neighbours_find_nothing(client: Client) -> None:
    city.open_call()
    done = push(20, 1)
    report = f"/en/c/{done.receipt}/quality/"
    for address in (report, FEEDS, DRIFT):
        assert client.get(address)["Location"].startswith("/en/login/")
    cast.log_in(client, cast.charlie())
    for address in (report, FEEDS, f"{FEEDS}?organisation={cast.hanbit().id}", DRIFT):
        assert client.get(address).status_code == 404
    cast.log_in(client, cast.hana())
    assert client.get(DRIFT).status_code == 404


def test_classes_of_values_have_their_thousands_set_apart_and_years_do_not() -> None:
    def told(*limits: int) -> list[str]:
        labels = [f"< {limits[0]}", f"{limits[0]} – {limits[1]}", f"≥ {limits[1]}"]
        found = {"labels": labels, "limits": list(limits), "counts": [1, 2, 3]}
        chart = distribution_chart("x", found)
        assert chart is not None
        return [bar.label for bar in chart.bars]

    # What is drawn for the eye stands without its limits; those of the column tell as much.
    drawn = {"labels": ["< 2000", "2000 – 2200", "≥ 2200"], "counts": [1, 2, 3]}
    chart = distribution_chart("x", {"limits": [2000, 2150], "drawn": drawn})
    assert chart is not None
    assert [bar.label for bar in chart.bars] == ["< 2,000", "2,000 – 2,200", "≥ 2,200"]
    assert told(1000, 12000) == ["< 1,000", "1,000 – 12,000", "≥ 12,000"]
    assert told(2020, 2025) == ["< 2020", "2020 – 2025", "≥ 2025"]
