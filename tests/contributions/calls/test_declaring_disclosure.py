"""What a call may say of columns that identify people."""

from __future__ import annotations

import pytest

from contributions.calls.document import faults
from tests.contributions.seoul import AIR

KNOWN = {"seoul-three": {"district": ["11110", "11320", "11680"]}}


def faulty_fields(disclosure: object) -> set[str]:
    return {each.field for each in faults({**AIR, "disclosure": disclosure}, strata=KNOWN)}


def test_a_call_may_name_them_with_steps_to_make_them_coarser_or_not() -> None:
    assert not faulty_fields(None)
    assert not faulty_fields({})
    assert not faulty_fields(
        {
            "quasi_identifiers": ["측정소명", "PM10"],
            "sensitive": ["측정일시"],
            "hierarchies": {
                "PM10": [{"width": 10}, "*"],
                "측정소명": [{"map": {"종로구": "강북"}}],
            },
            "unit": "record",
        }
    )


@pytest.mark.parametrize(
    ("disclosure", "field"),
    [
        (["측정소명"], "disclosure"),
        ({"columns": []}, "disclosure"),
        ({"quasi_identifiers": ["없음"]}, "disclosure.quasi_identifiers"),
        ({"quasi_identifiers": "PM10"}, "disclosure.quasi_identifiers"),
        ({"sensitive": [["PM10"]]}, "disclosure.sensitive"),
        ({"hierarchies": {"PM10": ["*"]}}, "disclosure.hierarchies"),
        ({"hierarchies": ["*"]}, "disclosure.hierarchies"),
        (
            {"quasi_identifiers": ["PM10"], "hierarchies": {"PM10": [{"width": 0}]}},
            "disclosure.hierarchies.PM10",
        ),
        ({"unit": "household"}, "disclosure.unit"),
        ({"unit": ["record"]}, "disclosure.unit"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(disclosure: object, field: str) -> None:
    assert faulty_fields(disclosure) == {field}
