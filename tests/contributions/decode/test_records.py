from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contributions.decode.test_delimited import read, refusal

SCALAR = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=5),
)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), SCALAR, min_size=1), min_size=1))
def test_records_keep_every_scalar_as_the_text_that_was_sent(
    records: list[dict[str, object]],
) -> None:
    def text(value: object) -> str | None:
        if isinstance(value, bool):
            return str(value).lower()
        return None if value is None or value == "" else str(value)

    names = list(dict.fromkeys(key for record in records for key in record))
    expected = [{name: text(record.get(name)) for name in names} for record in records]
    lines = "\n".join(json.dumps(record) for record in records)
    assert read(lines, "x.ndjson").table.to_pylist() == expected
    assert read(json.dumps(records), "x.json").table.to_pylist() == expected


def test_numbers_keep_their_digits() -> None:
    line = '{"a": 1.50, "b": 99999999999999999999, "c": 1, "d": 1e3}\n'
    assert read(line, "x.csv").table.to_pylist() == [
        {"a": "1.50", "b": "99999999999999999999", "c": "1", "d": "1e3"}
    ]


def test_lines_that_are_no_record_are_set_aside_alone() -> None:
    decoded = read('{"a": 1}\nnonsense\n5\n{"a": 2}\n')
    assert [(each.row, each.rule) for each in decoded.ragged] == [
        (2, "row.not_json"),
        (3, "row.not_a_record"),
    ]
    assert decoded.row_numbers().tolist() == [1, 4]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('{"a": {"b": 1}}\n', "file.nested_value"),
        ('[{"a": [1]}]', "file.nested_value"),
        ('{"a": 1, "a": 2}\n', "file.key_duplicate"),
        ('{"a": 1}\n{"a": ', "file.truncated"),
        ('[{"a": 1}, {"a"', "file.truncated"),
        ('{"a": "x\\u0000y"}\n', "file.nul"),
        ('{"a": "\\ud800"}\n', "file.surrogate"),
        ("[]", "file.no_rows"),
        ("[" * 100_000, "file.not_a_table"),
    ],
)
def test_json_that_is_no_flat_table_is_refused(text: str, rule: str) -> None:
    assert refusal(text, "x.json" if text.startswith("[") else "x.ndjson") == rule
