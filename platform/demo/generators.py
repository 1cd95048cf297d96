"""The files that the people of the demo city send, with the dirt that real files have.

Pure: the same seed gives the same bytes. All dates lie in October and November 2026, so
that nothing overlaps files that a visitor may send.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from demo import people
from demo.calls import (
    AIR_DAILY,
    AIR_DATE,
    AIR_MEASURES,
    AIR_STATION,
    CITY_AI,
    FOOTFALL_HOURLY,
    MOBILITY_SURVEY,
    MODES_OF_TRIPS,
    PURPOSES_OF_TRIPS,
    RESEARCH,
)
from demo.population import DISTRICTS
from demo.stations import stations_in

Cell = str | int | float | None
Row = dict[str, Cell]
Format = Literal["csv", "csv-cp949", "tsv", "ndjson", "parquet"]

_FIRST_AIR_DAY: Final = date(2026, 10, 1)
_FIRST_SURVEY_DAY: Final = date(2026, 11, 2)
_FIRST_FOOTFALL_DAY: Final = date(2026, 11, 2)
#: Districts that residents pass on their way, and on how many days they measured there. Three
#: districts are left out, as every real city has its blank spots.
_ROUNDS: Final[dict[str, dict[str, int]]] = {
    "mina": {"11350": 9, "11290": 14},
    "joon": {"11650": 24, "11710": 30},
    "soonja": {"11260": 12},
    "yeongho": {"11545": 18, "11470": 22},
    "haneul": {"11590": 20, "11560": 26},
    "daniel": {"11140": 15, "11110": 19, "11440": 21},
    "jiwoo": {"11215": 17},
    "eunkyung": {"11380": 8},
}
_CONTENT_TYPES: Final[dict[Format, str]] = {
    "csv": "text/csv",
    "csv-cp949": "text/csv",
    "tsv": "text/tab-separated-values",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}


@dataclass(frozen=True)
class Submission:
    """One file, who sends it (a person's or a firm's handle) and to what."""

    sender: str
    call: str
    filename: str
    content_type: str
    body: bytes
    purposes: tuple[str, ...]
    dirt: str


def submissions(seed: int = 20261122) -> list[Submission]:
    """Every file of the demo city, in the order in which it is sent."""
    return [*_air(seed), *_mobility(seed), *_footfall(seed)]


def later_submissions(seed: int = 20261122) -> list[Submission]:
    """Files sent after the first epoch was paid: what they earn is still pending."""
    november = air_rows(
        _dice(seed, "air/mina/november"),
        stations_in(people.MINA.district),
        21,
        first=date(2026, 11, 1),
    )
    trips = trip_rows(_dice(seed, "trips/yeongho"), 32)
    return [
        _submission("mina", AIR_DAILY, "도봉구_2026-11.csv", "csv-cp949", november, "CP949"),
        _submission("yeongho", MOBILITY_SURVEY, "my-trips.csv", "csv", trips, "-"),
    ]


def air_rows(
    rng: random.Random, stations: Iterable[str], days: int, first: date = _FIRST_AIR_DAY
) -> list[Row]:
    """Daily means of the given stations; about one measure in fifty is missing."""
    rows: list[Row] = []
    for offset in range(days):
        day = (first + timedelta(days=offset)).strftime("%Y%m%d")
        haze = rng.lognormvariate(0.0, 0.35)
        for station in stations:
            pm10 = round(38 * haze * rng.uniform(0.8, 1.25))
            values: list[Cell] = [
                round(rng.uniform(0.012, 0.048), 3),
                round(rng.uniform(0.008, 0.041), 3),
                round(rng.uniform(0.3, 0.9), 2),
                round(rng.uniform(0.002, 0.006), 3),
                pm10,
                round(pm10 * rng.uniform(0.4, 0.65)),
            ]
            measured = [None if rng.random() < 0.02 else value for value in values]
            row: Row = {AIR_DATE: day, AIR_STATION: station}
            row.update(zip(AIR_MEASURES, measured, strict=True))
            rows.append(row)
    return rows


def trip_rows(rng: random.Random, count: int) -> list[Row]:
    """Answers of one person to the mobility survey."""
    opinions = (
        None,
        "배차 간격이 길어 환승이 힘듭니다.",
        "저녁에는 자리가 있어 편했습니다.",
        "엘리베이터가 고장 나 돌아갔습니다.",
        "자전거 도로가 끊겨 차도로 달렸습니다.",
        "비가 와서 오래 걸렸습니다.",
    )
    return [
        {
            "응답일": (_FIRST_SURVEY_DAY + timedelta(days=index // 4)).isoformat(),
            "이동 목적": rng.choice(PURPOSES_OF_TRIPS),
            "이동 수단": rng.choice(MODES_OF_TRIPS),
            "소요 시간(분)": rng.randint(4, 95),
            "만족도": None if rng.random() < 0.06 else rng.randint(1, 5),
            "의견": rng.choice(opinions),
        }
        for index in range(count)
    ]


def footfall_rows(
    rng: random.Random, prefix: str, districts: Sequence[str], *, points: int, days: int
) -> list[Row]:
    """Hourly counts of `points` counters in each district (Korean names)."""
    rows: list[Row] = []
    for district in districts:
        for point in range(1, points + 1):
            size = rng.uniform(120, 2_400)
            for hour in range(24 * days):
                day = _FIRST_FOOTFALL_DAY + timedelta(days=hour // 24)
                hour_of_day = hour % 24
                # Streets are empty at four in the morning and fullest in the early evening.
                busy = max(0.03, 1 - abs(hour_of_day - 18) / 14)
                rows.append(
                    {
                        "일시": f"{day.isoformat()} {hour_of_day:02d}:00",
                        "지점코드": f"{prefix}{district}{point}",
                        "자치구": district,
                        "시간대": hour_of_day,
                        "유동인구": round(size * busy * rng.uniform(0.8, 1.2)),
                        "체류시간(분)": None
                        if rng.random() < 0.03
                        else round(rng.uniform(1, 40), 1),
                    }
                )
    return rows


def encode(rows: Sequence[Row], file_format: Format) -> bytes:
    """The rows as a file; a column missing from a row is an empty cell."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    if file_format == "ndjson":
        lines = (json.dumps(row, ensure_ascii=False) for row in rows)
        return ("\n".join(lines) + "\n").encode()
    if file_format == "parquet":
        table = pa.Table.from_pylist([{name: row.get(name) for name in columns} for row in rows])
        target = io.BytesIO()
        pq.write_table(table, target, compression="zstd")
        return target.getvalue()
    text = io.StringIO(newline="")
    writer = csv.DictWriter(
        text,
        columns,
        delimiter="\t" if file_format == "tsv" else ",",
        restval="",
        lineterminator="\r\n",
    )
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("cp949" if file_format == "csv-cp949" else "utf-8")


def _dice(seed: int, use: str) -> random.Random:
    """Each use has its own dice, so that changing one file leaves the others as they are."""
    return random.Random(f"{seed}/{use}")  # noqa: S311 - the same city every time is the point


def _air(seed: int) -> list[Submission]:
    """Eight residents measure the air where they live and pass; a file has one fault or none."""
    october = {
        member.handle: air_rows(
            _dice(seed, f"air/{member.handle}"), stations_in(member.district), 31
        )
        + [
            row
            for district, days in _ROUNDS[member.handle].items()
            for row in air_rows(
                _dice(seed, f"air/{member.handle}/{district}"), stations_in(district)[:1], days
            )
        ]
        for member in people.RESIDENTS
    }
    files: list[tuple[str, str, Format, str]] = [
        ("mina", "도봉구_2026-10.csv", "csv-cp949", "CP949"),
        ("joon", "gangnam-october.csv", "csv", "-"),
        ("soonja", "강북구_대기질.csv", "csv-cp949", "20260231, -999"),
        ("yeongho", "guro_air.tsv", "tsv", "duplicates within"),
        ("daniel", "yongsan-air.ndjson", "ndjson", "-"),
        ("haneul", "관악_용산.csv", "csv", "duplicates of another's"),
        ("jiwoo", "강동구 측정.csv", "csv", "phone numbers"),
        ("eunkyung", "gangseo.parquet", "parquet", "-"),
    ]
    # An impossible date, and a value that no instrument reports.
    october["soonja"].append(dict(october["soonja"][0]) | {AIR_DATE: "20260231"})
    october["soonja"][3]["미세먼지농도(㎍/㎥)"] = -999
    october["yeongho"] += [dict(row) for row in october["yeongho"][:5]]
    october["haneul"] += [dict(row) for row in october["daniel"][:12]]
    for number, row in enumerate(october["jiwoo"]):
        row["연락처"] = f"010-5550-{number:04d}"
    return [
        _submission(sender, AIR_DAILY, filename, file_format, october[sender], dirt)
        for sender, filename, file_format, dirt in files
    ]


def _mobility(seed: int) -> list[Submission]:
    files: list[tuple[str, Format, int, str]] = [
        ("mina", "csv", 40, "-"),
        ("joon", "ndjson", 64, "-"),
        ("soonja", "csv-cp949", 24, "CP949"),
        ("haneul", "ndjson", 48, "-"),
        ("daniel", "csv", 36, "a phone number in an answer"),
        ("eunkyung", "csv", 20, "satisfaction 9"),
    ]
    result = []
    for sender, file_format, count, dirt in files:
        rows = trip_rows(_dice(seed, f"trips/{sender}"), count)
        if sender == "daniel":
            rows[7]["의견"] = "자세한 내용은 010-5550-1234로 연락 주세요."
        if sender == "eunkyung":
            rows[2]["만족도"] = 9
        extension = "ndjson" if file_format == "ndjson" else "csv"
        name = f"my-trips.{extension}"
        result.append(_submission(sender, MOBILITY_SURVEY, name, file_format, rows, dirt))
    return result


def _footfall(seed: int) -> list[Submission]:
    korean = [name for name, _ in DISTRICTS.values()]
    hanbit = footfall_rows(_dice(seed, "footfall/hanbit"), "한빛", korean[:14], points=2, days=7)
    nuri = footfall_rows(_dice(seed, "footfall/nuri"), "누리", korean[18:25], points=1, days=7)
    hanbit[100]["유동인구"] = 9_999_999
    return [
        _submission(
            people.HANBIT.handle,
            FOOTFALL_HOURLY,
            "hanbit-2026w45.parquet",
            "parquet",
            hanbit,
            "9,999,999 walkers",
        ),
        _submission(
            people.NURI.handle, FOOTFALL_HOURLY, "nuri-2026w45.ndjson", "ndjson", nuri, "-"
        ),
    ]


def _submission(
    sender: str, call: str, filename: str, file_format: Format, rows: Sequence[Row], dirt: str
) -> Submission:
    # Half of the cast also agrees to research: refusing the optional purpose costs nothing.
    generous = sender in {"mina", "haneul", "eunkyung", people.HANBIT.handle}
    return Submission(
        sender=sender,
        call=call,
        filename=filename,
        content_type=_CONTENT_TYPES[file_format],
        body=encode(rows, file_format),
        purposes=(CITY_AI, RESEARCH) if generous else (CITY_AI,),
        dirt=dirt,
    )
