"""Our measures beside Fairlearn's and Aequitas', on the same groups.

The peers are read from the folder BENCH_PEERS, a virtual environment of their own: their needs do
not go together with ours. Rates and ratios must agree to 1e-9; verdicts must agree everywhere but
on ratios of exactly four fifths, which binary fractions call unfair.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

from governance.fairness import measures
from tests.benchmarks.measure import Figure, Size, Skipped

CASES: dict[Size, int] = {"quick": 40, "normal": 200, "full": 1_000}
AGREEMENT = 1e-9
#: Ratios of exactly four fifths: 56 of 100 beside 70 of 100 is 0.7999999999999999 in binary.
EDGES = [{"a": [a * 5, 100], "b": [a * 4, 100]} for a in range(1, 21)]
Groups = dict[str, list[int]]


def run(size: Size) -> list[Figure]:
    """Agreement with both peers, and their verdicts on exact four fifths."""
    python = Path(os.environ.get("BENCH_PEERS", "nowhere")) / "bin" / "python"
    if not python.exists():
        raise Skipped("BENCH_PEERS names no environment with fairlearn and aequitas")
    dice = random.Random(4_5)
    cases = [_case(dice) for _ in range(CASES[size])]
    theirs = _peers(python, [*cases, *EDGES])
    start = time.process_time()
    ours = [_ours(case) for case in [*cases, *EDGES]]
    took = time.process_time() - start
    figures = []
    for peer in ("fairlearn", "aequitas"):
        worst, unequal, wrong = 0.0, 0, 0
        for place, (own, answer) in enumerate(zip(ours, theirs["answers"], strict=True)):
            for group, (rate, ratio) in own.items():
                their_rate, their_ratio = answer[peer][group]
                worst = max(worst, abs(float(rate) - their_rate), abs(float(ratio) - their_ratio))
                differs = (5 * ratio >= 4) != (their_ratio >= 0.8)
                unequal += differs and place < len(cases)
                wrong += differs and place >= len(cases)
        assert worst < AGREEMENT, f"{peer}: rates or ratios differ by {worst}"
        assert not unequal, f"{peer}: {unequal} verdicts differ away from the edge"
        figures += [
            Figure(f"rates and ratios beside {peer}, largest difference", worst, ""),
            Figure(f"exact four fifths that {peer} calls unfair, of {len(EDGES)}", wrong, ""),
            Figure(
                "rates, ratios and verdicts of the groups, CPU",
                took,
                "s",
                peer,
                theirs["took"][peer],
                theirs["took"][peer] / took,
            ),
        ]
    return figures


def _case(dice: random.Random) -> Groups:
    """Two to six groups of 30 to 400 people; away from the edge, where binary fractions fail."""
    while True:
        sizes = [dice.randint(30, 400) for _ in range(dice.randint(2, 6))]
        case = {f"g{n}": [dice.randint(1, people), people] for n, people in enumerate(sizes)}
        ratios = [ratio for _rate, ratio in _ours(case).values()]
        if Fraction(4, 5) not in ratios:
            return case


def _ours(case: Groups) -> dict[str, tuple[Fraction, Fraction]]:
    groups = {name: (a, n) for name, (a, n) in case.items()}
    verdicts = measures.four_fifths(groups)
    rates = measures.selection_rates(groups)
    highest = max(rates.values())
    found = {name: (rate, rate / highest) for name, rate in rates.items()}
    for name, (_rate, ratio) in found.items():
        assert (verdicts[name] == "fair") == (ratio >= Fraction(4, 5))
    return found


def _peers(python: Path, cases: list[Groups]) -> Any:  # Any: JSON of the peers
    script = Path(__file__).parent / "peer_fairness.py"
    done = subprocess.run(
        [str(python), str(script)],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
        timeout=900,
    )
    return json.loads(done.stdout[done.stdout.index("{") :])
