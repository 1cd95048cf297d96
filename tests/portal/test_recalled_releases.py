"""What happens after a recall, on the pages: the patch, or why there is none."""

from __future__ import annotations

import pytest
from django.test import Client

from contributions.models import Release
from contributions.pipeline.stages import check
from contributions.releases import building
from contributions.releases.building import build, waiting
from contributions.releases.services import build_release
from contributions.releases.tasks import sweep_releases
from contributions.withdrawal.services import withdraw
from tests.cast import actor, charlie, joon, kang, lim, log_in, mina, seo
from tests.contributions.conftest import _warm_engine
from tests.contributions.seoul import air_csv, handed_in, news, published, twenty_rows

__all__ = ["_warm_engine"]

pytestmark = pytest.mark.django_db(transaction=True)
CONSOLE = "/en/console/releases/"


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def swept() -> None:
    sweep_releases()
    for release_id in waiting():
        build(release_id)
    news()


def recalled() -> Release:
    """A release of Mina's and Joon's records, which Mina has left."""
    published()
    check(handed_in(joon(), air_csv(*(f"{n:010d},강남구,{n}" for n in range(100, 112)))).id)
    hers = check(handed_in(mina(), twenty_rows()).id)
    asked = build_release(acting=actor(kang()), call_slug="air-daily", purpose="city-ai")
    release = build(asked.id)
    assert release.state == "published", release.reason_rule
    withdraw(acting=actor(mina()), receipt=hers.receipt)
    return release


def test_a_recalled_release_leads_to_its_patch_and_back(client: Client) -> None:
    first = recalled()
    swept()
    patch = Release.objects.get(patch_of=first)
    page = text(client, f"/en/data/{first.id}/")
    assert f'<a href="/en/data/{patch.id}/">Release 1.1 takes its place</a>' in page
    assert "Release 1.1 takes its place" in text(client, "/en/data/")
    new = text(client, f"/en/data/{patch.id}/")
    assert f'<a href="/en/data/{first.id}/">Release 1</a>' in new
    assert "release 1.1" in new
    log_in(client, kang())
    board = text(client, CONSOLE)
    assert "No recalled release is without a successor." in board
    assert f'href="/en/data/{patch.id}/"' in board


def test_an_operator_reads_why_a_patch_is_held_back(client: Client) -> None:
    identifying = {"quasi_identifiers": ["측정소명"], "sensitive": ["PM10"], "unit": "record"}
    published(disclosure=identifying)
    check(handed_in(joon(), air_csv(*(f"{n:010d},강남구,{n}" for n in range(100, 120)))).id)
    one = check(handed_in(mina(), air_csv("0000000200,강남구,200")).id)
    asked = build_release(acting=actor(kang()), call_slug="air-daily", purpose="city-ai")
    assert build(asked.id).records == 21
    withdraw(acting=actor(mina()), receipt=one.receipt)
    swept()
    for person in (kang(), lim()):
        log_in(client, person)
        board = text(client, CONSOLE)
        assert "20 of the 20 remaining records would have to be left out" in board
        assert "Held back" in board
    assert "20건 가운데 20건을 빼야 합니다" in text(client, "/console/releases/")


def test_an_operator_has_a_patch_built_that_failed_by_our_error(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = recalled()

    def broken(_release: Release) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken_house:
        broken_house.setattr(building, "assemble", broken)
        sweep_releases()
        (patch_id,) = waiting()
        for _attempt in range(building.ATTEMPTS_MAX):
            Release.objects.filter(id=patch_id).update(lease_until=None)
            build(patch_id)
    assert Release.objects.get(id=patch_id).state == "failed"
    log_in(client, kang())
    assert "error of ours" in text(client, CONSOLE)
    swept()
    assert not Release.objects.filter(patch_of=first, state="published").exists()
    again = f"{CONSOLE}{first.id}/patching/"
    assert client.post(again)["Location"] == CONSOLE
    assert "already being built" in client.post(again, follow=True).content.decode()
    swept()
    assert Release.objects.get(patch_of=first, state="published").version == "1.1"
    assert client.post(again).status_code == 404, "there is nothing to try again"


def test_the_board_is_for_the_city_alone(client: Client) -> None:
    first = recalled()
    assert client.get(CONSOLE).status_code == 302
    for person in (mina(), charlie(), seo()):
        log_in(client, person)
        assert client.get(CONSOLE).status_code == 404
        assert client.post(f"{CONSOLE}{first.id}/patching/").status_code == 404
