"""A file from bytes to verdicts: decode, personal data, types, checks; beside stock engines."""

from __future__ import annotations

import io
import random
import resource
import sys
from typing import Any

from demo.calls import call_documents
from demo.generators import air_rows, encode
from demo.stations import stations
from tests.benchmarks.measure import Figure, Size, stopwatch

ROWS: dict[Size, tuple[int, ...]] = {
    "quick": (18_000,),
    "normal": (18_000, 200_000),
    "full": (18_000, 1_000_000),
}


def run(size: Size) -> list[Figure]:
    from contributions.quality import engine  # noqa: F401 - loaded before the clock starts

    _whole(_file(500))
    figures = []
    for rows in ROWS[size]:
        body = _file(rows)
        with stopwatch() as elapsed:
            frame = _whole(body)
        figures.append(
            Figure(
                f"decode, privacy, schema, 12 checks: {rows:,} rows ({len(body) >> 20} MB)",
                elapsed.seconds,
                "s",
                goal="60 s and 1.5 GB for 1,000,000",
            )
        )
        figures.append(_checks_alone(frame))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    gigabytes = peak / (1024**3 if sys.platform == "darwin" else 1024**2)
    figures.append(Figure("the same, peak memory of the process", gigabytes, "GB", goal="1.5 GB"))
    return figures


def _file(rows: int) -> bytes:
    """Measurements of which one row in 33 holds a value that no instrument reports."""
    names = sorted(stations())
    made = air_rows(random.Random(1), names, -(-rows // len(names)))[:rows]
    for row in made[::33]:
        row["미세먼지농도(㎍/㎥)"] = -999
    return encode(made, "csv")


def _document() -> Any:  # Any: a call document
    return call_documents()[0]


def _twelve_checks() -> list[Any]:  # Any: Great Expectations' own configuration
    """Six ranges, three presences, a set, a pattern and a length."""
    names = sorted(stations())
    on_station: list[tuple[str, dict[str, object]]] = [
        ("expect_column_values_to_be_in_set", {"value_set": names[:40]}),
        ("expect_column_values_to_match_regex", {"regex": "^[가-힣]+$"}),
        ("expect_column_value_lengths_to_be_between", {"min_value": 2, "max_value": 5}),
    ]
    ours: list[Any] = _document()["checks"][:9]
    return ours + [
        {"type": kind, "kwargs": {"column": "측정소명", **kwargs}, "severity": "critical"}
        for kind, kwargs in on_station
    ]


def _whole(body: bytes) -> Any:  # Any: pandas
    """The way of a file through the pure rooms; answers the typed rows."""
    from contributions.decode import decode
    from contributions.privacy import scan
    from contributions.quality import engine
    from contributions.schema import cast

    decoded = decode(io.BytesIO(body), filename="air.csv", content_type="text/csv")
    verdict = scan(decoded.table, pseudonym_key=bytes(32))
    numbers = decoded.row_numbers()
    typed = cast(verdict.table, _document()["schema"], row_numbers=numbers)
    frame = typed.frame[~typed.bad_rows]
    judged = engine.run(frame, checks=_document()["checks"], suite_id="benchmark")
    assert not judged.table_failures
    return frame


def _checks_alone(frame: Any) -> Figure:  # Any: pandas
    from contributions.quality import engine

    checks = _twelve_checks()
    with stopwatch() as ours:
        judged = engine.run(frame, checks=checks, suite_id="benchmark")
    with stopwatch() as theirs:
        result = _stock(frame, checks)
    found = sorted((check.column or "", check.failing) for check in judged.results)
    stock = sorted(
        (each.expectation_config.kwargs["column"], each.result.get("unexpected_count", 0))
        for each in result.results
    )
    assert found == stock, "our verdicts and stock verdicts differ"
    return Figure(
        f"{len(checks)} checks with a verdict for each of {len(frame):,} rows",
        ours.seconds,
        "s",
        "stock Great Expectations, COMPLETE",
        theirs.seconds,
        theirs.seconds / ours.seconds,
        "6 times stock",
    )


def _stock(frame: Any, checks: list[Any]) -> Any:  # Any: Great Expectations ships no types
    import great_expectations as gx
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    context = gx.get_context(mode="ephemeral")
    bars: Any = {"globally": False, "metric_calculations": False}
    context.variables.progress_bars = bars
    asset = context.data_sources.add_pandas("bench").add_dataframe_asset("bench")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    suite = gx.ExpectationSuite(name="bench")
    for check in checks:
        configuration = ExpectationConfiguration(type=check["type"], kwargs=check["kwargs"])
        suite.add_expectation(configuration.to_domain_obj())
    return batch.validate(suite, result_format="COMPLETE")
