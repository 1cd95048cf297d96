"""The tree against published vectors, a brute-force recursion and pymerkle."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from governance.log import merkle

# The eight leaves and the roots over their prefixes that the Certificate Transparency
# implementations of RFC 6962 share as test data.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)

sizes = st.integers(min_value=1, max_value=200)


def hashes(size: int) -> list[bytes]:
    return [merkle.leaf_hash(str(number).encode()) for number in range(size)]


def brute_root(leaves: list[bytes]) -> bytes:
    """MTH, written down as the RFC says it."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + brute_root(leaves[:k]) + brute_root(leaves[k:])).digest()


def brute_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH, written down as the RFC says it."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if index < k:
        return [*brute_path(index, leaves[:k]), brute_root(leaves[k:])]
    return [*brute_path(index - k, leaves[k:]), brute_root(leaves[:k])]


def brute_subproof(first: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF, written down as the RFC says it."""
    if first == len(leaves):
        return [] if whole else [brute_root(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if first <= k:
        return [*brute_subproof(first, leaves[:k], whole), brute_root(leaves[k:])]
    return [*brute_subproof(first - k, leaves[k:], False), brute_root(leaves[:k])]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_published_roots_come_out(size: int) -> None:
    leaves = [merkle.leaf_hash(leaf) for leaf in LEAVES[:size]]
    assert merkle.root(leaves).hex() == ROOTS[size - 1]
    assert merkle.root_of(size, merkle.nodes_of(leaves)).hex() == ROOTS[size - 1]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert merkle.root([]) == merkle.EMPTY_ROOT == sha256(b"").digest()
    assert merkle.root_of(0, merkle.nodes_of([])) == merkle.EMPTY_ROOT
    assert merkle.Frontier().root() == merkle.EMPTY_ROOT


@given(sizes)
def test_every_way_to_a_root_agrees_with_the_recursion(size: int) -> None:
    leaves = hashes(size)
    expected = brute_root(leaves)
    frontier = merkle.Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    assert merkle.root(leaves) == expected
    assert merkle.root_of(size, merkle.nodes_of(leaves)) == expected
    assert frontier.root() == expected
    assert frontier.size == size


@given(sizes)
def test_roots_agree_with_pymerkle(size: int) -> None:
    tree = InmemoryTree(algorithm="sha256")
    for number in range(size):
        tree.append_entry(str(number).encode())
    assert merkle.root(hashes(size)) == tree.get_root()


@given(sizes, st.data())
def test_inclusion_paths_agree_with_the_recursion_and_verify(
    size: int, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = hashes(size)
    proof = merkle.inclusion_path(leaves, index)
    assert proof == brute_path(index, leaves)
    assert merkle.verify_inclusion(
        index=index, size=size, leaf=leaves[index], proof=proof, expected_root=merkle.root(leaves)
    )


@given(sizes, st.data())
def test_consistency_paths_agree_with_the_recursion_and_verify(
    second: int, data: st.DataObject
) -> None:
    first = data.draw(st.integers(1, second))
    leaves = hashes(second)
    proof = merkle.consistency_path(leaves, first)
    assert proof == brute_subproof(first, leaves, True)
    assert merkle.verify_consistency(
        first=first,
        second=second,
        first_root=merkle.root(leaves[:first]),
        second_root=merkle.root(leaves),
        proof=proof,
    )


@given(sizes, st.data())
def test_a_wrong_leaf_place_or_step_is_not_included(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = hashes(size)
    proof = merkle.inclusion_path(leaves, index)
    expected = merkle.root(leaves)

    def included(
        index: int = index,
        size: int = size,
        leaf: bytes = leaves[index],
        proof: list[bytes] = proof,
    ) -> bool:
        return merkle.verify_inclusion(
            index=index, size=size, leaf=leaf, proof=proof, expected_root=expected
        )

    other = merkle.leaf_hash(b"another")
    assert not included(leaf=other)
    assert not included(proof=[*proof, other])
    assert not included(index=size)
    assert not included(index=-1)
    if proof:
        step = data.draw(st.integers(0, len(proof) - 1))
        assert not included(proof=proof[:-1])
        assert not included(proof=[*proof[:step], other, *proof[step + 1 :]])
        wrong = data.draw(st.integers(0, size - 1).filter(lambda place: place != index))
        assert not included(index=wrong)


@given(st.integers(2, 200), st.data())
def test_a_rewritten_history_is_not_consistent(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, second - 1))
    changed = data.draw(st.integers(0, first - 1))
    leaves = hashes(second)
    rewritten = [*leaves]
    rewritten[changed] = merkle.leaf_hash(b"another")
    for proof in (
        merkle.consistency_path(leaves, first),
        merkle.consistency_path(rewritten, first),
    ):
        assert not merkle.verify_consistency(
            first=first,
            second=second,
            first_root=merkle.root(leaves[:first]),
            second_root=merkle.root(rewritten),
            proof=proof,
        )


def test_the_empty_tree_proves_nothing() -> None:
    leaves = hashes(3)
    with pytest.raises(ValueError, match="no consistency proof"):
        merkle.consistency_path(leaves, 0)
    assert not merkle.verify_consistency(
        first=0,
        second=3,
        first_root=merkle.EMPTY_ROOT,
        second_root=merkle.root(leaves),
        proof=[],
    )


def test_equal_sizes_need_equal_roots_and_no_proof() -> None:
    head = merkle.root(hashes(5))
    assert merkle.verify_consistency(first=5, second=5, first_root=head, second_root=head, proof=[])
    assert not merkle.verify_consistency(
        first=5, second=5, first_root=head, second_root=head, proof=[head]
    )
    assert not merkle.verify_consistency(
        first=5, second=5, first_root=head, second_root=merkle.EMPTY_ROOT, proof=[]
    )


@pytest.mark.parametrize("index", [-1, 4])
def test_a_leaf_outside_has_no_path(index: int) -> None:
    with pytest.raises(ValueError, match="is not in a tree"):
        merkle.inclusion_path(hashes(4), index)


def test_a_list_does_not_pretend_to_hold_more_leaves_than_it_does() -> None:
    with pytest.raises(IndexError):
        merkle.root_of(5, merkle.nodes_of(hashes(4)))
