"""What a page says, node by node, and whether that is in the reader's language."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import polib

PROJECT = Path(__file__).resolve().parents[3]
SPOKEN = ("aria-label", "alt", "title", "placeholder", "data-label")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
HANGUL = re.compile("[가-힣]")


class Page(HTMLParser):
    """Texts with the elements around them, headings, title and ids of an HTML page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.title = self.heading = self.lang = ""
        self.headings = 0
        self.ids: list[str] = []
        self._around: list[tuple[str, bool]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag == "html":
            self.lang = given.get("lang", "")
        if "id" in given:
            self.ids.append(given["id"])
        self.headings += tag == "h1"
        quiet = (
            self._quiet()
            or tag in ("script", "style", "pre", "code", "textarea")
            or ("lang" in given and tag != "html")
        )
        if not quiet:
            self.texts += [given[name] for name in SPOKEN if given.get(name)]
        if tag not in VOID:
            self._around.append((tag, quiet))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._around.pop()

    def handle_endtag(self, tag: str) -> None:
        while self._around and self._around.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        tags = [tag for tag, _quiet in self._around]
        if "title" in tags and "svg" not in tags:
            self.title += data
        if "h1" in tags:
            self.heading += data
        if text and not self._quiet():
            self.texts.append(text)

    def _quiet(self) -> bool:
        """Whether what stands here is data, or says itself that it is in another language."""
        return bool(self._around) and self._around[-1][1]


@cache
def catalogue() -> tuple[frozenset[str], frozenset[str]]:
    """English and Korean texts of every room that differ from each other and are whole."""
    english, korean = set(), set()
    for room in ("platform", "governance", "contributions", "rewards"):
        for file in (PROJECT / room).rglob("locale/ko/LC_MESSAGES/django.po"):
            for entry in polib.pofile(str(file)):
                if entry.msgstr and entry.msgid != entry.msgstr and "%" not in entry.msgid:
                    english.add(" ".join(entry.msgid.split()))
                    korean.add(" ".join(entry.msgstr.split()))
    return frozenset(english - korean), frozenset(korean - english)


def in_the_other_language(page: Page) -> list[str]:
    """Texts of the catalogues that the page says in the language that it is not in."""
    english, korean = catalogue()
    strange = korean if page.lang == "en" else english
    return sorted({text for text in page.texts if text in strange})
