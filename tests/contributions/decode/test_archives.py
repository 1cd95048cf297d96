from __future__ import annotations

import io
import zipfile

import pyarrow as pa
import pytest

from tests.contributions.decode.test_columnar import parquet
from tests.contributions.decode.test_delimited import read, refusal
from tests.contributions.decode.workbooks import packed, rows, xlsx

CSV = "측정소,값\n강남구,1\n"


@pytest.mark.parametrize(
    ("name", "body", "form"),
    [
        ("자료.csv", CSV.encode("cp949"), "csv"),
        ("a.tsv", CSV.replace(",", "\t").encode(), "tsv"),
        ("a.ndjson", '{"측정소": "강남구", "값": 1}\n'.encode(), "ndjson"),
        ("a.json", '[{"측정소": "강남구", "값": 1}]'.encode(), "json"),
        ("a.parquet", parquet(pa.table({"측정소": ["강남구"], "값": [1]})), "parquet"),
        ("a.xlsx", xlsx(rows([["측정소", "값"], ["강남구", 1]])), "xlsx"),
    ],
)
def test_one_table_in_an_archive_is_read_as_if_it_came_alone(
    name: str, body: bytes, form: str
) -> None:
    decoded = read(packed({name: body, "__MACOSX/._a": b"x", ".DS_Store": b"x"}), "a.zip")
    assert decoded.format == form
    assert decoded.table.to_pylist() == [{"측정소": "강남구", "값": "1"}]


@pytest.mark.parametrize(
    ("members", "rule"),
    [
        ({"a.csv": CSV, "b.csv": CSV}, "file.archive_members"),
        ({"readme/": ""}, "file.archive_members"),
        ({"../a.csv": CSV}, "file.archive_unsafe"),
        ({"/etc/a.csv": CSV}, "file.archive_unsafe"),
        ({"a/../../b.csv": CSV}, "file.archive_unsafe"),
        ({"..\\a.csv": CSV}, "file.archive_unsafe"),
        ({"C:\\a.csv": CSV}, "file.archive_unsafe"),
        ({"a.zip": packed({"a.csv": CSV})}, "file.archive_nested"),
        ({"a.pdf": "%PDF-1.7\n"}, "file.not_a_table"),
        ({"a.csv": ""}, "file.empty"),
    ],
)
def test_other_archives_are_refused_by_name(members: dict[str, str | bytes], rule: str) -> None:
    assert refusal(packed(members), "a.zip") == rule


def test_a_locked_archive_is_refused() -> None:
    data = bytearray(packed({"a.csv": CSV}))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + place] |= 1
    assert refusal(bytes(data), "a.zip") == "file.encrypted"


def test_a_size_that_lies_is_found_while_inflating() -> None:
    data = bytearray(packed({"a.csv": "a\n" + "1\n" * 100_000}))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (10).to_bytes(4, "little")
    assert refusal(bytes(data), "a.zip") == "file.not_a_table"


def test_members_that_share_their_bytes_are_refused() -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", CSV)
        twin = zipfile.ZipInfo("b.csv")
        original = archive.infolist()[0]
        for each in ("CRC", "compress_size", "file_size", "header_offset", "compress_type"):
            setattr(twin, each, getattr(original, each))
        archive.filelist.append(twin)
    assert refusal(sink.getvalue(), "a.zip") == "file.archive_unsafe"
