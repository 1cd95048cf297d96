"""Small counts of persons are hidden, and cannot be computed from what is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.reports.disclosure import THRESHOLD, suppress_counts, total_may_be_shown
from governance.reports.documents import figure, person_figure, person_table, protected

counts = st.lists(st.integers(0, 12), max_size=8)


@pytest.mark.parametrize(
    ("given_counts", "shown"),
    [
        ([], []),
        ([0, 5, 12], [0, 5, 12]),
        ([1], [None]),
        ([4, 20], [None, None]),
        ([0, 4, 20, 9], [0, None, 20, None]),
        ([1, 1, 9, 7], [None, None, 9, None]),
        ([3, 2, 9], [None, None, None]),
        ([3, 4, 9], [None, None, 9]),
        ([1, 1, 1, 1, 1, 8, 9], [None] * 6 + [9]),
        ([4, 9, 9], [None, None, 9]),
    ],
)
def test_small_counts_and_what_gives_them_away_are_hidden(
    given_counts: list[int], shown: list[int | None]
) -> None:
    assert suppress_counts(given_counts, total_is_known=True) == shown


@given(counts)
def test_nothing_small_is_ever_shown(given_counts: list[int]) -> None:
    for known in (False, True):
        shown = suppress_counts(given_counts, total_is_known=known)
        assert all(value is None or value == 0 or value >= THRESHOLD for value in shown)
        assert all(value in (None, count) for value, count in zip(shown, given_counts, strict=True))


@given(counts)
def test_a_hidden_count_cannot_be_computed_from_a_total(given_counts: list[int]) -> None:
    shown = suppress_counts(given_counts, total_is_known=True)
    hidden = [count for count, value in zip(given_counts, shown, strict=True) if value is None]
    if not hidden or not total_may_be_shown(given_counts):
        return
    # A reader knows the sum of the hidden cells and that none is zero: each cell may then be
    # one, and each may be large enough to be published.
    assert len(hidden) >= 2
    largest = sum(hidden) - (len(hidden) - 1)
    assert largest >= THRESHOLD


def test_a_lone_small_count_forbids_its_total() -> None:
    assert not total_may_be_shown([3, 0])
    assert not total_may_be_shown([1, 1])
    assert not total_may_be_shown([1, 1, 1, 1, 1])
    assert total_may_be_shown([3, 9])
    assert total_may_be_shown([9, 0])


def test_a_count_is_not_negative() -> None:
    with pytest.raises(ValueError, match="not negative"):
        suppress_counts([-1])


def test_a_figure_of_few_persons_is_hidden_and_says_so() -> None:
    label = {"ko": "사람", "en": "Persons"}
    assert person_figure("a", label, 4) == {
        "key": "a",
        "label": label,
        "value": None,
        "unit": "persons",
        "suppressed": True,
    }
    assert person_figure("a", label, 5)["value"] == 5
    assert person_figure("a", label, 0)["suppressed"] is False


def test_a_total_is_hidden_where_its_parts_cannot_be_protected_beside_it() -> None:
    label = {"ko": "사람", "en": "Persons"}
    assert person_figure("a", label, 5, parts=[1, 4])["value"] is None
    assert person_figure("a", label, 12, parts=[3, 9])["value"] == 12
    assert person_figure("a", label, 9, parts=[9, 0])["value"] == 9


def test_a_table_marks_which_cells_are_hidden() -> None:
    texts = {"ko": "가", "en": "a"}
    table = person_table(
        "t",
        texts,
        [("name", texts), ("given", texts)],
        [{"name": "x", "given": 2}, {"name": "y", "given": 30}, {"name": "z", "given": 7}],
        counts=["given"],
    )
    assert [(row["given"], row["suppressed"]) for row in table["rows"]] == [
        (None, ["given"]),
        (30, []),
        (None, ["given"]),
    ]


def test_a_room_that_forgets_is_protected_all_the_same() -> None:
    label = {"ko": "사람", "en": "Persons"}
    section = protected(
        {
            "key": "s",
            "title": label,
            "figures": [figure("a", label, 2, "persons"), figure("b", label, 2, "calls")],
            "tables": [],
        }
    )
    assert [shown["value"] for shown in section["figures"]] == [None, 2]
