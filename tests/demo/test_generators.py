from __future__ import annotations

import io
import json
import random
import re

import pyarrow.parquet as pq

from demo import generators, people
from demo.calls import AIR_DAILY, AIR_DATE, AIR_MEASURES, SLUGS


def _by_sender(call: str) -> dict[str, generators.Submission]:
    return {item.sender: item for item in generators.submissions() if item.call == call}


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert generators.submissions() == generators.submissions()
    assert generators.submissions(1) != generators.submissions(2)


def test_every_call_is_answered_by_somebody_of_the_cast() -> None:
    files = generators.submissions()
    assert {item.call for item in files} == set(SLUGS)
    senders = {member.handle for member in people.CAST} | {firm.handle for firm in people.FIRMS}
    assert {item.sender for item in files} <= senders


def test_no_row_can_overlap_a_published_file() -> None:
    rows = generators.air_rows(random.Random(3), ["도봉구"], 31)
    assert {str(row[AIR_DATE])[:4] for row in rows} == {"2026"}


def test_measurements_are_missing_here_and_there() -> None:
    rows = generators.air_rows(random.Random(3), ["도봉구", "중구"], 31)
    cells = [row[name] for row in rows for name in AIR_MEASURES]
    assert 0 < cells.count(None) < len(cells) / 10


def test_mina_sends_the_encoding_of_a_korean_spreadsheet() -> None:
    body = _by_sender(AIR_DAILY)["mina"].body
    assert body.decode("cp949").startswith("측정일시,측정소명")
    assert not body.startswith("측정일시".encode())


def test_the_dirt_is_where_it_is_said_to_be() -> None:
    air = _by_sender(AIR_DAILY)
    assert "20260231" in air["soonja"].body.decode("cp949")
    assert ",-999," in air["soonja"].body.decode("cp949")
    lines = air["yeongho"].body.decode().splitlines()
    assert len(lines) - len(set(lines)) == 5
    assert re.search(r"010-5550-\d{4}", air["jiwoo"].body.decode())


def test_one_resident_repeats_rows_of_another() -> None:
    air = _by_sender(AIR_DAILY)
    daniel = [json.loads(line) for line in air["daniel"].body.decode().splitlines()]
    assert daniel[0]["측정소명"] == "용산구"
    assert "용산구" in air["haneul"].body.decode()


def test_a_parquet_file_keeps_its_korean_columns() -> None:
    table = pq.read_table(io.BytesIO(_by_sender("footfall-hourly")["hanbit"].body))
    assert table.column_names[:3] == ["일시", "지점코드", "자치구"]
    assert table.num_rows == 14 * 2 * 7 * 24
