from __future__ import annotations

import math
import random
import subprocess
import sys
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contributions.privacy import RULE_PACK_VERSION, Verdict, scan, tokens
from contributions.privacy.detectors import detect
from contributions.privacy.folding import fold
from contributions.privacy.prefilter import (
    ANNOUNCED,
    BARE_NUMBER,
    SAMPLE,
    matching,
    worth_reading,
)
from tests.contributions.privacy import labelled, people

KEY = b"pseudonyms of one call"
SEEDS = range(40)


def look(column: str, *cells: str | None, declared: tuple[str, ...] = ()) -> Verdict:
    table = pa.table({column: pa.array(cells, pa.string())})
    return scan(table, pseudonym_key=KEY, declared=declared)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_no_call_may_receive_refuses_the_file(seed: int) -> None:
    for case in people.refused(random.Random(seed)):
        verdict = look(case.column, case.text)
        assert verdict.refused, case
        assert case.kind in {finding.type for finding in verdict.findings}, case
        assert verdict.table.num_rows == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_what_belongs_to_a_person_goes_on_without_the_person(seed: int) -> None:
    for case in people.rewritten(random.Random(seed)):
        verdict = look(case.column, case.text)
        assert not verdict.refused, case
        assert {(each.row, each.type) for each in verdict.findings} == {(1, case.kind)}, case
        cell = verdict.table.column(0)[0].as_py()
        assert cell != case.text
        assert scan(verdict.table, pseudonym_key=KEY).findings == [], (case, cell)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_only_looks_like_a_person_passes_untouched(seed: int) -> None:
    for case in people.harmless(random.Random(seed)):
        verdict = look(case.column, case.text)
        assert verdict.findings == [], case
        assert verdict.table.column(0).to_pylist() == [case.text]


def test_what_a_foreigner_bought_is_no_number_of_the_foreigner() -> None:
    """The nearest word announces: a bar code that reads as a birthday stays one beside anybody."""
    for whose in ("내국인", "외국인", "a resident", "a foreigner"):
        for thing in ("바코드", "barcode"):
            assert not look("민원", f"{whose} 민원: {thing} 8801126687692").findings, whose
    for text in ("외국인 민원: 8801015123456", "바코드 없음, 외국인등록번호 8801015123456"):
        assert look("민원", text).refused, text
    assert look("외국인등록번호", "바코드 8801015123456").refused


def test_columns_of_numbers_are_judged_as_columns() -> None:
    draw = random.Random(1)
    articles = [people.with_check("880" + people.number(draw, 9), (1, 3)) for _ in range(2000)]
    anything = [people.number(draw, 13) for _ in range(2000)]
    moments = [str(1_600_000_000_000 + draw.randint(0, 10**11)) for _ in range(2000)]
    cards = [people.number(draw, 16) for _ in range(2000)]
    for numbers in (articles, anything, moments, cards):
        assert not look("번호", *numbers).refused
    residents = [people.registration(draw) for _ in range(30)]
    children = [people.recent_registration(draw) for _ in range(30)]
    mixed = look("번호", *residents, *children, *anything[:5])
    assert mixed.refused
    assert mixed.counts["rrn.check_digit"] >= 30
    assert mixed.counts["rrn.recent"] >= 30


def test_no_finding_and_no_refusal_holds_a_value() -> None:
    for case in (*people.refused(random.Random(3)), *people.rewritten(random.Random(3))):
        said = repr(look(case.column, case.text).findings)
        digits = "".join(each for each in fold(case.text) if each.isdigit())
        assert case.text not in said
        assert not digits or digits not in said


def test_a_person_in_the_header_of_a_headless_file_is_seen_and_not_repeated() -> None:
    name = people.hyphened(people.registration(random.Random(5)), 6, 7)
    verdict = look(name, "x")
    assert verdict.refused
    assert verdict.table.column_names == ["#1"]
    assert name not in repr(verdict.findings)


def test_a_column_of_telephones_is_tokened_whole_and_joinable_under_one_key_only() -> None:
    cells = ["010-1234-5678", "01012345678", "+82 10-1234-5678", "1588-0000", None, "내선 12-34-5"]
    verdict = look("연락처", *cells)
    tokens = verdict.table.column(0).to_pylist()
    assert len(set(tokens[:3])) == 1
    assert tokens[3:5] == ["1588-0000", None]
    assert not any(each.isdigit() for each in tokens[5])
    assert [finding.row for finding in verdict.findings] == [1, 2, 3]
    table = pa.table({"연락처": pa.array(cells)})
    assert scan(table, pseudonym_key=b"other").table.column(0)[0].as_py() != tokens[0]


def test_one_number_in_a_text_loses_itself_and_leaves_the_text() -> None:
    verdict = look("비고", "맑음", "연락 010-1234-5678 바람", "흐림")
    cells = verdict.table.column(0).to_pylist()
    assert cells[0::2] == ["맑음", "흐림"]
    assert cells[1].startswith("연락 tel_")
    assert cells[1].endswith(" 바람")


def test_declared_columns_pass_but_never_for_what_refuses() -> None:
    passed = look("전화번호", "02-2133-1234", declared=("전화번호",))
    assert [each.action for each in passed.findings] == ["pass"]
    assert passed.table.column(0).to_pylist() == ["02-2133-1234"]
    resident = people.hyphened(people.registration(random.Random(2)), 6, 7)
    assert look("전화번호", resident, declared=("전화번호",)).refused


def test_births_become_bands_and_dwellings_streets() -> None:
    assert look("생년월일", "1993.04.05").table.column(0).to_pylist() == ["1990-1994"]
    street = look("주소", "서울시 노원구 상계로 12, 101동 1203호").table.column(0)[0].as_py()
    assert street == "서울시 노원구 상계로"


POINTS = {"위도": ["37.56653", "37.1", "x"], "경도": ["126.97812", "127.12345", ""]}


def kilometres(first: tuple[float, float], second: tuple[float, float]) -> float:
    north = (first[0] - second[0]) * 111.0
    east = (first[1] - second[1]) * 111.3 * math.cos(math.radians(first[0]))
    return math.hypot(north, east)


def test_positions_of_a_park_stay_and_those_of_people_go_to_the_grid() -> None:
    park = scan(pa.table({"공원명": ["가", "나", "다"], **POINTS}), pseudonym_key=KEY)
    assert park.findings == []
    assert park.table.column("위도").to_pylist() == POINTS["위도"]
    single = scan(pa.table({"회원ID": ["a", "b", "c"], **POINTS}), pseudonym_key=KEY)
    assert {each.type for each in single.findings} == {"geo_point"}
    assert {each.row for each in single.findings} == {1, 2, 3}
    rows = single.table.select(["위도", "경도"]).to_pylist()
    assert rows[2] == {"위도": None, "경도": None}
    near = kilometres((37.56653, 126.97812), (float(rows[0]["위도"]), float(rows[0]["경도"])))
    assert 0 < near < 0.18


@given(st.floats(33, 43), st.floats(124, 132))
def test_cells_of_the_grid_are_at_least_250_metres_wide_and_high(
    latitude: float, longitude: float
) -> None:
    here = tokens.cell(latitude, longitude)
    middle = float(here[0]), float(here[1])
    assert kilometres((latitude, longitude), middle) < 0.19
    # Everybody within 120 m of the middle has the same cell.
    for north, east in ((0.12, 0), (-0.12, 0), (0, 0.12), (0, -0.12)):
        at = middle[0] + north / 111.2, middle[1] + east / 111.3 / math.cos(math.radians(middle[0]))
        assert tokens.cell(*at) == here


def test_a_path_is_emptied_and_other_people_of_the_table_keep_their_cell() -> None:
    path = scan(pa.table({"회원ID": ["a", "a", "a"], **POINTS}), pseudonym_key=KEY)
    assert path.table.column_names == ["회원ID"]
    assert {(each.type, each.action) for each in path.findings} == {("trajectory", "drop")}
    people = ["a", "b", "a", "a", "b"]
    table = pa.table({"user_id": people, "lat": ["37.5"] * 5, "lon": ["127.0"] * 5})
    mixed = scan(table, pseudonym_key=KEY)
    assert {(each.row, each.type) for each in mixed.findings} == {
        (1, "trajectory"), (2, "geo_point"), (3, "trajectory"), (4, "trajectory"), (5, "geo_point"),
    }  # fmt: skip
    kept = [value is not None for value in mixed.table.column("lat").to_pylist()]
    assert kept == [False, True, False, False, True]


def test_points_in_one_column_and_metres_of_a_projection_go_to_the_grid_too() -> None:
    table = pa.table({"이용자ID": ["a", "b"], "위치": ["37.56653, 126.97812", "모름"]})
    one = scan(table, pseudonym_key=KEY)
    assert [(each.row, each.column, each.type) for each in one.findings] == [
        (1, "위치", "geo_point")
    ]
    assert one.table.column("위치").to_pylist()[0] not in (None, "37.56653, 126.97812")
    table = pa.table({"이용자ID": ["a"], "X좌표": ["198123.4"], "Y좌표": ["451987.6"]})
    assert scan(table, pseudonym_key=KEY).table.select(["X좌표", "Y좌표"]).to_pylist() == [
        {"X좌표": "198125", "Y좌표": "451875"}
    ]


def test_findings_are_capped_and_counted() -> None:
    cells = [f"메모 {n} 010-{n:04}-1234" for n in range(1500)]
    verdict = look("비고", *cells)
    assert len(verdict.findings) == 1000
    assert verdict.counts == {"phone.mobile": 1500}


@settings(max_examples=60)
@given(st.integers(0, 10**9), st.text(st.sampled_from(" 가a-.:1"), max_size=3))
def test_the_prefilter_never_hides_what_a_detector_would_find(seed: int, noise: str) -> None:
    draw = random.Random(seed)
    made = (people.refused, people.rewritten, people.harmless)
    cells = [case.text for make in made for case in make(draw)]
    cells += [cell.text for cell in (*labelled.ordinary(draw), *labelled.evading(draw))]
    texts = [noise + text + noise for text in cells]
    worth = worth_reading(pa.array(texts))
    hidden = [
        text
        for text, read in zip(texts, worth, strict=True)
        if not read and detect(fold(text), frozenset())
    ]
    assert hidden == []


@given(st.from_regex(BARE_NUMBER.replace("$", r"\Z"), fullmatch=True))
def test_a_bare_number_holds_nothing_that_words_announce(number: str) -> None:
    cell = pa.array([number])
    assert matching(cell, BARE_NUMBER).all()
    assert not any(matching(cell, words).any() for words in ANNOUNCED)


@pytest.mark.parametrize("seed", range(3))
def test_texts_that_come_again_and_again_are_flagged_as_if_alone(seed: int) -> None:
    draw = random.Random(seed)
    cells = [cell.text for cell in (*labelled.ordinary(draw), *labelled.evading(draw))]
    few = [None, "맑음", "12.5", *draw.sample(cells, 20)]
    many = [draw.choice(few) for _row in range(3 * SAMPLE)]
    alone = dict(zip(few, worth_reading(pa.array(few, pa.string())).tolist(), strict=True))
    assert any(alone.values())
    assert worth_reading(pa.array(many)).tolist() == [alone[cell] for cell in many]


@given(st.lists(st.one_of(st.none(), st.text(max_size=30)), max_size=20))
def test_any_text_goes_through_with_its_rows_and_its_nulls(cells: list[str | None]) -> None:
    cells = [each and each.encode("utf-8", "ignore").decode() for each in cells]
    verdict = look("비고", *cells)
    if not verdict.refused:
        assert verdict.table.num_rows == len(cells)
        assert [each is None for each in verdict.table.column(0).to_pylist()] == [
            each is None for each in cells
        ]
    assert Counter(each.rule for each in verdict.findings) == Counter(verdict.counts)


ELSEWHERE = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("pandas", "django", "great_expectations", "scipy"):
            raise ModuleNotFoundError(name=name)

sys.meta_path.insert(0, Absent())
from contributions import decode, privacy

seen = decode.peek(b"a\\n010-1234-5678\\n", filename="x.csv", content_type="")
print(len(privacy.scan(seen.table, pseudonym_key=b"k").findings))
"""


def test_the_gate_runs_where_pandas_and_django_are_not_installed() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", ELSEWHERE], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "1"
    assert RULE_PACK_VERSION
