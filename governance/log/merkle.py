"""The Merkle tree of RFC 6962 (section 2.1): roots, proofs, and the checking of proofs.

Everything here is arithmetic on bytes. A tree is read through a function ``node(level, index)``
that answers the hash of the perfect subtree of ``2**level`` leaves starting at leaf
``index * 2**level``; lists of leaf hashes are one such source, stored tiles are another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

HASH_SIZE_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

Node = Callable[[int, int], bytes]


def leaf_hash(body: bytes) -> bytes:
    """SHA-256(0x00 ‖ body): the hash of one leaf."""
    return sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right): the hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes in order; the root of the empty tree is SHA-256 of nothing."""
    if not leaf_hashes:
        return EMPTY_ROOT
    row = list(leaf_hashes)
    while len(row) > 1:
        # A node without a right neighbour is carried up unchanged, which is exactly the
        # "largest power of two" split of the RFC read from the bottom.
        paired = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(row[::2], row[1::2], strict=False)
        ]
        if len(row) % 2:
            paired.append(row[-1])
        row = paired
    return row[0]


def nodes_of(leaf_hashes: Sequence[bytes]) -> Node:
    """Reads a plain list of leaf hashes as a tree."""

    def node(level: int, index: int) -> bytes:
        start, end = index << level, (index + 1) << level
        if end > len(leaf_hashes):
            msg = f"subtree {level}/{index} reaches past leaf {len(leaf_hashes)}"
            raise IndexError(msg)
        return root(leaf_hashes[start:end])

    return node


def root_of(size: int, node: Node) -> bytes:
    """The root of the first ``size`` leaves of the tree behind ``node``."""
    if size < 0:
        msg = f"a tree cannot have {size} leaves"
        raise ValueError(msg)
    return EMPTY_ROOT if size == 0 else _range_hash(0, size, node)


def inclusion_path(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """PATH(index, leaves): siblings from the leaf up. ValueError if the leaf is not there."""
    return inclusion_path_of(index, len(leaf_hashes), nodes_of(leaf_hashes))


def inclusion_path_of(index: int, size: int, node: Node) -> list[bytes]:
    """PATH(index, D[size]) of RFC 6962 section 2.1.1, from the leaf up."""
    if not 0 <= index < size:
        msg = f"leaf {index} is not in a tree of {size}"
        raise ValueError(msg)
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_hash(middle, end, node))
            end = middle
        else:
            path.append(_range_hash(start, middle, node))
            start = middle
    path.reverse()
    return path


def consistency_path(leaf_hashes: Sequence[bytes], first: int) -> list[bytes]:
    """PROOF(first, leaves): that the first leaves are a prefix of all of them."""
    return consistency_path_of(first, len(leaf_hashes), nodes_of(leaf_hashes))


def consistency_path_of(first: int, second: int, node: Node) -> list[bytes]:
    """PROOF(first, D[second]) of RFC 6962 section 2.1.2; ValueError unless 0 < first <= second."""
    if not 0 < first <= second:
        msg = f"no consistency proof leads from {first} to {second}"
        raise ValueError(msg)
    path: list[bytes] = []
    start, end, whole = 0, second, True
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            path.append(_range_hash(middle, end, node))
            end = middle
        else:
            path.append(_range_hash(start, middle, node))
            start, whole = middle, False
    if not whole:
        path.append(_range_hash(start, end, node))
    path.reverse()
    return path


def verify_inclusion(
    *, index: int, size: int, leaf: bytes, proof: Sequence[bytes], expected_root: bytes
) -> bool:
    """Whether ``proof`` shows the leaf hash at ``index`` under the root of ``size`` leaves.

    The algorithm is the one of RFC 9162 section 2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    place, last, running = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            running = node_hash(sibling, running)
            while place and not place & 1:
                place >>= 1
                last >>= 1
        else:
            running = node_hash(running, sibling)
        place >>= 1
        last >>= 1
    return last == 0 and running == expected_root


def verify_consistency(
    *, first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether ``proof`` shows that the tree of ``first`` leaves is a prefix of the second.

    The algorithm is the one of RFC 9162 section 2.1.4.2. The empty tree proves nothing, so
    ``first`` of 0 is refused.
    """
    if not 0 < first <= second:
        return False
    if first == second:
        return not proof and first_root == second_root
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    if not path:
        return False
    place, last = first - 1, second - 1
    while place & 1:
        place >>= 1
        last >>= 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old = node_hash(sibling, old)
            new = node_hash(sibling, new)
            while place and not place & 1:
                place >>= 1
                last >>= 1
        else:
            new = node_hash(new, sibling)
        place >>= 1
        last >>= 1
    return last == 0 and old == first_root and new == second_root


class Frontier:
    """The right edge of a growing tree: appends leaves in order, answers the root at any time."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[tuple[int, bytes]] = []

    def append(self, leaf: bytes) -> None:
        """Adds one leaf hash; amortised constant time."""
        self._join(0, leaf)

    def append_perfect(self, level: int, root: bytes) -> None:
        """Adds ``2**level`` leaves by the root over them; ValueError unless they fit as one."""
        if self.size % (1 << level):
            msg = f"a subtree of level {level} does not begin at leaf {self.size}"
            raise ValueError(msg)
        self._join(level, root)

    def _join(self, level: int, running: bytes) -> None:
        self.size += 1 << level
        edge = self._edge
        while edge and edge[-1][0] == level:
            running = sha256(b"\x01" + edge.pop()[1] + running).digest()
            level += 1
        edge.append((level, running))

    def root(self) -> bytes:
        """The root of all leaves appended so far."""
        if not self._edge:
            return EMPTY_ROOT
        running = self._edge[-1][1]
        for _, left in reversed(self._edge[:-1]):
            running = node_hash(left, running)
        return running


def _split(size: int) -> int:
    """The largest power of two smaller than ``size`` (which is at least 2)."""
    return 1 << (size - 1).bit_length() - 1


def _range_hash(start: int, end: int, node: Node) -> bytes:
    """The hash of leaves [start, end), a range that the RFC's recursion can produce."""
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(size)
    return node_hash(_range_hash(start, middle, node), _range_hash(middle, end, node))
