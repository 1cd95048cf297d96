"""A witness signs only what continues what it saw, whatever the log says meanwhile."""

from __future__ import annotations

import base64
import socket
import tempfile
import threading
import urllib.error
import urllib.request
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from dure_client import dure_verify
from dure_client import dure_witness as w
from governance.log import cosign, merkle, note
from tests.dure_client.test_verify_fuzz import changed, changes

ORIGIN, NAME = "log.example/log", "witness.example"
LEAVES = [merkle.leaf_hash(str(n).encode()) for n in range(40)]
MOMENT = 1_795_000_000
LOG_KEY = Ed25519PrivateKey.from_private_bytes(b"l" * 32)
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
WITNESS_KEY = Ed25519PrivateKey.from_private_bytes(b"w" * 32)


def signed(
    size: int, *, root: bytes | None = None, key: Ed25519PrivateKey = LOG_KEY, origin: str = ORIGIN
) -> str:
    head = note.Checkpoint(origin, size, root or merkle.root(LEAVES[:size]))
    public = key.public_key().public_bytes_raw()
    return note.sign_note(note.checkpoint_text(head), name=origin, public_key=public, sign=key.sign)


def request(old: int, checkpoint: str, proof: list[bytes] | None = None) -> bytes:
    lines = [f"old {old}", *(base64.b64encode(h).decode() for h in proof or [])]
    return ("\n".join(lines) + "\n\n" + checkpoint).encode()


def grown(old: int, new: int) -> bytes:
    proof = merkle.consistency_path(LEAVES[:new], old) if 0 < old < new else []
    return request(old, signed(new), list(proof))


@pytest.fixture
def witness(tmp_path: Path) -> w.Witness:
    vkey = note.verifier_key(ORIGIN, LOG_KEY.public_key().public_bytes_raw())
    return w.Witness(NAME, w.load_key(tmp_path), [vkey], tmp_path)


def test_nobody_else_puts_lines_into_what_monitors_read(witness: w.Witness) -> None:
    """The checkpoint is public, so that anybody can hand it in with lines of their own."""
    junk = "".join(f"— {name} {'QUJD' * 900}\n" for name in ("stranger", ORIGIN, NAME))
    witness.add_checkpoint(request(0, signed(5) + junk), moment=MOMENT)
    shown = witness.latest(sha256(ORIGIN.encode()).hexdigest())
    assert shown is not None
    assert "QUJDQUJD" not in shown
    keys = [dure_verify.VerifierKey.parse(text) for text in witness.verifier_keys]
    log = dure_verify.VerifierKey.parse(
        note.verifier_key(ORIGIN, LOG_KEY.public_key().public_bytes_raw())
    )
    policy = dure_verify.Policy.of(keys, None)
    assert dure_verify.signed_checkpoint(shown.encode(), [log], policy).size == 5


def test_what_an_earlier_version_kept_is_continued(witness: w.Witness, tmp_path: Path) -> None:
    file = tmp_path / f"{sha256(ORIGIN.encode()).hexdigest()}.checkpoint"
    file.write_text(signed(5).removesuffix("\n") + "— witness.example QUJD\n", encoding="utf-8")
    assert refused(witness, grown(0, 6)) == (409, "5\n")
    witness.add_checkpoint(grown(5, 12), moment=MOMENT)


def test_a_log_with_a_key_of_each_kind_is_shown_with_both(tmp_path: Path) -> None:
    second = MLDSA44PrivateKey.from_seed_bytes(b"m" * 32)
    public = second.public_key().public_bytes_raw()
    log = cosign.CosignerKey(ORIGIN, cosign.MLDSA44_COSIGNATURE, public)
    ed25519 = note.verifier_key(ORIGIN, LOG_KEY.public_key().public_bytes_raw())
    witness = w.Witness(NAME, WITNESS_KEY, [ed25519, log.verifier_key], tmp_path)
    head = note.Checkpoint(ORIGIN, 5, merkle.root(LEAVES[:5]))
    line = cosign.cosignature_line(
        log, second.sign(cosign.mldsa44_message(head, cosigner=ORIGIN, moment=MOMENT)), MOMENT
    )
    forged = cosign.cosignature_line(log, bytes(2420), MOMENT)
    assert refused(witness, request(0, signed(5) + forged))[0] == 403
    witness.add_checkpoint(request(0, signed(5) + line), moment=MOMENT)
    shown = witness.latest(sha256(ORIGIN.encode()).hexdigest())
    assert shown is not None
    keys = [dure_verify.VerifierKey.parse(text) for text in (ed25519, log.verifier_key)]
    assert dure_verify.signed_checkpoint(shown.encode(), keys).size == 5


def refused(witness: w.Witness, body: bytes) -> tuple[int, str]:
    with pytest.raises(w.Refused) as caught:
        witness.add_checkpoint(body, moment=MOMENT)
    return int(caught.value.status), caught.value.body


def test_a_log_that_grows_is_cosigned_every_time(witness: w.Witness) -> None:
    for old, new in [(0, 1), (1, 2), (2, 7), (7, 8), (8, 8), (8, 33), (33, 40)]:
        line, post_quantum = witness.add_checkpoint(grown(old, new), moment=MOMENT).splitlines()
        key = cosign.parse_cosigner_key(witness.verifier_keys[1])
        lines = note.split_note(signed(new) + post_quantum + "\n")[1]
        assert cosign.cosigned_at(signed(new).rpartition("\n\n")[0] + "\n", lines[1], key) == MOMENT
        name, _, encoded = line.removeprefix("— ").strip().partition(" ")
        blob = base64.b64decode(encoded)
        assert name == NAME
        assert blob[:4].hex() == witness.verifier_key.split("+")[1]
        assert int.from_bytes(blob[4:12], "big") == MOMENT
        text = signed(new).rpartition("\n\n")[0] + "\n"
        message = f"cosignature/v1\ntime {MOMENT}\n{text}".encode()
        witness.key.public_key().verify(blob[12:], message)
        with pytest.raises(InvalidSignature):
            witness.key.public_key().verify(blob[12:], text.encode())
    shown = witness.latest(sha256(ORIGIN.encode()).hexdigest())
    assert shown is not None
    assert note.open_note(shown, name=ORIGIN, public_key=LOG_KEY.public_key().public_bytes_raw())


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"\xff", 400),
        (b"old 01\n\n", 400),
        (b"new 0\n\n" + signed(1).encode(), 400),
        (b"old 0\nnot base64!\n\n" + signed(1).encode(), 400),
        (b"old 0\nQUJD\n\n" + signed(1).encode(), 400),
        (request(0, "rubbish\n\n— x y\n"), 400),
        (request(9, signed(3)), 400),
        (request(0, signed(3, origin="other.example/log")), 404),
        (request(0, signed(3, key=OTHER_KEY)), 403),
        (request(0, signed(3).replace("\n3\n", "\n4\n")), 403),
        (request(2, signed(3)), 409),
        (request(0, signed(3), [LEAVES[0]]), 422),
        (request(0, signed(3), [LEAVES[0]] * 64), 400),
        (b"old " + b"9" * 5000 + b"\n\n" + signed(3).encode(), 400),
        (request(0, signed(2**63, root=LEAVES[0])), 400),
        (request(0, signed(10**18, root=LEAVES[0]).replace("0\n", "0" * 5000 + "\n")), 400),
        (request(0, signed(0, root=LEAVES[0])), 422),
        (request(0, signed(3).replace("\n3\n", "\n3\n", 1) + "\x00"), 400),
        (request(0, signed(3).replace("— ", "-- ")), 400),
        (request(0, signed(3).removesuffix("\n")), 400),
        (request(0, signed(3) + "— an other QUJDREVG\n"), 400),
        (request(0, signed(3) + "— other QUJD\n"), 400),
        (request(0, signed(3) + "anything\n"), 400),
        (request(0, signed(3).removesuffix("\n") + "\u2028anything\n"), 400),
        (request(0, signed(3).replace("— ", "— log ")), 400),
        (request(0, signed(3) + signed(4).rpartition("\n\n")[2]), 403),
    ],
)
def test_what_does_not_fit_is_refused_with_the_status_of_the_protocol(
    witness: w.Witness, body: bytes, status: int
) -> None:
    assert refused(witness, body)[0] == status
    assert witness.latest(sha256(ORIGIN.encode()).hexdigest()) is None


def test_a_rewritten_a_forked_and_a_shortened_log_are_not_signed(witness: w.Witness) -> None:
    witness.add_checkpoint(grown(0, 20), moment=MOMENT)
    before = witness.latest(sha256(ORIGIN.encode()).hexdigest())
    forged = merkle.root([merkle.leaf_hash(b"forged"), *LEAVES[1:25]])
    proof = list(merkle.consistency_path(LEAVES[:25], 20))
    assert refused(witness, request(20, signed(25, root=forged), proof))[0] == 422
    assert refused(witness, request(20, signed(20, root=forged)))[0] == 409
    assert refused(witness, request(10, signed(12))) == (409, "20\n")
    assert refused(witness, request(20, signed(12)))[0] == 400
    assert refused(witness, request(20, signed(25), proof[:-1]))[0] == 422
    assert witness.latest(sha256(ORIGIN.encode()).hexdigest()) == before


def test_what_was_seen_outlives_the_process(witness: w.Witness, tmp_path: Path) -> None:
    witness.add_checkpoint(grown(0, 20), moment=MOMENT)
    (tmp_path / "left.new").write_text("half a file")
    again = w.Witness(
        NAME,
        w.load_key(tmp_path),
        [note.verifier_key(ORIGIN, LOG_KEY.public_key().public_bytes_raw())],
        tmp_path,
    )
    assert again.verifier_key == witness.verifier_key
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o400
    assert refused(again, grown(0, 25)) == (409, "20\n")
    again.add_checkpoint(grown(20, 25), moment=MOMENT)


def test_of_two_that_start_from_the_same_size_one_wins(witness: w.Witness) -> None:
    outcomes: list[int] = []

    def ask(size: int) -> None:
        try:
            witness.add_checkpoint(grown(0, size), moment=MOMENT)
            outcomes.append(200)
        except w.Refused as found:
            outcomes.append(int(found.status))

    threads = [threading.Thread(target=ask, args=(size,)) for size in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [200] + [409] * 7


def test_over_http(witness: w.Witness) -> None:
    server = w.server(witness, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        with urllib.request.urlopen(f"{url}/add-checkpoint", data=grown(0, 5)) as answer:
            assert answer.read().decode().startswith(f"— {NAME} ")
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{url}/add-checkpoint", data=grown(0, 6))
        with caught.value as found:
            assert found.code == HTTPStatus.CONFLICT
            # Tessera's and sigsum's clients compare it letter by letter.
            assert found.headers["Content-Type"] == "text/x.tlog.size"
            assert found.read() == b"5\n"
        origin = sha256(ORIGIN.encode()).hexdigest()
        with urllib.request.urlopen(f"{url}/{origin}/checkpoint") as answer:
            assert answer.read().decode().startswith(f"{ORIGIN}\n5\n")
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{url}/{'0' * 64}/checkpoint")
        caught.value.close()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("length", ["²", "-1", "+5", "5 5", "x", "", "9" * 40, "65537"])
def test_a_length_that_makes_no_sense_is_refused(witness: w.Witness, length: str) -> None:
    server = w.server(witness, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        address = ("127.0.0.1", server.server_address[1])
        with socket.create_connection(address, timeout=10) as line:
            head = f"POST /add-checkpoint HTTP/1.0\r\nContent-Length: {length}\r\n\r\n"
            line.sendall(head.encode("latin-1"))
            assert line.recv(1000).startswith(b"HTTP/1.0 400 ")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@settings(max_examples=200, deadline=None)
@given(change=changes())
def test_an_altered_request_is_refused_or_says_the_same(
    change: tuple[str, float, float, bytes],
) -> None:
    with tempfile.TemporaryDirectory() as name:
        vkey = note.verifier_key(ORIGIN, LOG_KEY.public_key().public_bytes_raw())
        witness = w.Witness(NAME, WITNESS_KEY, [vkey], Path(name))
        witness.add_checkpoint(grown(0, 5), moment=MOMENT)
        # Cosigned only where nothing was altered but what the log's key does not sign.
        seen, status = 12, 200
        try:
            witness.add_checkpoint(changed(grown(5, 12), change), moment=MOMENT)
        except w.Refused as found:
            seen, status = 5, int(found.status)
        assert status in {200, 400, 403, 404, 409, 422}
        kept = witness.latest(sha256(ORIGIN.encode()).hexdigest())
        assert kept is not None
        assert kept.startswith(signed(seen).rpartition("\n\n")[0])


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_refused(body: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        vkey = note.verifier_key(ORIGIN, LOG_KEY.public_key().public_bytes_raw())
        witness = w.Witness(NAME, WITNESS_KEY, [vkey], Path(name))
        assert refused(witness, body)[0] == 400
        assert refused(witness, b"old 0\n\n" + body)[0] in {400, 404}


@given(st.integers(1, 40), st.integers(1, 40), st.data())
def test_exactly_the_right_proof_holds(a: int, b: int, data: st.DataObject) -> None:
    old, new = sorted((a, b))
    proof = list(merkle.consistency_path(LEAVES[:new], old)) if old < new else []
    roots = merkle.root(LEAVES[:old]), merkle.root(LEAVES[:new])
    assert w.is_consistent(old, new, *roots, proof)
    assert not w.is_consistent(old, new, roots[0], b"\0" * 32, proof)
    assert not w.is_consistent(old, new, *roots, [*proof, b"\0" * 32])
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        assert not w.is_consistent(old, new, *roots, proof[:place] + proof[place + 1 :])


def test_the_key_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert w.main(["key", "--name", NAME, "--folder", str(tmp_path / "new")]) == 0
    assert capsys.readouterr().out.startswith(f"{NAME}+")
    assert not list((tmp_path / "new").glob("key.*"))
    for wrong in ("", "a b", "a+b", "x" * 256):
        with pytest.raises(SystemExit):
            w.main(["key", "--name", wrong, "--folder", str(tmp_path / "new")])
    with pytest.raises(SystemExit):
        w.main(["serve", "--name", NAME, "--log", "x", "--folder", str(tmp_path / "new")])
    with pytest.raises(ValueError, match="verifier key"):
        w.parse_vkey("name+00000000+" + base64.b64encode(b"\x01" + b"k" * 32).decode())
