"""`dure scan` as a person runs it: a command, a file, lines of JSON."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlwt

from dure_client import main as client
from tests.contributions.decode.workbooks import packed, rows, xlsx

ROOT = Path(__file__).parents[2]
ROWS: list[dict[str, str | None]] = [
    {"측정소명": "노원구", "연락처": None, "비고": "이상 없음", "사업자번호": "120-81-47521"},
    {"측정소명": "도봉구", "연락처": "010-1234-5678", "비고": "맑음", "사업자번호": None},
    {"측정소명": "중구", "연락처": None, "비고": "문의 hong@example.com", "사업자번호": None},
    {"측정소명": "중구", "연락처": None, "비고": "본인 900101-1234568", "사업자번호": None},
]
FOUND = [
    (1, "사업자번호", "brn", "brn.check_digit", "pass"),
    (2, "연락처", "phone", "phone.mobile", "pseudonymise"),
    (3, "비고", "email", "email.form", "pseudonymise"),
    (4, "비고", "rrn", "rrn.hyphen", "refuse"),
]
# No network and no city: whatever opens a socket fails.
OFFLINE = """
import socket, sys
def _refuse(*_arguments, **_options):
    raise OSError("offline")
socket.socket.connect = socket.create_connection = _refuse
from dure_client.main import main
sys.exit(main())
"""


def _delimited(separator: str) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(ROWS[0]), delimiter=separator)
    writer.writeheader()
    writer.writerows(ROWS)
    return out.getvalue().encode()


def _parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), out)
    return out.getvalue()


def _cells() -> list[list[object]]:
    return [list[object](ROWS[0]), *(list[object](each.values()) for each in ROWS)]


def _xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("records")
    for number, row in enumerate(_cells()):
        for at, value in enumerate(row):
            if value is not None:
                sheet.write(number, at, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _geojson() -> bytes:
    features = [{"type": "Feature", "geometry": None, "properties": row} for row in ROWS]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


FORMATS: dict[str, Callable[[], bytes]] = {
    "csv": lambda: _delimited(","),
    "tsv": lambda: _delimited("\t"),
    "ndjson": lambda: "\n".join(json.dumps(row) for row in ROWS).encode(),
    "json": lambda: json.dumps(ROWS).encode(),
    "parquet": _parquet,
    "xlsx": lambda: xlsx(rows([list(ROWS[0]), *([v or "" for v in r.values()] for r in ROWS)])),
    "xls": _xls,
    "geojson": _geojson,
    "zip": lambda: packed({"records.csv": _delimited(",")}),
}


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT / 'platform'}{os.pathsep}{ROOT}",
        "PYTHONIOENCODING": "utf-8",
    }
    return subprocess.run(
        [sys.executable, "-c", OFFLINE, *arguments],
        capture_output=True, text=True, check=False, env=environment, encoding="utf-8",
    )  # fmt: skip


def _lines(output: str) -> list[dict[str, Any]]:  # Any: parsed JSON
    return [json.loads(line) for line in output.splitlines()]


@pytest.mark.parametrize("suffix", FORMATS)
def test_scan_prints_one_object_a_finding_for_each_format(suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"records.{suffix}"
    file.write_bytes(FORMATS[suffix]())
    ran = _run("scan", str(file))
    assert ran.returncode == client.DONE, ran.stderr
    lines = _lines(ran.stdout)
    assert [tuple(line.values()) for line in lines] == FOUND
    assert list(lines[0]) == ["row", "column", "type", "rule", "action"]
    for value in ("1234-5678", "hong", "900101", "47521"):
        assert value not in ran.stdout + ran.stderr


def test_scan_reads_cp949_and_counts_the_rows_that_could_not_be_read(tmp_path: Path) -> None:
    file = tmp_path / "옛 파일.csv"
    file.write_bytes("이름표,비고\r\n가\r\n나,010-1234-5678\r\n".encode("cp949"))
    assert [line["row"] for line in _lines(_run("scan", str(file)).stdout)] == [2]


def test_strict_scan_says_by_its_exit_code_that_the_city_would_refuse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused, kept = tmp_path / "refused.csv", tmp_path / "kept.csv"
    refused.write_text("비고\n900101-1234568\n")
    kept.write_text("비고\n010-1234-5678\n")
    assert client.main(["scan", str(refused)]) == client.DONE
    assert client.main(["scan", "--strict", str(refused)]) == client.REFUSED
    assert client.main(["scan", "--strict", str(kept)]) == client.DONE
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_scan_prints_every_finding_of_a_long_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "long.csv"
    file.write_text("비고\n" + "".join(f"메모 {n} 010-{n:04}-1234\n" for n in range(1500)))
    assert client.main(["scan", str(file)]) == client.DONE
    assert [line["row"] for line in _lines(capsys.readouterr().out)] == list(range(1, 1501))


def test_what_is_no_table_cannot_be_scanned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "photo.csv"
    file.write_bytes(b"\xff\xd8\xff\xe0 no table")
    assert client.main(["scan", str(file)]) == client.UNVERIFIABLE
    assert "photo.csv cannot be read: file.not_a_table" in capsys.readouterr().err


def test_a_path_in_a_file_is_reported_at_each_of_its_positions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rides.csv"
    lines = ["user_id,lat,lon", "a,37.501,127.001", "a,37.502,127.002", "a,37.503,127.003",
             "b,37.601,127.051"]  # fmt: skip
    file.write_text("\n".join(lines) + "\n")
    client.main(["scan", str(file)])
    found = [(each["row"], each["column"], each["type"], each["action"])
             for each in _lines(capsys.readouterr().out)]  # fmt: skip
    expected = [(row, name, "trajectory", "drop") for row in (1, 2, 3) for name in ("lat", "lon")]
    expected += [(4, name, "geo_point", "generalise") for name in ("lat", "lon")]
    assert found == expected
