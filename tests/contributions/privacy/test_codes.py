"""Numbers without words: asking fewer detectors finds the same, and a million of them take no time
that words would take.
"""

from __future__ import annotations

import random
import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contributions.privacy import scan
from contributions.privacy.codes import BY_ALL, NOTHING, detect_forms, forms_of
from contributions.privacy.detectors import detect
from contributions.privacy.folding import fold
from contributions.privacy.prefilter import FEW_CELLS, worth_reading
from tests.contributions.privacy import labelled, people

NO_KINDS: frozenset[str] = frozenset()
SIGNS = " .,_/:;()+-"
#: Pieces of which numbers with a form are made, so that chance meets these forms.
PIECES = st.sampled_from(
    ["880101", "110111", "1234567", "2000000", "010", "02", "82", "31", "1234", "5678", "4111",
     "3782", "62", "11", "22", "333333", "12-34", "192", "168", "8.8.8.8", "211.45.27.201", "00:1B",
     "a", "ff"]
)  # fmt: skip
TEXTS = st.lists(
    st.one_of(PIECES, st.text("0123456789", max_size=4), st.text(SIGNS, max_size=2)), max_size=9
).map("".join)


def without_words(draw: random.Random) -> list[str]:
    """What the generated cases come to when their words are taken away."""
    made = (people.refused, people.rewritten, people.harmless)
    cells = [case.text for make in made for case in make(draw)]
    cells += [cell.text for cell in (*labelled.ordinary(draw), *labelled.evading(draw))]
    silent = [re.sub(rf"[^0-9{re.escape(SIGNS)}]", "", cell) for cell in cells]
    ahead = ("a", "B", "x", "ST-", "SEOUL ", "Gangnam_", "mac ", "O", "TX")
    return [*cells, *silent, *(draw.choice(ahead) + text for text in silent if text)]


def same_by_forms(texts: list[str], kinds: frozenset[str]) -> int:
    """How many texts were read by some detectors alone, all with the hits of all of them."""
    forms: list[int] = forms_of(pa.array(texts, pa.string()), kinds).tolist()
    for text, by in zip(texts, forms, strict=True):
        if by != BY_ALL:
            assert fold(text) == text
            assert detect_forms(text, kinds, by) == detect(text, kinds), text
    return len(forms) - forms.count(BY_ALL)


def nothing_hidden(texts: list[str]) -> None:
    """The look over the column passes over no text in which a detector finds something."""
    worth = worth_reading(pa.array(texts, pa.string())).tolist()
    hidden = [text for text, read in zip(texts, worth, strict=True) if not read]
    assert not [text for text in hidden if detect(fold(text), NO_KINDS)]


@settings(max_examples=60)
@given(st.integers(0, 10**9))
def test_fewer_detectors_find_what_all_of_them_find(seed: int) -> None:
    texts = without_words(random.Random(seed))
    assert same_by_forms(texts, NO_KINDS) > len(texts) // 4
    nothing_hidden(texts)
    assert same_by_forms(texts, frozenset({"contrary"})) > len(texts) // 4
    # The same cells one by one, where the standard library reads them.
    assert same_by_forms(texts[:FEW_CELLS], NO_KINDS) > 0


@given(st.lists(TEXTS, min_size=1, max_size=40))
def test_chance_finds_no_number_that_is_missed(texts: list[str]) -> None:
    same_by_forms(texts, NO_KINDS)
    nothing_hidden(texts)


def test_a_name_that_announces_has_every_cell_read_by_all() -> None:
    texts = pa.array(["123-456-789012", "2026-000123"])
    assert forms_of(texts, frozenset({"bank_account"})).tolist() == [BY_ALL, BY_ALL]
    assert forms_of(texts, NO_KINDS).tolist() == [NOTHING, NOTHING]


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("제2026-118호", False),
        ("청구 22호", False),
        ("마포대로 12길 3, 402호", True),
        ("101동 1203호", True),
        ("망원동 3-1 연립 2호", True),
    ],
)
def test_only_what_could_be_a_flat_is_read_for_its_number(text: str, reads: bool) -> None:
    assert worth_reading(pa.array([text] * 200))[0] == reads
    assert reads == bool(detect(text, NO_KINDS))


def test_a_short_address_of_the_internet_is_found() -> None:
    """Two colons side by side stand for what was left out."""
    table = pa.table({"비고": pa.array(["접속 2a00:1450::8a"])})
    assert scan(table, pseudonym_key=b"k").counts == {"ip.public": 1}
