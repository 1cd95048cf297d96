"""Two editions side by side tell nothing about a few persons."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from governance.reports.differencing import apart, shown_counts
from governance.reports.disclosure import THRESHOLD
from governance.reports.documents import SectionDocument, person_figure, person_table

TEXT = {"ko": "가", "en": "a"}


def section(total: int, *cells: int) -> SectionDocument:
    rows: list[dict[str, Any]] = [{"purpose": f"p{n}", "given": c} for n, c in enumerate(cells)]
    return {
        "key": "consent",
        "title": TEXT,
        "figures": [person_figure("given", TEXT, total, parts=cells)],
        "tables": [
            person_table(
                "by-purpose", TEXT, [("purpose", TEXT), ("given", TEXT)], rows, counts=["given"]
            )
        ],
    }


def values(made: SectionDocument) -> tuple[object, list[object]]:
    return made["figures"][0]["value"], [row["given"] for row in made["tables"][0]["rows"]]


def test_one_person_more_is_not_published() -> None:
    (second,) = apart([section(21, 6, 15)], [[section(20, 6, 14)]])
    assert values(second) == (None, [6, None])
    assert second["figures"][0]["suppressed"]
    assert second["tables"][0]["rows"][1]["suppressed"] == ["given"]


def test_the_same_and_much_more_is_published() -> None:
    assert values(apart([section(20, 6, 14)], [[section(20, 6, 14)]])[0]) == (20, [6, 14])
    assert values(apart([section(31, 6, 25)], [[section(20, 6, 14)]])[0]) == (31, [6, 25])


def test_every_earlier_edition_counts_and_withheld_ones_do_not() -> None:
    first, second = section(20, 6, 14), section(40, 6, 34)
    assert values(apart([section(22, 6, 16)], [[first], [second]])[0]) == (None, [6, None])
    (hidden,) = apart([section(21, 6, 15)], [[first]])
    assert values(apart([section(26, 6, 20)], [[first], [hidden]])[0]) == (26, [6, 20])


def test_a_total_goes_with_a_cell_that_could_be_computed_from_it() -> None:
    (second,) = apart([section(30, 7, 23)], [[section(20, 6, 14)]])
    assert values(second) == (None, [None, 23])


@given(st.lists(st.lists(st.integers(0, 30), min_size=2, max_size=2), min_size=2, max_size=5))
def test_no_two_editions_differ_by_a_few(counts: list[list[int]]) -> None:
    published: list[list[SectionDocument]] = []
    for cells in counts:
        published.append(apart([section(sum(cells), *cells)], published))
    shown = [shown_counts(edition) for edition in published]
    for earlier in shown:
        for later in shown:
            for place in earlier.keys() & later.keys():
                assert not 0 < abs(earlier[place] - later[place]) < THRESHOLD
