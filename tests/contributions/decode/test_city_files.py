"""Real files of the city, where they are at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from contributions.decode import decode
from contributions.privacy import scan
from contributions.schema import cast, match_columns

AIR = Path(__file__).resolve().parents[4] / "shared" / "data" / "air_daily"
POLLUTANTS = (
    "이산화질소농도(ppm)",
    "오존농도(ppm)",
    "일산화탄소농도(ppm)",
    "아황산가스농도(ppm)",
    "미세먼지농도(㎍/㎥)",
    "초미세먼지농도(㎍/㎥)",
)

pytestmark = pytest.mark.skipif(not AIR.is_dir(), reason="the city's files are not at hand")


@pytest.mark.parametrize(
    ("name", "encoding", "rows", "nulls"),
    [
        ("seoul_air_daily_2018_cp949.csv", "cp949", 14_637, 1_982),
        ("seoul_air_daily_2019_cp949.csv", "cp949", 17_745, 3_941),
        ("seoul_air_daily_2021_cp949.csv", "cp949", 18_250, 614),
        ("seoul_air_daily_2024_utf8bom.csv", "utf-8-sig", 18_300, 385),
    ],
)
def test_the_air_files_are_read_whole_and_without_a_finding(
    name: str, encoding: str, rows: int, nulls: int
) -> None:
    with (AIR / name).open("rb") as stream:
        decoded = decode(stream, filename=name, content_type="text/csv")
    assert (decoded.encoding, decoded.rows, decoded.null_cells) == (encoding, rows, nulls)
    assert decoded.ragged == ()
    verdict = scan(decoded.table, pseudonym_key=b"key")
    assert verdict.findings == []
    assert verdict.table.equals(decoded.table)
    schema = {
        "fields": [
            {"name": "측정일시", "type": "date", "format": "%Y%m%d"},
            {"name": "측정소명", "constraints": {"required": True}},
            *({"name": each, "type": "number"} for each in POLLUTANTS),
        ]
    }
    typed = cast(match_columns(decoded.table, schema), schema)
    assert not typed.bad_rows.any()
    assert int(typed.frame.isna().sum().sum()) == nulls
