"""An epoch is recomputed from its manifest alone, by a second, independent implementation."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure_client import dure_verify as verify
from rewards.epochs.replay import replay
from rewards.epochs.settlement import FORMAT, settle
from tests.dure_client.log_folder import leaf, root_of

Document = dict[str, Any]  # Any: JSON that tests bend on purpose


def _root(items: list[Document]) -> str:
    texts = [json.dumps(item, separators=(",", ":"), sort_keys=True) for item in items]
    return root_of([leaf(text.encode()) for text in texts]).hex()


def _by_hand() -> Document:
    """Worked with a pencil: shares 0.8 and 0.2, target 10 records, so τ = 8000 and 2000.

    Ada brings 8 full records of x, Ben 2 of y: each price is π/(τ+Q) = 0.8/16000 = 0.2/4000 =
    0.00005, of a pool of one unit 50 sub-units a thousandth; v = 0.8·½ + 0.2·½ = 0.5.
    """
    inputs = [
        {"id": "ada", "records": 8, "masses": {"d": {"x": 8000}}},
        {"id": "ben", "records": 2, "masses": {"d": {"y": 2000, "nowhere": 500}}},
    ]
    outputs = [{"id": "ada", "amount": "400000"}, {"id": "ben", "amount": "100000"}]
    price = {"rate": "50/1", "multiplier": "1"}
    return {
        "format": FORMAT,
        "epoch": {"id": "e", "number": 1},
        "call": {"slug": "air-daily", "version": 1, "document_sha256": "0" * 64},
        "algorithm": {"id": "coverage", "version": "1", "code_sha256": "0" * 64},
        "parameters": {
            "asset": "DURE",
            "pool": "1000000",
            "available": "1000000",
            "target_mass": 10,
            "price_cap": "3",
            "dimensions": [
                {"name": "d", "weight": "1", "reference": "r", "counts": {"x": 8, "y": 2}}
            ],
        },
        "stock_before": {},
        "records_before": 0,
        "inputs": inputs,
        "inputs_root": _root(inputs),
        "outputs": outputs,
        "outputs_root": _root(outputs),
        "prices": {"d": {"x": price, "y": price}},
        "totals": {
            "inputs": 2,
            "paid": "500000",
            "scale": "1/1",
            "value_before": "0",
            "value_after": "0.5",
        },
    }


def _run(manifest: Document, folder: Path) -> int:
    file = folder / "manifest.json"
    file.write_text(json.dumps(manifest))
    return verify.main(["replay", str(file)])


def test_an_epoch_worked_by_hand_is_ok(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(_by_hand(), tmp_path) == verify.OK
    assert "2 contributions earn 500000 sub-units of DURE" in capsys.readouterr().out


def test_the_platform_settles_the_same_facts_to_the_same_figures() -> None:
    manifest = _by_hand()
    assert json.loads(replay(json.dumps(manifest).encode())) == manifest


def test_an_amount_raised_by_one_sub_unit_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = _by_hand()
    manifest["outputs"][1]["amount"] = "100001"
    assert _run(manifest, tmp_path) == verify.TAMPERED
    assert "first bad index 1: expected 100000 for ben" in capsys.readouterr().out


def _change(path: str, value: object) -> Document:
    manifest = copy.deepcopy(_by_hand())
    target: Any = manifest  # Any: walks JSON
    *parents, last = path.split(".")
    for name in parents:
        target = target[int(name) if name.isdigit() else name]
    target[int(last) if last.isdigit() else last] = value
    return manifest


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("totals.paid", "500001"),
        ("totals.inputs", 3),
        ("totals.value_after", "0.6"),
        ("totals.scale", "1/2"),
        ("inputs_root", "0" * 64),
        ("outputs_root", "0" * 64),
        ("prices.d.x", {"rate": "51/1", "multiplier": "1"}),
        ("prices.d.x", {"rate": "50/1", "multiplier": "2"}),
        ("prices.d", {}),
        ("parameters.pool", "2000000"),
        ("parameters.available", "400000"),
        ("parameters.target_mass", 11),
        ("parameters.dimensions.0.counts", {"x": 5, "y": 5}),
        ("stock_before", {"d": {"x": 1}}),
        ("inputs.0.masses.d.x", 8001),
        ("inputs.0.masses.d.x", -8000),
        ("inputs.1.id", "ada"),
        ("outputs", [{"id": "ada", "amount": "400000"}]),
    ],
)
def test_any_changed_figure_is_found(tmp_path: Path, path: str, value: object) -> None:
    assert _run(_change(path, value), tmp_path) == verify.TAMPERED


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("totals.inputs", True),
        ("stock_before", {"d": {"x": -1}}),
        ("stock_before", {"d": {"x": True}}),
        ("inputs.0.records", -8),
        ("parameters.target_mass", 0),
        ("parameters.target_mass", -10),
        ("parameters.target_mass", True),
        ("parameters.price_cap", "-3"),
        ("parameters.fill_limit", "-1"),
        ("parameters.dimensions.0.weight", "-1"),
        ("parameters.dimensions.0.counts", {"x": 12, "y": -2}),
        ("parameters.dimensions.0.costs", {"x": "-1"}),
        ("parameters.compensation", {"lines": {"work": "-1"}, "margin": "0"}),
    ],
)
def test_what_cannot_be_is_named_even_where_all_figures_agree_with_it(
    tmp_path: Path, path: str, value: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(_change(path, value), tmp_path) == verify.TAMPERED
    said = capsys.readouterr().out
    assert "is no whole number" in said or "below nothing" in said or path == "totals.inputs"


@pytest.mark.parametrize("path", ["totals.scale", "prices.d.x.rate", "parameters.price_cap"])
@pytest.mark.parametrize(
    "value", ["1e999999999", "1E-999999999", "nan", "Infinity", "1/0", "1_0", "９", "", None, []]
)
def test_a_number_asks_for_no_more_than_it_is(tmp_path: Path, path: str, value: object) -> None:
    if path == "parameters.price_cap" and value is None:
        return  # no cap
    assert _run(_change(path, value), tmp_path) == verify.UNVERIFIABLE


def test_more_orders_than_a_city_draws_are_not_drawn(tmp_path: Path) -> None:
    manifest = _change("parameters.sampling", {"epsilon": "0", "pairs": 2**52})
    assert _run(manifest, tmp_path) == verify.UNVERIFIABLE


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("algorithm.version", "2"),
        ("algorithm.id", "oracle"),
        ("parameters.cap_over", "somebody"),
        ("format", "other/1"),
        ("parameters", None),
        ("totals", {}),
        ("inputs", [5]),
    ],
)
def test_what_it_does_not_know_is_unverifiable(tmp_path: Path, path: str, value: object) -> None:
    assert _run(_change(path, value), tmp_path) == verify.UNVERIFIABLE


_KEYS = ("a", "b", "c")
_masses = st.dictionaries(st.sampled_from(_KEYS), st.integers(0, 5_000), max_size=3)
_facts = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["coverage", "flat"]),
        "counts": st.lists(st.integers(0, 1_000), min_size=3, max_size=3).filter(any),
        "target": st.integers(1, 500),
        "cap": st.sampled_from([None, "1", "1.5", "3"]),
        "fill": st.sampled_from([None, "0.01", "0.5", "2.5"]),
        "over_open": st.booleans(),
        "pool": st.integers(0, 10**12),
        "available": st.integers(0, 10**12),
        "before": _masses,
        "inputs": st.lists(st.tuples(st.integers(0, 50), _masses, _masses), max_size=6),
    }
)


@given(_facts)
def test_both_implementations_agree_on_every_figure_of_any_epoch(drawn: Document) -> None:
    manifest = _by_hand()
    counts = dict(zip(_KEYS, drawn["counts"], strict=True))
    facts: Any = {name: manifest[name] for name in ("format", "epoch", "call")} | {
        "algorithm": {"id": drawn["method"], "version": "1", "code_sha256": "0" * 64},
        "parameters": {
            "asset": "KRW",
            "pool": str(drawn["pool"]),
            "available": str(min(drawn["pool"], drawn["available"])),
            "target_mass": drawn["target"],
            "price_cap": drawn["cap"],
            "dimensions": [
                {"name": "d", "weight": "0.7", "reference": "r", "counts": counts},
                {"name": "e", "weight": "0.3", "reference": "r", "counts": {"a": 1, "z": 2}},
            ],
        },
        "stock_before": {"all": {"all": 3_000}}
        if drawn["method"] == "flat"
        else {"d": drawn["before"]},
        "records_before": 3,
        "inputs": [
            {"id": f"{number:02d}", "records": records, "masses": {"d": one, "e": other}}
            for number, (records, one, other) in enumerate(drawn["inputs"])
        ],
    }
    if drawn["fill"] is not None:
        facts["parameters"]["fill_limit"] = drawn["fill"]
    if drawn["over_open"]:
        facts["parameters"]["cap_over"] = "open"
    verify.check_manifest(json.loads(settle(facts).manifest))


def test_a_price_that_nobody_was_paid_by_is_stated_as_well(tmp_path: Path) -> None:
    """Ada alone hands in; what y would have paid is a figure that people compare."""
    hand = _by_hand()
    kept = ("format", "epoch", "call", "algorithm", "parameters", "stock_before", "records_before")
    facts: Any = {name: hand[name] for name in kept} | {"inputs": hand["inputs"][:1]}
    manifest = json.loads(settle(facts).manifest)
    assert _run(manifest, tmp_path) == verify.OK
    del manifest["prices"]["d"]["y"]
    assert _run(manifest, tmp_path) == verify.TAMPERED
