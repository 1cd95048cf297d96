"""Facts of epochs under every method, for properties and for replays elsewhere."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from rewards.epochs.settlement import Facts
from rewards.valuation.methods import METHODS

KEYS = ("a", "b", "c")
SHA = "0" * 64


def parameters(method: str, pool: int, available: int) -> dict[str, Any]:
    """What a call of a method promises; two dimensions, one of them with multipliers."""
    found: dict[str, Any] = {
        "asset": "DURE",
        "pool": str(pool),
        "available": str(available),
        "target_mass": 40,
        "price_cap": "2.5" if method == "coverage" else None,
        "dimensions": [
            {
                "name": "district",
                "weight": "0.75",
                "reference": "r",
                "counts": {"a": 700, "b": 250, "c": 50},
                "costs": {"c": "1.5"},
            },
            {"name": "sex", "weight": "0.25", "reference": "r", "counts": {"a": 51, "b": 49}},
        ],
    }
    if method == "permutation":
        found["sampling"] = {"epsilon": "0.001", "pairs": 18}
    if method == "cost":
        found["compensation"] = {"lines": {"work": "1500000", "line": "333333"}, "margin": "0.07"}
    return found


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """Facts of one epoch of any method, with ties, nothings and more institutions than fifteen."""
    method = draw(st.sampled_from(sorted(METHODS)))
    pool = draw(st.integers(1, 10**13))
    asked = parameters(method, pool, draw(st.integers(1, pool)))
    many = method == "permutation" and draw(st.booleans())
    count = draw(st.integers(15, 17) if many else st.integers(1, 6))
    inputs = []
    for number in range(count):
        district = draw(st.dictionaries(st.sampled_from(KEYS), st.integers(0, 30_000)))
        records = -(-sum(district.values()) // 1000) + draw(st.integers(0, 3))
        stated: dict[str, Any] = {
            "id": f"{number:064x}",
            "records": records,
            "masses": {"district": district, "sex": {"a": sum(district.values()) // 2}},
        }
        if method == "knn":
            stated["worth"] = draw(st.integers(0, 10**11)) if records else 0
        if method == "permutation":
            who = number if many else draw(st.integers(0, 3))
            stated["institution"] = f"{who:064x}"
        inputs.append(stated)
    if method == "knn":
        asked["training"] = {
            "features": {"x": "1"}, "label": "y", "k": 3, "questions": 5,
            "questions_sha256": SHA, "records": count,
        }  # fmt: skip
        start, end = sorted(draw(st.tuples(st.integers(0, 10**12), st.integers(0, 10**12))))
        asked["reached"] = {"before": f"{start / 10**12:.12f}", "after": f"{end / 10**12:.12f}"}
    had = draw(st.integers(0, 50_000))
    before: dict[str, dict[str, int]] = {"district": {"a": had}, "sex": {"b": had // 2}}
    if method in ("flat", "cost"):
        before = {"all": {"all": had}}
    stated_facts: Any = {
        "format": "dure-epoch-manifest/1",
        "epoch": {"id": "e", "number": 1},
        "call": {"slug": "call", "version": 1, "document_sha256": SHA},
        "algorithm": {"id": method, "version": METHODS[method].VERSION, "code_sha256": SHA},
        "parameters": asked,
        "stock_before": {} if method == "knn" else before,
        "records_before": had // 1000,
        "inputs": inputs,
    }
    settled: Facts = stated_facts
    return settled
