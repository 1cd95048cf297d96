"""Every page as every role in both languages, without a browser: who gets in, and what it says."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import cast
from tests.contributions.conftest import _warm_engine
from tests.portal.crawl.places import NOT_IN_TOWN, Place, places
from tests.portal.crawl.texts import Page, in_the_other_language
from tests.portal.crawl.town import ROLES, Town, built_town

__all__ = ["_warm_engine"]
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.xdist_group("crawl"),
    pytest.mark.timeout(900),
]
COUNTS = Path(__file__).parent / "query_counts.json"
STAFF = ("operator", "approver")
#: Who owns what the town shows, by how an address begins; the first that fits.
OWNERS = (
    ("/console/", STAFF),
    ("/audit/", ("auditor",)),
    ("/firm/new/", ROLES[1:]),
    ("/firm/", ("firm",)),
    ("/c/D-", ("resident",)),
    ("/contribute/", ROLES[1:]),
    ("/c/", ROLES[1:]),
    ("/me/children/", ("resident",)),
    ("/me/requests/", ("resident",)),
    ("/me/", ROLES[1:]),
    ("/wallet/", ROLES[1:]),
)
#: Steps of an operator alone, although approvers work in the console too.
ONLY_OPERATORS = (
    "console-call-new", "console-call-edit", "console-requests", "console-answer-person",
    "console-simulation",
)  # fmt: skip


def browser_of(town: Town, role: str) -> Client:
    """A browser in which this role has logged in; a stranger has not."""
    client = Client(raise_request_exception=True)
    return client if role == "stranger" else cast.log_in(client, town.people[role])


def insiders(place: Place) -> tuple[str, ...]:
    """The roles that may see a place."""
    if place.name in ONLY_OPERATORS:
        return ("operator",)
    if place.name == "guardian":
        return ("child",)
    if place.name in ("dividend", "firm-invitation"):  # Mina's share, and Mina is invited
        return ("resident",)
    if place.name in ("licence", "invoice", "invoice-file"):
        return ("firm", "operator")
    if place.name == "contribution-photo":  # evidence; a look of staff is noted for its owner
        return ("resident", "operator")
    return next((who for start, who in OWNERS if place.path.startswith(start)), ROLES)


@pytest.fixture
def town() -> Town:
    return built_town()


def test_every_page_has_a_sample_of_its_arguments(town: Town) -> None:
    """What is only ever sent needs none: it answers nobody who just looks."""
    found, lacking = places(town)
    client = browser_of(town, "operator")
    asked = {name: client.get(path).status_code for name, path in lacking.items()}
    without = {name: code for name, code in asked.items() if code != 405}
    assert set(without) == NOT_IN_TOWN, "a new page wants a sample, one that has it leaves the list"
    assert len(found) > 70


def test_who_gets_in_and_what_the_page_says(town: Town) -> None:
    """Outsiders log in first or find nothing; insiders find a whole page in their language."""
    wrong: list[str] = []
    for role in ROLES:
        client = browser_of(town, role)
        for place in places(town)[0]:
            for language in ("ko", "en"):
                wrong += [
                    f"{role} {place.address(language)}: {fault}"
                    for fault in _faults(client, place, language, role)
                ]
    assert wrong == [], "\n".join(wrong)


def _faults(client: Client, place: Place, language: str, role: str) -> list[str]:
    answer = client.get(place.address(language))
    if answer.status_code == 405:  # a step that is only ever sent
        return []
    if role not in insiders(place):
        expected = (302,) if role == "stranger" else (403, 404)
        return [] if answer.status_code in expected else [f"answers {answer.status_code}"]
    if answer.status_code == 302:
        return ["is sent to log in"] if "login" in answer["Location"] and role != "stranger" else []
    if answer.status_code != 200:
        return [f"answers {answer.status_code}"]
    if not answer.get("Content-Type", "").startswith("text/html"):
        return []
    html = answer.content.decode()
    if "<html" not in html:  # a part of a page, for scripts
        return []
    return _page_faults(Page(html), language)


def _page_faults(page: Page, language: str) -> list[str]:
    found = [f"says {text!r}" for text in in_the_other_language(page)]
    if page.lang != language:
        found.append(f"is marked as {page.lang}")
    if page.headings != 1:
        found.append(f"has {page.headings} h1")
    brand = "Dure" if language == "en" else "두레"
    heading = " ".join(page.heading.split())
    if not page.title.strip().endswith(f" – {brand}") or not page.title.split(f" – {brand}")[0]:
        found.append(f"has the title {page.title!r}")
    elif " ".join(page.title.split()) != f"{heading} – {brand}" and page.title[:3] != heading[:3]:
        found.append(f"has the title {page.title!r} over {heading!r}")
    twice = sorted({each for each in page.ids if page.ids.count(each) > 1})
    if twice:
        found.append(f"has ids twice: {twice}")
    return found


def test_pages_ask_the_database_no_more_than_they_did(town: Town) -> None:
    """The pinned counts are upper bounds; `PIN_QUERIES=1` writes them anew."""
    counts: dict[str, int] = {}
    for place in places(town)[0]:
        role = insiders(place)[0] if insiders(place) != ROLES else "resident"
        client = browser_of(town, role)
        if client.get(place.path).status_code != 200:  # also what the process asks once
            continue
        with CaptureQueriesContext(connection) as asked:
            client.get(place.path)
        counts[place.name] = max(counts.get(place.name, 0), len(asked))
    if os.environ.get("PIN_QUERIES"):
        COUNTS.write_text(json.dumps(dict(sorted(counts.items())), indent=1) + "\n")
    pinned = json.loads(COUNTS.read_text())
    more = {
        name: f"{count}, pinned {pinned.get(name, 'nowhere')}"
        for name, count in counts.items()
        if count > pinned.get(name, -1)
    }
    assert more == {}, "run with PIN_QUERIES=1 where more is meant"
