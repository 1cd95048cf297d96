"""Hashes, proofs and signatures against vectors that others published."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure_client import dure_verify as verify
from tests.dure_client import log_folder as oracle

# The reference tree of Certificate Transparency (google/certificate-transparency, merkletree).
CT_LEAVES = [
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
CT_ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)

# RFC 8032, section 7.1, tests 1 to 3: key, message, signature.
RFC_8032 = (
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
        "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da0"
        "85ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac1"
        "8ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
)

# The example of Go's golang.org/x/mod/sumdb/note, the format's reference implementation.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
GO_NOTE = (
    GO_TEXT + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgK"
    "vqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_of_the_reference_tree(size: int) -> None:
    leaves = [verify.leaf_hash(body) for body in CT_LEAVES[:size]]
    assert verify.tree_root(leaves).hex() == CT_ROOTS[size - 1]


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert verify.tree_root([]).hex().startswith("e3b0c44298fc1c149afbf4c8996fb924")


@given(st.integers(1, 70).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))))
def test_every_inclusion_proof_leads_to_the_root_and_no_other_leaf_does(
    place: tuple[int, int],
) -> None:
    index, size = place
    leaves = [verify.leaf_hash(bytes([n])) for n in range(size)]
    path = oracle.path_of(index, leaves)
    root = oracle.root_of(leaves)
    assert verify.root_from_inclusion(leaves[index], index, size, path) == root
    assert verify.root_from_inclusion(verify.leaf_hash(b"other"), index, size, path) != root


def test_an_inclusion_proof_of_the_wrong_length_is_refused() -> None:
    leaves = [verify.leaf_hash(bytes([n])) for n in range(7)]
    path = oracle.path_of(3, leaves)
    for wrong in (path[:-1], [*path, path[0]]):
        with pytest.raises(verify.Tampered):
            verify.root_from_inclusion(leaves[3], 3, 7, wrong)


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n))))
def test_a_log_that_grew_is_consistent_and_one_that_was_rewritten_is_not(
    sizes: tuple[int, int],
) -> None:
    first, second = sizes
    leaves = [verify.leaf_hash(bytes([n])) for n in range(second)]
    path = oracle.consistency_of(first, leaves)
    old, new = oracle.root_of(leaves[:first]), oracle.root_of(leaves)
    verify.check_consistency(first, second, path, old, new)
    with pytest.raises(verify.Tampered):
        verify.check_consistency(first, second, path, verify.leaf_hash(b"rewritten"), new)


@pytest.mark.parametrize(("key", "message", "signature"), RFC_8032)
def test_signatures_of_rfc_8032(key: str, message: str, signature: str) -> None:
    arguments = (bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature))
    assert verify.ed25519_verify(*arguments)
    assert verify._ed25519_in_python(*arguments)
    forged = (arguments[0], arguments[1] + b"!", arguments[2])
    assert not verify.ed25519_verify(*forged)
    assert not verify._ed25519_in_python(*forged)


def test_a_signature_with_a_scalar_beyond_the_group_order_is_refused() -> None:
    key, message, signature = (bytes.fromhex(text) for text in RFC_8032[1])
    scalar = int.from_bytes(signature[32:], "little") + verify._L
    malleated = signature[:32] + scalar.to_bytes(32, "little")
    assert not verify._ed25519_in_python(key, message, malleated)
    assert not verify.ed25519_verify(key, message, malleated)


def test_a_note_signed_by_another_implementation_opens() -> None:
    key = verify.VerifierKey.parse(GO_KEY)
    assert verify.open_note(GO_NOTE.encode(), key) == GO_TEXT


def test_a_changed_note_is_tampered_with_and_a_foreign_key_says_nothing() -> None:
    key = verify.VerifierKey.parse(GO_KEY)
    with pytest.raises(verify.Tampered):
        verify.open_note(GO_NOTE.replace("answer", "question").encode(), key)
    with pytest.raises(verify.Unverifiable):
        verify.open_note(GO_NOTE.encode(), verify.VerifierKey.parse(oracle.verifier_key()))


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        GO_KEY.replace("c74f20a3", "c74f20a4"),
        "name+00000000+" + base64.b64encode(b"\x02" + bytes(32)).decode(),
        "name+zz+AAAA",
    ],
)
def test_a_key_that_does_not_hold_together_is_refused(text: str) -> None:
    with pytest.raises(verify.Unverifiable):
        verify.VerifierKey.parse(text)


@pytest.mark.parametrize(
    ("number", "width", "path"),
    [
        (0, 256, "tile/0/000"),
        (5, 112, "tile/0/005.p/112"),
        (1_234_067, 256, "tile/0/x001/x234/067"),
        (999, 1, "tile/0/999.p/1"),
        (1_000, 256, "tile/0/x001/000"),
    ],
)
def test_tiles_stand_where_the_specification_puts_them(number: int, width: int, path: str) -> None:
    assert verify.tile_path(0, number, width) == path


def test_canonical_json_orders_names_by_utf_16_as_rfc_8785_does() -> None:
    # RFC 8785, section 3.2.3, with integers in place of its texts.
    names = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    ordered = ["\\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    found = verify.canonical(names).decode()
    assert [part.split('"')[1] for part in found.split(",")] == ordered


def test_a_float_has_no_canonical_form() -> None:
    with pytest.raises(verify.Unverifiable):
        verify.canonical({"amount": 0.1})
