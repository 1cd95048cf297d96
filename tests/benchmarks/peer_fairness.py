"""Selection rates and impact ratios by Fairlearn and by Aequitas; runs in an environment of theirs.

Reads ``[{group: [selected, people]}]`` from standard input, writes for each the rates and the
ratios to the highest rate that the two libraries give.
"""

from __future__ import annotations

import json
import sys
import time
import warnings


def main() -> None:
    warnings.simplefilter("ignore")
    import numpy as np  # type: ignore[import-not-found,unused-ignore]
    import pandas as pd
    from aequitas.bias import Bias  # type: ignore[import-not-found,unused-ignore]
    from aequitas.group import Group  # type: ignore[import-not-found,unused-ignore]
    from fairlearn.metrics import (  # type: ignore[import-not-found,unused-ignore]
        MetricFrame,
        selection_rate,
    )

    answers, took = [], {"fairlearn": 0.0, "aequitas": 0.0}
    for groups in json.load(sys.stdin):
        names = np.concatenate([np.repeat(g, n) for g, (_a, n) in groups.items()])
        score = np.concatenate([np.r_[np.ones(a), np.zeros(n - a)] for a, n in groups.values()])
        start = time.process_time()
        frame = MetricFrame(
            metrics=selection_rate, y_true=score, y_pred=score, sensitive_features=names
        )
        rates = frame.by_group.to_dict()
        highest = max(rates.values())
        fairlearn = {g: [r, r / highest if highest else None] for g, r in rates.items()}
        took["fairlearn"] += time.process_time() - start
        start = time.process_time()
        table = pd.DataFrame({"score": score, "label_value": score, "g": names})
        table = table.astype({"score": int, "label_value": int})
        crosstab, _ = Group().get_crosstabs(table, attr_cols=["g"])
        reference = max(rates, key=lambda g: rates[g])
        biased = Bias().get_disparity_predefined_groups(
            crosstab, original_df=table, ref_groups_dict={"g": reference}
        )
        aequitas = {
            row.attribute_value: [float(row.pprev), float(row.pprev_disparity)]
            for row in biased.itertuples()
        }
        took["aequitas"] += time.process_time() - start
        answers.append({"fairlearn": fairlearn, "aequitas": aequitas})
    json.dump({"answers": answers, "took": took}, sys.stdout)


if __name__ == "__main__":
    main()
