"""A report is a picture of one moment, whatever happens while it is computed."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Barrier, Thread

import pytest
from django.db import connection

from dure.accounts.acting import Actor
from dure.accounts.models import Person
from dure.accounts.services import create_person
from dure.core import clock
from governance.models import Report
from governance.registries import report_sections
from governance.reports import services
from governance.reports.documents import SectionDocument, figure
from governance.reports.periods import Period
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)
SYSTEM = Actor.system("operator")


def apart(task: object) -> None:
    """Runs something on a connection of its own, and waits for it."""

    def run() -> None:
        try:
            task()  # type: ignore[operator]  # a function without arguments
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join()


def joins() -> None:
    create_person(
        acting=SYSTEM,
        email=f"{clock.now().timestamp()}@dure.example",
        name="New",
        password=PASSWORD,
    )


def counted(key: str) -> SectionDocument:
    title = {"ko": key, "en": key}
    return {
        "key": key,
        "title": title,
        "figures": [figure("accounts", title, Person.objects.count())],
        "tables": [],
    }


def before(_period: Period) -> SectionDocument:
    section = counted("before")
    apart(joins)
    return section


def after(_period: Period) -> SectionDocument:
    return counted("after")


@pytest.fixture
def _two_sections() -> Iterator[None]:
    report_sections.register("before", before)
    report_sections.register("later", after)
    yield
    for name in ("before", "later"):
        report_sections._items.pop(name)


@pytest.mark.usefixtures("_two_sections")
def test_what_happens_between_two_sections_is_in_neither() -> None:
    joins()
    report = services.publish_report(acting=SYSTEM, period=clock.quarter(clock.now()))
    sections = {section["key"]: section for section in report.document["sections"]}
    shown = [sections[key]["figures"][0]["value"] for key in ("before", "after")]
    assert shown == [1, 1]
    assert Person.objects.count() == 2


def test_two_who_publish_at_once_publish_one_edition() -> None:
    start, found = Barrier(2), []

    def publish() -> None:
        start.wait()
        try:
            found.append(services.publish_report(acting=SYSTEM, period=clock.quarter(clock.now())))
        finally:
            connection.close()

    threads = [Thread(target=publish) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert Report.objects.filter(edition=1).exists()
    contents = {report.document["edition"]: report.sha256 for report in found}
    assert len(contents) == Report.objects.count()
