"""Every text of the portal exists in Korean, and templates hold no script and no style."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest
from django.test import Client

PORTAL = Path(__file__).resolve().parents[2] / "platform" / "portal"
TEMPLATES = sorted((PORTAL / "templates").rglob("*.html"))
#: No browser gets a letter under our policy, and a letter has no other way to bring its look.
PAGES = [file for file in TEMPLATES if file.parent.name != "letters"]


def test_every_text_is_translated() -> None:
    catalogue = polib.pofile(str(PORTAL / "locale" / "ko" / "LC_MESSAGES" / "django.po"))
    assert len(catalogue) > 300
    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []


@pytest.mark.parametrize("template", PAGES, ids=lambda file: file.name)
def test_a_template_needs_no_exception_from_the_content_policy(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=", text)
    assert not re.search(r"\son[a-z]+=", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert "<style" not in text
    assert "hx-on" not in text
    assert "js:" not in text


def test_a_letter_fetches_nothing_and_runs_nothing() -> None:
    letter = (PORTAL / "templates" / "portal" / "letters" / "letter.html").read_text("utf-8")
    assert not re.search(r"<(script|img|link|iframe)|\son[a-z]+=|url\(|@import", letter)


def test_every_text_of_a_template_is_in_the_catalogue() -> None:
    catalogue = polib.pofile(str(PORTAL / "locale" / "ko" / "LC_MESSAGES" / "django.po"))
    # Django writes a percent sign of a template as two, for Python's formatting.
    known = {entry.msgid.replace("%%", "%") for entry in catalogue}
    asked = {
        text.replace('\\"', '"')
        for template in TEMPLATES
        for text in re.findall(r'{% translate "((?:[^"\\]|\\.)*)"', template.read_text("utf-8"))
    }
    assert asked - known == set()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/privacy/", "/en/privacy/", "/help/", "/en/help/"])
def test_the_contents_of_a_long_page_lead_to_its_parts(client: Client, address: str) -> None:
    main = client.get(address).content.decode().partition("<main")[2]
    parts = re.findall(r'<li><a href="#([a-z]+)"', main)
    assert len(parts) > 7
    for part in parts:
        assert f'id="{part}"' in main
    assert 'href="mailto:data@dure.example"' in main
