"""What Fairlearn and Aequitas say of the cases, recorded in ``peers.json``.

Aequitas 1.1 wants a pandas below 3, which the project is past, and both bring a dozen packages that
nothing else here needs. So they run in an environment of their own, and what they said is kept::

    uv venv peers && uv pip install --python peers/bin/python fairlearn==0.15.0 aequitas==1.1.0
    peers/bin/python -m tests.governance.fairness.peers
"""

from __future__ import annotations

import importlib.metadata
import json
import math
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.governance.fairness.cases import Groups, everything

TARGET = Path(__file__).with_name("peers.json")
#: Both take the share by which a rate may lie below the reference.
TAU = 0.8


def main(write: Callable[[str], object] = sys.stdout.write) -> None:
    """Ask both about every case and write down what they say."""
    warnings.simplefilter("ignore")
    record = {
        "versions": {
            name: importlib.metadata.version(name)
            for name in ("fairlearn", "aequitas", "pandas", "numpy")
        },
        "cases": [
            {"groups": groups, "fairlearn": fairlearn(groups), "aequitas": aequitas(groups)}
            for groups in everything()
        ],
    }
    TARGET.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    write(f"{TARGET}\n")


def _told(value: Any) -> Any:
    """A number or verdict as JSON has it; what is no number is null."""
    if isinstance(value, str | bool) or value is None:
        return value
    number = float(value)
    return number if math.isfinite(number) else None


def fairlearn(groups: Groups) -> dict[str, Any]:
    """Rates, and the ratio of the lowest to the highest."""
    import numpy as np
    from fairlearn.metrics import (  # type: ignore[import-not-found,unused-ignore]
        MetricFrame,
        demographic_parity_ratio,
        selection_rate,
    )

    names = np.concatenate([np.repeat(g, n) for g, (_a, n) in groups.items()])
    score = np.concatenate([np.r_[np.ones(a), np.zeros(n - a)] for a, n in groups.values()])
    frame = MetricFrame(
        metrics=selection_rate, y_true=score, y_pred=score, sensitive_features=names
    )
    ratio = demographic_parity_ratio(score, score, sensitive_features=names)
    return {
        "rates": {g: _told(rate) for g, rate in frame.by_group.to_dict().items()},
        "lowest_to_highest": _told(ratio),
    }


def aequitas(groups: Groups) -> dict[str, Any]:
    """Rates, ratios to the group of the highest rate, and its verdict of statistical parity."""
    import pandas as pd
    from aequitas.bias import Bias  # type: ignore[import-not-found,unused-ignore]
    from aequitas.fairness import Fairness  # type: ignore[import-not-found,unused-ignore]
    from aequitas.group import Group  # type: ignore[import-not-found,unused-ignore]

    rows = [(g, int(n < a)) for g, (a, people) in groups.items() for n in range(people)]
    table = pd.DataFrame(rows, columns=["g", "score"])
    table["label_value"] = table["score"]
    reference = max(sorted(groups), key=lambda g: groups[g][0] / groups[g][1])
    crosstab, _ = Group().get_crosstabs(table, attr_cols=["g"])
    biased = Bias().get_disparity_predefined_groups(
        crosstab, original_df=table, ref_groups_dict={"g": reference}, mask_significance=False
    )
    judged = Fairness().get_group_value_fairness(biased, tau=TAU)
    return {
        "reference": reference,
        "rates": {r.attribute_value: _told(r.pprev) for r in judged.itertuples()},
        "ratios": {r.attribute_value: _told(r.pprev_disparity) for r in judged.itertuples()},
        "impact_parity": {
            str(row["attribute_value"]): _told(row["Impact Parity"]) for _, row in judged.iterrows()
        },
    }


if __name__ == "__main__":
    main()
