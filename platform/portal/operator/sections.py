"""The menu of the console: the work of the city in its parts, with the place one stands at lit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

FRONT = "console"


@dataclass(frozen=True)
class Section:
    """A kind of work: where it starts, and what the names of its pages begin with."""

    label: str
    name: str
    pages: tuple[str, ...]
    #: Where on its page the work stands, when the page is shared.
    anchor: str = ""

    @property
    def url(self) -> str:
        return reverse(f"portal:{self.name}") + self.anchor

    def fits(self, here: str) -> int:
        """How many letters of the name of a page speak for this section; 0 where none does."""
        return max((len(page) for page in self.pages if here.startswith(page)), default=0)


@dataclass(frozen=True)
class Part:
    """Sections that belong together; its link leads to the first of them."""

    label: str
    sections: tuple[Section, ...]

    @property
    def url(self) -> str:
        return self.sections[0].url


def _calls() -> Iterator[Section]:
    yield Section(_("All calls"), "console-calls", ("console-call",))
    yield Section(_("Reward rules"), "console-parameters", ("console-parameter",))
    yield Section(_("Model test questions"), "console-questions", ("console-questions",))


def _data() -> Iterator[Section]:
    yield Section(_("Pipeline"), "console-pipeline", ("console-pipeline",))
    yield Section(_("Data feeds"), "console-feeds", ("console-feeds",))
    yield Section(_("Live access"), "console-live-access", ("console-live",))
    yield Section(_("Recalled releases"), "console-releases", ("console-release",))


def _money() -> Iterator[Section]:
    settling = ("console-epoch", "console-simulation")
    yield Section(_("Settlements"), FRONT, settling, anchor="#epochs")
    yield Section(_("Random checks"), "console-checks", ("console-check",))
    paying = (
        "console-redemption", "console-batch", "console-answer", "console-reconciliation",
        "console-rule",
    )  # fmt: skip
    yield Section(_("Pay-outs"), "console-redemptions", paying)
    yield Section(_("Books"), "console-books", ("console-books",))
    yield Section(_("Licences and payments"), "console-licences", ("console-licence",))


def _people(*, answers: bool) -> Iterator[Section]:
    if answers:
        asked = ("console-requests", "console-answer-person")
        yield Section(_("Requests and objections"), "console-requests", asked)
    yield Section(_("Findings of auditors"), "console-findings", ("console-finding",))
    roles = ("console-people", "console-person", "console-proposal")
    yield Section(_("People and roles"), "console-people", roles)


def parts(*, answers: bool) -> list[Part]:
    """The whole menu; requests of people are there for those who may answer them."""
    return [
        Part(pgettext("part of the console", "Calls"), tuple(_calls())),
        Part(pgettext("part of the console", "Data"), tuple(_data())),
        Part(pgettext("part of the console", "Money"), tuple(_money())),
        Part(pgettext("part of the console", "People"), tuple(_people(answers=answers))),
    ]


def section_of(menu: list[Part], here: str) -> tuple[Part, Section] | None:
    """The part and the section that a page belongs to, by its name; none on the front page."""
    fitting = [(section.fits(here), part, section) for part in menu for section in part.sections]
    score, part, section = max(fitting, key=lambda one: one[0])
    return (part, section) if score else None
