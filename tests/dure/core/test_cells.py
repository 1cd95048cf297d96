from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.core.cells import neutralise


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("https://example.org","click")',
        "+82-10",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "--1",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "\ttext",
        "\rtext",
        "\n=1",
        "  =1",
        "\u3000=1",
        "\ufeff=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(A1)",
        "﹦1",
        "-",
        "-1,000",
        "-1\n",
    ],
)
def test_what_a_spreadsheet_would_run_becomes_text(text: str) -> None:
    assert neutralise(text) == "'" + text


@pytest.mark.parametrize("text", ["-1", "-0.5", "+3", "-1e-7", "-.5", "12.", "1E+3"])
def test_numbers_stay_numbers(text: str) -> None:
    assert neutralise(text) == text


@pytest.mark.parametrize("text", ["", "강남구", "2024-01-01", "a=b", "1-2", "'=1", " a", "\n"])
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert neutralise(text) == text


@given(st.text(max_size=8))
def test_neutralising_twice_is_neutralising_once(text: str) -> None:
    once = neutralise(text)
    assert neutralise(once) == once
    assert once in (text, "'" + text)
