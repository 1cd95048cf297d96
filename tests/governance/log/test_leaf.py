"""The leaf: one canonical form, commitments that hide and bind, and a closed list of kinds."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from dure.core.canonical import Json, NotCanonical
from governance.log import kinds
from governance.log.leaf import (
    Leaf,
    LeafError,
    build_around_origin,
    build_leaf,
    commitment,
    parse_leaf,
)

SALT = bytes(range(32))
LEAF = Leaf(
    kind="report.published",
    ts="2026-11-22T20:41:37Z",
    origin_seq=7,
    actor="aa",
    subject=None,
    payload={"period": "2026-q4", "edition": 1, "sha256": "bb"},
    schema="cc",
)


def test_the_bytes_are_canonical_json() -> None:
    assert build_leaf(LEAF) == (
        b'{"actor":"aa","origin_seq":7,"payload":{"edition":1,"period":"2026-q4","sha256":"bb"},'
        b'"schema":"cc","subject":null,"ts":"2026-11-22T20:41:37Z","type":"report.published","v":1}'
    )
    assert parse_leaf(build_leaf(LEAF)) == LEAF


def test_a_commitment_is_the_hash_of_prefix_salt_and_value() -> None:
    assert commitment(SALT, "person:1") == sha256(b"\x02" + SALT + b'"person:1"').hexdigest()
    assert commitment(SALT, "person:1") != commitment(bytes(32), "person:1")
    with pytest.raises(LeafError):
        commitment(b"short", "person:1")


def test_a_leaf_that_does_not_fit_a_bundle_is_refused() -> None:
    with pytest.raises(LeafError, match="longer than 65535"):
        build_leaf(Leaf("k", "t", 0, "a", None, {"long": "x" * 65_536}, "s"))


@pytest.mark.parametrize("value", [1.5, 2**53, "e\u0301"])
def test_values_without_one_canonical_form_are_refused(value: Json) -> None:
    with pytest.raises(NotCanonical):
        build_leaf(Leaf("k", "t", 0, "a", None, {"value": value}, "s"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        build_leaf(LEAF) + b" ",
        build_leaf(LEAF) + build_leaf(LEAF),
        b'{"v":2,"type":"k","ts":"t","origin_seq":0,"actor":"a","subject":null,"payload":{},"schema":"s"}',
        b'{"v":1,"type":"k","ts":"t","origin_seq":"0","actor":"a","subject":null,"payload":{},"schema":"s"}',
    ],
)
def test_what_is_not_a_leaf_is_not_read_as_one(body: bytes) -> None:
    with pytest.raises(LeafError):
        parse_leaf(body)


def test_a_kind_outside_the_list_is_refused() -> None:
    with pytest.raises(kinds.UnknownKind):
        kinds.check_payload("coffee.brewed", {})


def test_a_payload_without_what_its_kind_promises_is_refused() -> None:
    with pytest.raises(kinds.UnfitPayload, match="edition, sha256"):
        kinds.check_payload("report.published", {"period": "2026-q4"})


@pytest.mark.parametrize(
    "value",
    [
        "mina@dure.example",
        "Mina Kim",
        "010-1234-5678",
        "900101-2345678",
        1.5,
        {"inner": ["two words"]},
        {"two words": 1},
        {"a": {"b": {"c": {"d": {}}}}},
        "x" * 257,
    ],
)
def test_a_payload_that_could_name_somebody_is_refused(value: Json) -> None:
    with pytest.raises(kinds.UnfitPayload) as refusal:
        kinds.check_payload("call.drafted", {"member": value})
    if isinstance(value, str):
        assert value not in str(refusal.value)


def test_identifiers_hashes_counts_and_amounts_are_fit() -> None:
    kinds.check_payload(
        "epoch.closed",
        {
            "call": "air-daily",
            "epoch": "2f1c1c9e-7f0e-4c55-9df5-0a4f3c0f7e11",
            "outputs_root": "ab" * 32,
            "issued": "1234.5",
            "count": 3,
            "at": "2026-11-22T20:41:37Z",
            "strata": {"도봉구": 12, "70+": 3},
            "final": True,
            "previous": None,
        },
    )


def test_each_kind_has_a_schema_hash_of_its_own() -> None:
    assert set(kinds.SCHEMA_HASHES) == set(kinds.KINDS)
    assert len(set(kinds.SCHEMA_HASHES.values())) == len(kinds.KINDS)


def test_a_receipt_number_stands_in_entries_about_its_contribution_alone() -> None:
    kinds.check_payload("contribution.accepted", {"receipt": "D-2026-7K3M9QXA"})
    for kind in ("reward.issued", "epoch.closed", "api_key.issued"):
        with pytest.raises(kinds.UnfitPayload, match="receipt number"):
            kinds.check_payload(kind, {"receipt": "D-2026-7K3M9QXA"})


@pytest.mark.parametrize("origin", [0, 7, 2**53 - 1])
@pytest.mark.parametrize("payload", [{}, {"origin_seq": 9007199254740991, "a": '"origin_seq":1'}])
def test_the_number_of_origin_may_come_later(origin: int, payload: dict[str, Json]) -> None:
    leaf = replace(LEAF, origin_seq=origin, payload=payload)
    head, tail = build_around_origin(leaf)
    assert head + str(origin).encode() + tail == build_leaf(leaf)
