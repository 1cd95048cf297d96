"""Raking a million rows to three margins, beside R's survey package, balance and ipfn.

The peers are read from the folder BENCH_PEERS, a virtual environment of their own (`balance`
and `ipfn` need older libraries than ours), and from `Rscript` where it is installed with the
package survey. A peer that is not there is left out, and its line says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from contributions.raking import weigh_rows
from tests.benchmarks.measure import Figure, Size, percentile, time_each

ROWS: dict[Size, int] = {"quick": 100_000, "normal": 1_000_000, "full": 1_000_000}
LEVELS = (25, 10, 2)
AGREEMENT = 1e-8

R_SURVEY = """
suppressMessages(library(survey))
folder <- commandArgs(TRUE)[1]
d <- read.csv(file.path(folder, "rows.csv"))
for (n in names(d)) d[[n]] <- factor(d[[n]])
margin <- function(n) {
  m <- read.csv(file.path(folder, paste0(n, ".csv")))
  m[[1]] <- factor(m[[1]]); m
}
design <- svydesign(ids = ~1, weights = rep(1, nrow(d)), data = d)
start <- proc.time()[["elapsed"]]
raked <- rake(design, list(~a, ~b, ~c), list(margin("a"), margin("b"), margin("c")),
              control = list(maxit = 200, epsilon = 1e-9, verbose = FALSE))
took <- proc.time()[["elapsed"]] - start
writeBin(as.double(weights(raked)), file.path(folder, "survey.f8"))
cat(took)
"""

BALANCE = """
import sys, time, logging, warnings
warnings.simplefilter("ignore"); logging.disable(logging.CRITICAL)
import numpy as np, pandas as pd
from balance.weighting_methods.rake import rake
folder = sys.argv[1]
rows = pd.read_csv(f"{folder}/rows.csv", dtype=str)
people = pd.read_csv(f"{folder}/people.csv", dtype=str)
ones = lambda frame: pd.Series(np.ones(len(frame)))
start = time.perf_counter()
rake(rows, ones(rows), people, ones(people), transformations=None, max_iteration=1000)
print(time.perf_counter() - start)
"""

IPFN = """
import sys, time
import numpy as np, pandas as pd
from ipfn import ipfn
folder = sys.argv[1]
rows = pd.read_csv(f"{folder}/rows.csv")
margins = [pd.read_csv(f"{folder}/{n}.csv").set_index(n)["Freq"] for n in "abc"]
start = time.perf_counter()
shape = tuple(len(m) for m in margins)
codes = np.ravel_multi_index(tuple(rows[n].to_numpy() for n in "abc"), shape)
cells = np.bincount(codes, minlength=int(np.prod(shape))).reshape(shape).astype(float)
given = cells.copy()
fitted = ipfn.ipfn(cells, [m.to_numpy(float) for m in margins], [[0], [1], [2]],
                   convergence_rate=1e-12, max_iteration=1000).iteration()
weights = (fitted / given).ravel()[codes]
print(time.perf_counter() - start)
weights.astype("f8").tofile(f"{folder}/ipfn.f8")
"""


def run(size: Size) -> list[Figure]:
    rows = ROWS[size]
    codes, margins, population = _city(rows)
    weights, raked = weigh_rows(codes, margins)
    assert raked.residual < 1e-9
    # The median: a single run of milliseconds says more about the machine than about the code.
    ours = percentile(time_each(lambda _: weigh_rows(codes, margins), 5), 0.5)
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder), codes, margins, population)
        what = f"raking: {rows:,} rows, {len(LEVELS)} margins, exact to 1e-9"
        figures = [
            _beside(what, ours, peer, folder, weights) for peer in ("survey", "balance", "ipfn")
        ]
    return figures


def _city(
    rows: int,
) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
    """Skewed rows as codes, and the margins and people of a population that is skewed otherwise."""
    dice = np.random.default_rng(7)
    skewed = [dice.dirichlet(np.full(level, 2.0)) for level in LEVELS]
    living = [dice.dirichlet(np.full(level, 8.0)) for level in LEVELS]
    codes = [dice.choice(n, size=rows, p=share) for n, share in zip(LEVELS, skewed, strict=True)]
    people = [dice.choice(n, size=rows, p=share) for n, share in zip(LEVELS, living, strict=True)]
    margins = [
        np.bincount(each, minlength=n).astype(float) for each, n in zip(people, LEVELS, strict=True)
    ]
    return codes, margins, people


def _write(
    folder: Path, codes: list[np.ndarray], margins: list[np.ndarray], people: list[np.ndarray]
) -> None:
    for name, columns in (("rows", codes), ("people", people)):
        table = np.column_stack(columns)
        np.savetxt(folder / f"{name}.csv", table, "%d", ",", header="a,b,c", comments="")
    for letter, margin in zip("abc", margins, strict=True):
        table = np.column_stack([np.arange(len(margin)), margin.astype(int)])
        head = f"{letter},Freq"
        np.savetxt(folder / f"{letter}.csv", table, "%d", ",", header=head, comments="")


def _beside(what: str, ours: float, peer: str, folder: str, weights: np.ndarray) -> Figure:
    goal = "≥ 20× balance" if peer == "balance" else ""
    command = _command(peer)
    if command is None:
        return Figure(what, ours, "s", f"{peer} (not installed here)", goal=goal)
    done = subprocess.run(
        [*command, folder], capture_output=True, text=True, check=False, timeout=900
    )
    if done.returncode:
        return Figure(what, ours, "s", f"{peer} (failed: exit {done.returncode})", goal=goal)
    theirs = float(done.stdout.strip().splitlines()[-1])
    written = Path(folder) / f"{peer}.f8"
    note = peer
    if written.exists():
        difference = float(np.abs(np.fromfile(written) / weights - 1).max())
        # ipfn stops by a rule of its own; R's survey package is the judge of equality.
        if peer == "survey" and difference > AGREEMENT:
            raise AssertionError(f"weights differ from R's survey package by {difference:.1e}")
        note = f"{peer}, weights equal to {difference:.0e}"
    return Figure(what, ours, "s", note, theirs, theirs / ours, goal)


def _command(peer: str) -> list[str] | None:
    if peer == "survey":
        rscript = shutil.which("Rscript")
        there = (
            rscript
            and not subprocess.run(
                [rscript, "-e", "library(survey)"], capture_output=True, check=False
            ).returncode
        )
        return [str(rscript), "-e", R_SURVEY] if there else None
    folder = os.environ.get("BENCH_PEERS")
    python = Path(folder or "/nowhere") / "bin" / "python"
    return [str(python), "-c", BALANCE if peer == "balance" else IPFN] if python.exists() else None
