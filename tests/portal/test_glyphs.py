"""The fonts that are preloaded hold what the pages say, under a name that is ours."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import polib
import pytest
from fontTools.ttLib import TTFont

PROJECT = Path(__file__).resolve().parents[2]
STATIC = PROJECT / "platform" / "portal" / "static" / "dure"
PORTAL_CATALOGUE = PROJECT / "platform/portal/locale/ko/LC_MESSAGES/django.po"
CATALOGUES = [
    file
    for room in ("platform", "governance", "contributions", "rewards")
    for file in (PROJECT / room).rglob("locale/ko/LC_MESSAGES/django.po")
]


def script() -> ModuleType:
    """The script that cut the fonts."""
    spec = importlib.util.spec_from_file_location(
        "subset_fonts", PROJECT / "scripts" / "subset_fonts.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def korean(catalogue: Path) -> set[int]:
    """Characters beyond ASCII that a catalogue's translations show."""
    return {
        ord(letter)
        for entry in polib.pofile(str(catalogue))
        for text in (entry.msgstr, *entry.msgstr_plural.values())
        for letter in text
        if ord(letter) > 0x7F
    }


def held(weight: int, *layers: str) -> set[int]:
    """Characters that these files of a weight hold together."""
    return set().union(*(glyphs(f"dure-sans-{weight}-{layer}.woff2") for layer in layers))


def glyphs(name: str) -> set[int]:
    return set(TTFont(STATIC / "fonts" / name).getBestCmap())


@pytest.mark.parametrize("weight", [400, 700])
def test_the_core_font_holds_every_glyph_of_a_first_visit(weight: int) -> None:
    lacking = script().layers()["core"] - glyphs(f"dure-sans-{weight}-core.woff2")
    assert not lacking, "".join(map(chr, sorted(lacking)))


@pytest.mark.parametrize("weight", [400, 700])
def test_two_files_hold_every_glyph_of_the_pages(weight: int) -> None:
    lacking = korean(PORTAL_CATALOGUE) - held(weight, "core", "more")
    assert not lacking, "".join(map(chr, sorted(lacking)))


@pytest.mark.parametrize("weight", [400, 700])
@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda file: file.parts[-5])
def test_no_korean_message_falls_back_to_another_font(weight: int, catalogue: Path) -> None:
    lacking = korean(catalogue) - held(weight, "core", "more", "rest")
    assert not lacking, "".join(map(chr, sorted(lacking)))


@pytest.mark.parametrize("file", sorted((STATIC / "fonts").glob("*.woff2")), ids=lambda f: f.name)
def test_a_subset_never_carries_the_reserved_name(file: Path) -> None:
    names = [str(name) for name in TTFont(file)["name"].names if name.nameID in (1, 3, 4, 6, 16)]
    assert names
    assert all(re.match(r"Dure ?-?Sans", name.replace("-", " ")) for name in names)


def test_the_licence_of_the_font_is_shipped_with_it() -> None:
    assert "SIL OPEN FONT LICENSE" in (STATIC / "fonts" / "OFL.txt").read_text(encoding="utf-8")


def test_the_frame_of_a_first_visit_stays_small() -> None:
    preloaded = [STATIC / "fonts" / f"dure-sans-{weight}-core.woff2" for weight in (400, 700)]
    assert sum(file.stat().st_size for file in preloaded) < 60_000
