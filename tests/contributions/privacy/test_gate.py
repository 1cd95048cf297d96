from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contributions.privacy import RULE_PACK_VERSION, Verdict, scan
from contributions.privacy.detectors import detect
from contributions.privacy.folding import fold
from contributions.privacy.prefilter import worth_reading
from tests.contributions.privacy import people

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


def test_positions_are_rounded_beside_a_person_dropped_on_a_path_and_kept_for_a_park() -> None:
    points = {"위도": ["37.56653", "37.1", "x"], "경도": ["126.97812", "127.12345", ""]}
    park = scan(pa.table({"공원명": ["가", "나", "다"], **points}), pseudonym_key=KEY)
    assert park.findings == []
    single = scan(pa.table({"회원ID": ["a", "b", "c"], **points}), pseudonym_key=KEY)
    assert single.table.column("위도").to_pylist() == ["37.56", "37.1", None]
    assert {each.type for each in single.findings} == {"geo_point"}
    path = scan(pa.table({"회원ID": ["a", "a", "a"], **points}), pseudonym_key=KEY)
    assert path.table.column_names == ["회원ID"]
    assert {(each.type, each.action) for each in path.findings} == {("trajectory", "drop")}


def test_findings_are_capped_and_counted() -> None:
    cells = [f"메모 {n} 010-{n:04}-1234" for n in range(1500)]
    verdict = look("비고", *cells)
    assert len(verdict.findings) == 1000
    assert verdict.counts == {"phone.mobile": 1500}


@settings(max_examples=300)
@given(st.integers(0, 10**9), st.text(st.sampled_from(" 가a-.:1"), max_size=3))
def test_the_prefilter_never_hides_what_a_detector_would_find(seed: int, noise: str) -> None:
    draw = random.Random(seed)
    for case in (*people.refused(draw), *people.rewritten(draw), *people.harmless(draw)):
        text = noise + case.text + noise
        if detect(fold(text), frozenset()):
            assert worth_reading(pa.array([text]))[0], text


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
