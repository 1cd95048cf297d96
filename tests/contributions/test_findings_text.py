from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest
from django.utils import translation

from contributions.findings_text import SENTENCES, sentence
from contributions.quality.catalogue import KINDS
from contributions.reasons import reason

ROOM = Path(__file__).resolve().parents[2] / "contributions"


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_rule_has_its_own_sentence_without_a_gap(language: str) -> None:
    with translation.override(language):
        for rule in [*SENTENCES, *KINDS, "phone.mobile", "rrn.hyphen", "mac.form", "check.failed"]:
            said = sentence(rule, {"min_value": 0, "max_value": 5})
            assert said.endswith(".")
            assert "%(" not in said
            assert (re.search("[가-힣]", said) is not None) == (language == "ko")


def test_every_sentence_is_translated_with_the_same_parameters() -> None:
    catalogue = polib.pofile(str(ROOM / "locale/ko/LC_MESSAGES/django.po"))
    korean = {entry.msgid: entry.msgstr for entry in catalogue}
    for english in SENTENCES.values():
        assert korean.get(english), english
        parameters = re.findall(r"%\((\w+)\)s", english)
        assert sorted(re.findall(r"%\((\w+)\)s", korean[english])) == sorted(parameters)


def test_every_rule_that_the_rooms_can_raise_has_a_sentence_of_its_own() -> None:
    raised: set[str] = set()
    for room in ("decode", "schema"):
        for path in (ROOM / room).glob("*.py"):
            raised |= set(re.findall(r'"((?:file|row|cell)\.[a-z_]+)"', path.read_text()))
    assert raised
    assert raised <= set(SENTENCES)


def test_bounds_are_told_as_far_as_they_exist() -> None:
    with translation.override("en"):
        between = "expect_column_values_to_be_between"
        assert "0 to 5" in sentence(between, {"min_value": "0", "max_value": "5"})
        assert "0 or more" in sentence(between, {"min_value": "0", "max_value": "None"})
        assert "5 or less" in sentence(between, {"max_value": "5"})
        assert "0 to 200,000." in sentence(between, {"min_value": "0", "max_value": "200000"})
        assert sentence("something.new", {}) == SENTENCES["unknown"]


def test_sizes_and_counts_are_told_as_people_read_them() -> None:
    with translation.override("en"):
        assert "1.0\xa0GB" in sentence("file.too_large", {"limit": 1024**3})
        assert "4.0\xa0KB" in sentence("file.cell_too_large", {"limit": 4096})
        assert "2,000,000 rows" in sentence("file.too_many_rows", {"limit": 2_000_000})
        said = reason("over-tolerance", {"quarantined": 1200, "received": 54321, "tolerance": "20"})
        assert said is not None
        assert said.startswith("1,200 of 54,321 rows")
    with translation.override("ko"):
        assert "2,000,000행" in sentence("file.too_many_rows", {"limit": 2_000_000})
        assert "20261101" in sentence("cell.minimum", {"bound": 20261101})


def test_the_form_of_a_date_is_told_as_people_write_it() -> None:
    with translation.override("ko"):
        said = sentence("cell.date", {"expected": "%Y%m%d"})
    assert "YYYYMMDD (20261129)" in said
    with translation.override("en"):
        assert "hh:mm (14:30)" in sentence("cell.time", {"expected": "%H:%M"})
        assert "Write it as 333." in sentence("cell.date", {"expected": "%j"})
        assert "YYYY-MM-DD." in sentence("cell.date", {"expected": "YYYY-MM-DD"})
