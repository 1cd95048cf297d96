"""The menu of the console: on every page below the first, with the place one stands at lit."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils.translation import override

from dure.accounts import services
from dure.accounts.acting import Actor
from dure.accounts.models import Person
from dure.accounts.roles import Role
from portal.operator import sections
from tests import cast
from tests.portal.crawl.places import portal_patterns
from tests.rewards.rails.payouts import redeem

#: The front page, and what only posts from it.
OF_THE_FRONT = {"console", "console-report"}


def _lit(page: str) -> list[str]:
    menu = re.search(r'<nav class="sections.*?</nav>', page, re.S)
    assert menu is not None
    return re.findall(r'aria-current="(?:page|true)">([^<]+)<', menu.group(0))


def test_every_page_of_the_console_has_its_place_in_the_menu() -> None:
    menu = sections.parts(answers=True)
    lost = {
        name
        for name in (str(pattern.name) for pattern in portal_patterns())
        if name.startswith("console") and sections.section_of(menu, name) is None
    }
    assert lost == OF_THE_FRONT


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("console-answer", "Pay-outs"),
        ("console-answer-person", "Requests and objections"),
        ("console-call-edit", "All calls"),
        ("console-check-epoch", "Random checks"),
        ("console-epoch", "Settlements"),
        ("console-person", "People and roles"),
        ("console-releases", "Recalled releases"),
    ],
)
def test_names_that_begin_alike_are_told_apart(name: str, label: str) -> None:
    with override("en"):
        found = sections.section_of(sections.parts(answers=True), name)
        assert found is not None
        assert found[1].label == label


@pytest.mark.django_db
def test_pages_below_the_first_carry_the_menu(client: Client) -> None:
    cast.log_in(client, cast.kang())
    assert _lit(client.get("/en/console/").content.decode()) == ["Overview"]
    assert _lit(client.get("/en/console/books/").content.decode()) == ["Money", "Books"]
    assert _lit(client.get("/en/console/redemptions/rules/").content.decode()) == [
        "Money",
        "Pay-outs",
    ]


@pytest.mark.django_db
def test_who_only_approves_is_not_led_to_requests_of_people(client: Client) -> None:
    requests = 'href="/en/console/requests/"'
    cast.log_in(client, cast.kang())
    assert requests in client.get("/en/console/people/").content.decode()
    cast.log_in(client, _ahn())
    assert requests not in client.get("/en/console/people/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "button"),
    [
        ("/en/console/", "Publish report"),
        ("/en/console/parameters/", "Try it out and propose"),
        ("/en/console/questions/", "Store"),
        ("/en/console/redemptions/", "Apply the response"),
        ("/en/console/redemptions/rules/", "Propose this version"),
    ],
)
def test_who_only_approves_is_not_offered_what_operators_do(
    client: Client, address: str, button: str
) -> None:
    shown = f">{button}</button>"
    cast.log_in(client, cast.kang())
    assert shown in client.get(address).content.decode()
    cast.log_in(client, _ahn())
    assert shown not in client.get(address).content.decode()


@pytest.mark.django_db
def test_who_only_approves_reads_what_is_theirs_to_do(client: Client) -> None:
    redeem(1000)
    queue, single = "/en/console/redemptions/", "The amounts are held until an operator records"
    cast.log_in(client, cast.kang())
    page = client.get(queue).content.decode()
    assert '<h2 id="collect">Make a batch</h2>' in page
    assert '<th scope="col">Next step</th>' in page
    assert single not in page
    assert ">All calls, and new ones</a>" in client.get("/en/console/").content.decode()
    cast.log_in(client, _ahn())
    page = client.get(queue).content.decode()
    assert '<h2 id="collect">Waiting for a batch</h2>' in page
    assert "Operators make batches" in page
    assert "Next step" not in page
    assert single in page
    assert "and new ones" not in client.get("/en/console/").content.decode()


def _ahn() -> Person:
    """Approves and does nothing else."""
    return services.create_person(
        acting=Actor.system("tests"),
        email="ahn@dure.example",
        name="Ahn",
        password=cast.PASSWORD,
        roles=[Role.APPROVER],
    )


@pytest.mark.django_db
def test_an_auditor_finds_the_way_back_from_every_page_of_the_desk(client: Client) -> None:
    cast.log_in(client, cast.seo())
    assert _lit(client.get("/en/audit/").content.decode()) == ["Cases, samples and findings"]
    assert _lit(client.get("/en/audit/looks/").content.decode()) == ["Who looked"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("/en/transparency/", "Reports"),
        ("/en/transparency/settlements/", "Settlements"),
        ("/en/algorithms/reward-coverage/", "Algorithm register"),
        ("/en/log/consistency/", "Public log"),
        ("/en/verify/", "Verify a receipt"),
    ],
)
def test_what_anybody_can_check_stands_side_by_side(
    client: Client, address: str, label: str
) -> None:
    assert _lit(client.get(address).content.decode()) == [label]
