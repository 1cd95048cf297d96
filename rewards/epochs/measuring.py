"""Measuring what records are worth to a model: KNN-Shapley on the records that count.

A record that repeats another was set aside for the earliest when it was checked, so every content
cluster is in the game once. Numbers are read as exact decimals wherever they fit, so that records
at the same distance are known to be so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Final, NamedTuple
from uuid import UUID

import numpy as np
import pyarrow as pa

from contributions.models import CallVersion
from contributions.releases.gathering import gather_from
from contributions.schema import trimmed_columns
from contributions.schema.parsing import parse
from rewards.epochs import facts
from rewards.epochs.questions import questions_of
from rewards.epochs.settlement import TrainingFacts
from rewards.models import Epoch, EpochState
from rewards.problems import QUESTIONS_UNSOUND, TRAINING_TOO_LARGE
from rewards.valuation import knn, training
from rewards.valuation.decimals import decimal_floor

RECORDS_MOST: Final = 100_000
PLACES: Final = 12


class Measurement(NamedTuple):
    """``worth`` by contribution in 1e-12 of the whole; ``before`` and ``after`` as decimals."""

    worth: dict[UUID, int]
    before: str
    after: str
    records: int


class _Rows(NamedTuple):
    features: knn.Floats
    labels: list[str]
    sound: knn.Flags


def measure(version: CallVersion, asked: TrainingFacts, frozen: Iterable[UUID]) -> Measurement:
    """Worth of the records of ``frozen`` among all usable ones, and the value before and after.

    Records without a label or a feature take no part. Raises TRAINING_TOO_LARGE (409) for more
    than 100,000 records and QUESTIONS_UNSOUND (422) where no question can be read.
    """
    gathered = gather_from(version, facts.usable(version.call).order_by("id"))
    if gathered.table.num_rows > RECORDS_MOST:
        raise TRAINING_TOO_LARGE.problem(detail=str(gathered.table.num_rows))
    records = _rows(gathered.table, version, asked)
    header, lines = questions_of(asked["questions_sha256"])
    columns = {name: [line[place] for line in lines] for place, name in enumerate(header)}
    questions = _rows(_as_table(columns, version), version, asked)
    if not questions.sound.any():
        raise QUESTIONS_UNSOUND.problem()
    units = [Fraction(unit) for unit in asked["features"].values()]
    features, posed = knn.in_units(
        records.features[records.sound], questions.features[questions.sound], units
    )
    codes = {label: code for code, label in enumerate(sorted({*records.labels, *questions.labels}))}
    labels = _coded(records, codes)
    answers = _coded(questions, codes)
    source = gathered.source[records.sound]
    waiting = set(frozen)
    ours = np.array([each.id in waiting for each in gathered.contributions], dtype=np.bool_)
    new = ours[source] if len(source) else np.zeros(0, np.bool_)
    worth, after = knn.worth(features, labels, posed, answers, asked["k"])
    _none, before = knn.worth(features[~new], labels[~new], posed, answers, asked["k"])
    sums = np.zeros(len(gathered.contributions), np.int64)
    np.add.at(sums, source[new], worth[new])
    reached = max(Fraction(before), _paid_before(version, asked["questions_sha256"]))
    return Measurement(
        {each.id: int(sums[place]) for place, each in enumerate(gathered.contributions)},
        decimal_floor(reached, PLACES),
        decimal_floor(Fraction(after), PLACES),
        len(source),
    )


def _rows(table: pa.Table, version: CallVersion, asked: TrainingFacts) -> _Rows:
    fields = {str(each["name"]): each for each in version.document["schema"]["fields"]}
    sound = np.ones(table.num_rows, np.bool_)
    columns = []
    for name in asked["features"]:
        text = table.column(name).combine_chunks()
        parsed = parse(text, fields[name])
        numbers = np.asarray(parsed.values, dtype=np.float64)
        bad = np.zeros(table.num_rows, np.bool_)
        for broken in parsed.broken.values():
            bad |= broken
        sound &= ~bad & np.asarray(text.is_valid()) & np.isfinite(numbers)
        columns.append(numbers)
    labels = table.column(asked["label"]).combine_chunks()
    sound &= np.asarray(labels.is_valid())
    return _Rows(np.column_stack(columns), [str(each) for each in labels.to_pylist()], sound)


def _as_table(columns: dict[str, list[str]], version: CallVersion) -> pa.Table:
    """The questions as the call reads its own records; columns that they lack are empty."""
    count = len(next(iter(columns.values())))
    fields = [str(each["name"]) for each in version.document["schema"]["fields"]]
    table = pa.table(
        {name: pa.array(columns.get(name, [None] * count), pa.string()) for name in fields}
    )
    return trimmed_columns(table, version.document["schema"])


def _coded(rows: _Rows, codes: dict[str, int]) -> knn.Ints:
    every: Sequence[int] = [codes[label] for label in rows.labels]
    return np.array(every, dtype=np.int64)[rows.sound]


def _paid_before(version: CallVersion, questions: str) -> Fraction:
    """The highest value that an epoch which still stands was paid for, on the same questions."""
    stands = Epoch.objects.filter(
        call=version.call,
        state__in=[EpochState.CLOSED, EpochState.APPROVED],
        terms__algorithm__id=training.ID,
        terms__parameters__training__questions_sha256=questions,
    ).exclude(reversals__state=EpochState.APPROVED)
    values = stands.values_list("terms__parameters__reached__after", flat=True)
    return max((Fraction(str(value)) for value in values), default=Fraction(0))
