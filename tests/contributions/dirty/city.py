"""Hourly air measurements of a believable city, with faults whose place and kind are known.

Dust follows a daily and a weekly course, weather that all stations share, and noise of its own;
fine dust is a part of coarse dust; values have one decimal, as feeds write them. Faults are then
planted in rows of their own, so that each row has at most one. Everything follows from the seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

STATIONS = ("종로구", "중구", "용산구", "은평구", "서대문구", "마포구", "강서구", "송파구")
HOURS = 24 * 28
START = np.datetime64("2026-10-01T00:00:00")
#: The end of what may have been measured, as the call states it.
LATEST = "2026-11-01T00:00:00"
KINDS = (
    "missing",
    "unit",
    "swapped",
    "impossible",
    "future",
    "duplicated",
    "conflicting",
    "fabricated",
)
#: Shares of all rows; a fabricated block is counted by its rows.
SHARE = 0.01
BLOCK = 18
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Dirty:
    """`frame`: one row an hour and station; `truth`: the rows of each kind of fault, by position.

    Of a duplicated record the later copy is the fault, of a contradiction both records are.
    """

    frame: pd.DataFrame
    truth: dict[str, Mask]


def clean(rng: np.random.Generator) -> pd.DataFrame:
    """Measurements without a planted fault, by station and hour."""
    hours = np.arange(HOURS)
    weather = np.exp(_smooth(rng, HOURS, 0.97) * 0.35)
    day = 1 + 0.25 * np.sin((hours % 24 - 7) / 24 * 2 * np.pi)
    week = np.where(hours // 24 % 7 >= 5, 0.85, 1.0)
    warm = 14 + 6 * np.sin((hours % 24 - 9) / 24 * 2 * np.pi) + _smooth(rng, HOURS, 0.98) * 3
    parts = []
    for name in STATIONS:
        level = rng.uniform(28, 48)
        own = np.exp(_smooth(rng, HOURS, 0.8) * 0.18 + rng.normal(0, 0.08, HOURS))
        coarse = np.clip(level * weather * day * week * own, 3, 400)
        share = np.clip(0.55 + _smooth(rng, HOURS, 0.9) * 0.07, 0.25, 0.9)
        ozone = np.clip(0.02 + 0.012 * np.sin((hours % 24 - 9) / 24 * 2 * np.pi), 0.003, None)
        damp = np.clip(62 - (warm - 14) * 2 + rng.normal(0, 6, HOURS), 12, 100)
        parts.append(
            pd.DataFrame(
                {
                    "측정소": name,
                    "측정일시": START + hours.astype("m8[h]"),
                    "PM10": coarse.round(1),
                    "PM2.5": (coarse * share).round(1),
                    "O3": (ozone * np.exp(rng.normal(0, 0.2, HOURS))).round(4),
                    "기온": (warm + rng.normal(0, 0.6, HOURS)).round(1),
                    "습도": damp.round(),
                }
            )
        )
    made = pd.concat(parts, ignore_index=True)
    made["측정소"] = made["측정소"].astype("str")
    made["측정일시"] = made["측정일시"].astype("M8[ns]")
    return made


def dirty(seed: int) -> Dirty:
    """The city of a seed, with about `SHARE` of its rows faulty by each kind."""
    rng = np.random.default_rng(seed)
    frame = clean(rng)
    rows = len(frame)
    each = int(rows * SHARE)
    truth = {kind: np.zeros(rows, np.bool_) for kind in KINDS}
    _fabricate(rng, frame, truth["fabricated"], each)
    free = rng.permutation(np.nonzero(~truth["fabricated"])[0])
    taken = iter(np.array_split(free[: each * 7], 7))

    places = next(taken)
    truth["missing"][places] = True
    frame.loc[places, "PM10"] = np.nan
    places = next(taken)
    truth["unit"][places] = True
    half = len(places) // 2
    # Grams for milligrams, parts per billion for parts per million.
    frame.loc[places[:half], ["PM10", "PM2.5"]] *= 1000
    frame.loc[places[half:], "O3"] *= 1000
    places = next(taken)
    truth["swapped"][places] = True
    frame.loc[places, ["PM10", "PM2.5"]] = frame.loc[places, ["PM2.5", "PM10"]].to_numpy()
    places = next(taken)
    truth["impossible"][places] = True
    thirds = np.array_split(places, 3)
    frame.loc[thirds[0], "PM10"] = -999.0
    frame.loc[thirds[1], "습도"] = rng.integers(101, 400, len(thirds[1])).astype(float)
    frame.loc[thirds[2], "기온"] = rng.choice([-99.9, 85.0, 999.0], len(thirds[2]))
    places = next(taken)
    truth["future"][places] = True
    frame.loc[places, "측정일시"] += np.timedelta64(366, "D")
    return _with_copies(rng, frame, truth, next(taken), next(taken))


def _fabricate(rng: np.random.Generator, frame: pd.DataFrame, truth: Mask, rows: int) -> None:
    """Blocks of one station: every other constant, the rest copied from a day before with noise."""
    coarse, fine = frame["PM10"].to_numpy(copy=True), frame["PM2.5"].to_numpy(copy=True)
    for number in range(max(2, rows // BLOCK)):
        station = int(rng.integers(len(STATIONS))) * HOURS
        start = station + int(rng.integers(24 * 6, HOURS - BLOCK))
        if truth[start - 1 : start + BLOCK + 1].any():
            continue
        there = slice(start, start + BLOCK)
        if number % 2:
            coarse[there] = coarse[start]
        else:
            back = 24 * int(rng.integers(1, 6))
            copied = coarse[start - back : start - back + BLOCK]
            coarse[there] = np.round(copied + rng.uniform(-0.2, 0.2, BLOCK), 1)
        # Who makes up one value keeps the other below it.
        fine[there] = np.round(coarse[there] * 0.55, 1)
        truth[there] = True
    frame["PM10"], frame["PM2.5"] = coarse, fine


def _with_copies(
    rng: np.random.Generator,
    frame: pd.DataFrame,
    truth: dict[str, Mask],
    copied: npt.NDArray[np.int64],
    contradicted: npt.NDArray[np.int64],
) -> Dirty:
    """Copies stand behind all records, as a second transmission does."""
    again = frame.iloc[copied]
    other = frame.iloc[contradicted].copy()
    other["PM10"] = (other["PM10"] * rng.uniform(1.1, 1.6, len(other)) + 1).round(1)
    made = pd.concat([frame, again, other], ignore_index=True)
    grown = {kind: np.zeros(len(made), np.bool_) for kind in KINDS}
    for kind in KINDS:
        grown[kind][: len(frame)] = truth[kind]
    grown["duplicated"][len(frame) : len(frame) + len(again)] = True
    grown["conflicting"][contradicted] = True
    grown["conflicting"][len(frame) + len(again) :] = True
    return Dirty(made, grown)


def _smooth(rng: np.random.Generator, length: int, memory: float) -> npt.NDArray[Any]:
    """Autoregressive noise of variance one."""
    steps = rng.normal(0, np.sqrt(1 - memory**2), length)
    made = np.empty(length)
    made[0] = rng.normal()
    for at in range(1, length):
        made[at] = memory * made[at - 1] + steps[at]
    return made
