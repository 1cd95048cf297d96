"""A sample follows from public words alone; anybody draws it again with two tools of any system."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.cases import sampling

SEED = "b3BlbiBhbmQgc2hhcmVkLg"
KEY = sampling.key_of(SEED, checkpoint_root="a" * 64, population_root="b" * 64, size=3)
ITEMS = [f"item-{number}" for number in range(40)]

#: The document's own recipe, in a shell: nothing of ours computes here.
RECIPE = """
key=$(printf '%s\\n' dure-sample/1 "$SEED" "$HEAD" "$ROOT" "$SIZE" | sha256sum | cut -d' ' -f1)
while read -r item; do
    printf '%s %s\\n' "$(printf '%s\\n' "$key" "$item" | sha256sum | cut -d' ' -f1)" "$item"
done | LC_ALL=C sort | head -n "$SIZE" | cut -d' ' -f2
"""


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs coreutils")
def test_sha256sum_and_sort_draw_the_same() -> None:
    words = {"SEED": SEED, "HEAD": "a" * 64, "ROOT": "b" * 64, "SIZE": "3", "PATH": "/usr/bin:/bin"}
    told = subprocess.run(
        ["/bin/sh", "-c", RECIPE], input="\n".join(ITEMS) + "\n", env=words,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert sampling.draw(ITEMS, size=3, key=KEY) == told.stdout.split()


def test_the_hash_of_a_seed_is_what_sha256sum_says() -> None:
    known = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    assert sampling.seed_hash("test") == known


@given(st.permutations(ITEMS), st.integers(1, len(ITEMS)))
def test_order_makes_no_difference_and_a_larger_sample_goes_on(items: list[str], size: int) -> None:
    drawn = sampling.draw(items, size=size, key=KEY)
    assert drawn == sampling.draw(ITEMS, size=len(ITEMS), key=KEY)[:size]
    assert len(set(drawn)) == size


def test_whatever_goes_in_decides() -> None:
    keys = {
        KEY,
        sampling.key_of(SEED + "x", checkpoint_root="a" * 64, population_root="b" * 64, size=3),
        sampling.key_of(SEED, checkpoint_root="c" * 64, population_root="b" * 64, size=3),
        sampling.key_of(SEED, checkpoint_root="a" * 64, population_root="c" * 64, size=3),
        sampling.key_of(SEED, checkpoint_root="a" * 64, population_root="b" * 64, size=4),
    }
    assert len(keys) == 5


def test_everything_is_drawn_about_equally_often() -> None:
    """4,000 drawings of 1 of 4: each within five standard deviations of a thousand."""
    counts = dict.fromkeys("abcd", 0)
    for number in range(4_000):
        counts[sampling.draw("abcd", size=1, key=f"{number:064x}")[0]] += 1
    assert all(abs(count - 1_000) < 5 * (4_000 * 0.25 * 0.75) ** 0.5 for count in counts.values())


@pytest.mark.parametrize(("items", "size"), [(["a", "a"], 1), (["a"], 2), (["a"], 0)])
def test_what_cannot_be_drawn_is_refused(items: list[str], size: int) -> None:
    with pytest.raises(ValueError, match=r"twice|cannot be drawn"):
        sampling.draw(items, size=size, key=KEY)
