"""A call by two dimensions at once and by the hour: one reference population of joint cells."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from contributions.calls.services import draft_call, publish_call, register_reference
from tests.cast import actor, kang, lim
from tests.contributions.seoul import AIR

JOINT: dict[str, Any] = {  # Any: JSON
    "key": "district-by-kind",
    "title": {"ko": "구와 종류", "en": "District by kind"},
    "source": "Counted for this test",
    "as_of": "2020",
    "cells": [
        {"district": "11110", "kind": "street", "count": 100},
        {"district": "11110", "kind": "park", "count": 100},
        {"district": "11320", "kind": "street", "count": 300},
        {"district": "11320", "kind": "park", "count": 500},
    ],
}
FIELDS = [
    {"name": "when", "type": "datetime", "constraints": {"required": True}},
    {"name": "where", "type": "string", "constraints": {"required": True}},
    {"name": "kind", "type": "string"},
    {"name": "value", "type": "number"},
]
HEADER = "when,where,kind,value"


def joint_call(
    reference: Mapping[str, Any] = MappingProxyType({"cells": JOINT["cells"]}), **changes: Any
) -> None:
    """A call by district and kind of place, with hours."""
    bare = {name: value for name, value in JOINT.items() if name != "cells"}
    register_reference(acting=actor(kang()), document={**bare, **reference})
    strata = [
        {"dimension": name, "column": column, "reference": JOINT["key"], "weight": "0.5"}
        for name, column in (("district", "where"), ("kind", "kind"))
    ]
    document = {
        **AIR,
        "schema": {"fields": FIELDS, "missingValues": [""]},
        "checks": [
            {
                "type": "expect_column_values_to_not_be_null",
                "kwargs": {"column": "value"},
                "severity": "warning",
                "meta": {"loss": 300},
            }
        ],
        "duplicates": {"key": ["when", "where", "kind"], "near": None},
        "strata": strata,
        "tolerance": "0.5",
        **changes,
    }
    draft_call(acting=actor(kang()), document=document)
    publish_call(acting=actor(kang()), slug="air-daily")
    publish_call(acting=actor(lim()), slug="air-daily")


def file(*rows: str) -> bytes:
    return "\n".join([HEADER, *rows, ""]).encode()


THREE = file(
    "2026-11-22 08:10,11110,street,5",
    "2026-11-22 08:50,11110,street,",
    "2026-11-22T23:30Z,11320,park,7",
    "2026-11-23 10:00,11320,,7",
    "yesterday,11320,park,7",
)
