from __future__ import annotations

import pyarrow as pa
import pytest

from contributions.schema import (
    ColumnsMismatch,
    match_columns,
    unknown_columns,
    validate_schema_document,
)


def fields(*names: str) -> dict[str, object]:
    return {"fields": [{"name": name} for name in names]}


def test_columns_are_matched_in_schema_order_without_regard_to_form_or_case() -> None:
    table = pa.table({"pm10": ["1"], "\u1100\u1161": ["2"], "extra": ["3"]})
    matched = match_columns(table, fields("가", " PM10"))
    assert matched.column_names == ["가", " PM10"]
    assert matched.to_pylist() == [{"가": "2", " PM10": "1"}]
    assert unknown_columns(table.column_names, fields("가", "PM10")) == ["extra"]


def test_a_missing_field_is_an_error_that_also_lists_what_was_not_asked_for() -> None:
    with pytest.raises(ColumnsMismatch) as caught:
        match_columns(pa.table({"a": ["1"], "z": ["1"]}), fields("a", "b"))
    assert (caught.value.missing, caught.value.unknown) == (["b"], ["z"])


def test_a_record_in_place_of_a_header_is_not_repeated_to_anybody() -> None:
    names = ["mina@example.com", "900101-1234568", "20240101", "구"]
    assert unknown_columns(names, fields("값")) == ["#1", "#2", "#3", "구"]


def test_two_columns_that_differ_in_case_only_answer_to_their_exact_names() -> None:
    table = pa.table({"a": ["1"], "A": ["2"]})
    assert match_columns(table, fields("A")).to_pylist() == [{"A": "2"}]


def test_a_good_schema_has_no_problems() -> None:
    document: dict[str, object] = {
        "fields": [
            {
                "name": "일시",
                "type": "date",
                "format": "%Y%m%d",
                "constraints": {"minimum": "20180101"},
            },
            {
                "name": "구",
                "constraints": {"required": True, "enum": ["강남구"], "pattern": "[가-힣]+"},
            },
            {"name": "값", "type": "number", "groupChar": ",", "constraints": {"maximum": 10}},
        ],
        "missingValues": ["", "-"],
    }
    assert validate_schema_document(document) == []


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"fields": []},
        {"fields": [{"type": "string"}]},
        {"fields": [{"name": "a"}, {"name": " A"}]},
        {"fields": [{"name": "a", "type": "geopoint"}]},
        {"fields": [{"name": "a", "type": "date", "format": "YYYYMMDD"}]},
        {"fields": [{"name": "a", "type": "date", "format": "%Y%q"}]},
        {"fields": [{"name": "a", "constraints": {"pattern": "("}}]},
        {"fields": [{"name": "a", "constraints": {"minimum": 1}}]},
        {"fields": [{"name": "a", "constraints": {"enum": []}}]},
        {"fields": [{"name": "a", "constraints": {"unknown": 1}}]},
        {"fields": [{"name": "a", "type": "integer", "constraints": {"maximum": "x"}}]},
        {"fields": [{"name": "a", "constraints": {"maxLength": -1}}]},
        {"fields": [{"name": "a"}], "missingValues": "x"},
    ],
)
def test_a_schema_that_cannot_be_applied_is_told_so(document: dict[str, object]) -> None:
    assert validate_schema_document(document)
