"""KNN-Shapley beside pyDVL on the same rows, in one run; and a game of 100,000 records.

pyDVL is read from the folder BENCH_PEERS, a virtual environment of its own (it brings libraries
that Dure does not use). Where it is not there its lines say so. Values are compared where pyDVL
is right: rows at distinct distances, at least K of them.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from rewards.valuation import knn
from tests.benchmarks.measure import Figure, Size

RECORDS: dict[Size, int] = {"quick": 2_000, "normal": 10_000, "full": 10_000}
LARGE: dict[Size, tuple[int, int]] = {
    "quick": (20_000, 50),
    "normal": (100_000, 100),
    "full": (100_000, 1_000),
}
QUERIES, FEATURES, K = 100, 64, 5
AGREEMENT = 1e-12

PYDVL = """
import sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np
from sklearn.neighbors import KNeighborsClassifier
from pydvl.valuation.dataset import Dataset
from pydvl.valuation.methods.knn_shapley import KNNShapleyValuation
folder, k = sys.argv[1], int(sys.argv[2])
rows = np.load(f"{folder}/rows.npz")
train = Dataset(rows["x"], rows["y"])
test = Dataset(rows["q"], rows["a"])
valuation = KNNShapleyValuation(
    KNeighborsClassifier(n_neighbors=k, algorithm="brute"), test, progress=False
)
wall, cpu = time.perf_counter(), time.process_time()
valuation.fit(train)
took = time.process_time() - cpu, time.perf_counter() - wall
result = valuation.result
values = np.empty(len(rows["y"]))
values[result.indices] = result.values
np.save(f"{folder}/theirs.npy", values)
print(took[0], took[1])
"""


def run(size: Size) -> list[Figure]:
    figures = []
    for kind in ("distinct", "tied"):
        figures += _beside(kind, RECORDS[size])
    return [*figures, _large(*LARGE[size])]


def _rows(kind: str, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Rows of a city's sensors: measured finely, or in whole numbers so that many tie."""
    dice = np.random.default_rng(11)
    shape, asked = (count, FEATURES), (QUERIES, FEATURES)
    if kind == "distinct":
        records, queries = dice.normal(size=shape), dice.normal(size=asked)
    else:
        records = dice.integers(0, 17, shape).astype(float)
        queries = dice.integers(0, 17, asked).astype(float)
    return records, dice.integers(0, 10, count), queries, dice.integers(0, 10, QUERIES)


def _beside(kind: str, count: int) -> list[Figure]:
    records, labels, queries, answers = _rows(kind, count)
    seconds, ours = [], np.zeros(count)
    for _ in range(3):
        start = time.process_time()
        ours = knn.values(records, labels, queries, answers, K)
        seconds.append(time.process_time() - start)
    order = np.random.default_rng(3).permutation(count)
    mixed = knn.values(records[order], labels[order], queries, answers, K)
    moved = float(np.abs(mixed - ours[order]).sum() / np.abs(ours).sum())
    what = f"KNN-Shapley, {count:,} rows, {QUERIES} questions, {kind} distances, CPU"
    spread = Figure(f"{what}: value moved by another row order", moved, "of all", goal="0")
    python = Path(os.environ.get("BENCH_PEERS", "/nowhere")) / "bin" / "python"
    if not python.exists():
        return [Figure(what, min(seconds), "s", "pyDVL (not installed here)"), spread]
    with tempfile.TemporaryDirectory() as folder:
        np.savez(f"{folder}/rows.npz", x=records, y=labels, q=queries, a=answers)
        command = [str(python), "-c", PYDVL, folder, str(K)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no word"])[-1][:60]
            return [Figure(what, min(seconds), "s", f"pyDVL (failed: {reason})"), spread]
        theirs = float(done.stdout.split()[0])
        difference = float(np.abs(np.load(f"{folder}/theirs.npy") - ours).max())
    if kind == "distinct" and difference > AGREEMENT:
        raise AssertionError(f"values differ from pyDVL by {difference:.1e} where it is right")
    note = f"pyDVL, values differ by {difference:.0e}"
    ratio = theirs / min(seconds)
    return [Figure(what, min(seconds), "s", note, theirs, ratio, "≥ 20× pyDVL"), spread]


def _large(count: int, queries: int) -> Figure:
    """Time of a large game; its memory is the highest of a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.knn", str(count), str(queries)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=1800)
    seconds, megabytes = map(float, done.stdout.split())
    what = f"KNN-Shapley, {count:,} rows, {queries:,} questions: memory ({seconds:.1f} s of CPU)"
    return Figure(what, megabytes, "MB", goal="≤ 1,024 MB")


def _alone(count: int, queries: int) -> None:
    dice = np.random.default_rng(5)
    records, asked = dice.normal(size=(count, FEATURES)), dice.normal(size=(queries, FEATURES))
    start = time.process_time()
    knn.values(records, dice.integers(0, 10, count), asked, dice.integers(0, 10, queries), K)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    megabytes = peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
    print(time.process_time() - start, megabytes)


if __name__ == "__main__":
    _alone(int(sys.argv[1]), int(sys.argv[2]))
