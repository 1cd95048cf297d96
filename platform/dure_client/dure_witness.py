#!/usr/bin/env python3
"""dure-witness: sees that a log only grows, and signs what it saw. One file for any machine.

    dure-witness serve --name NAME --log VKEY [--log VKEY …] [--folder F] [--port P]
    dure-witness key   --name NAME [--folder F]

Speaks C2SP tlog-witness (``POST /add-checkpoint``), cosigns with Ed25519 and with ML-DSA-44
(tlog-cosignature; both keys are printed at the start), and shows monitors the
latest checkpoint at ``GET /<sha256 of the origin>/checkpoint``. A witness of a university or a
newspaper keeps an operator from showing different logs to different people, or from cutting off
the end. A log that changes its key, or has one of each kind, is given with all: one ``--log`` for
each. What it shows holds the signatures that it could check, and no line of anybody else. Needs
Python 3.11 and the cryptography package; keeps one small file a log.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import fcntl
import hashlib
import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

try:
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey
except ImportError:  # an older cryptography: Ed25519 alone
    MLDSA44PrivateKey = None  # type: ignore[assignment,misc]
    MLDSA44PublicKey = None  # type: ignore[assignment,misc]

ED25519, COSIGNATURE, MLDSA44 = 0x01, 0x04, 0x06
BODY_BYTES_MAX = 64 * 1024
PROOF_LINES_MAX = 63
KEY_SIZES = {ED25519: 32, MLDSA44: 1312}
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
# A tree holds at most so many leaves: what a cosignature can say, and a reader can hold.
SIZE_MAX = 2**63 - 1
TEXT = "text/plain; charset=utf-8"
_LENGTH = re.compile(r"[0-9]{1,9}", re.ASCII)


class Refused(Exception):
    """An answer other than 200, with the body that goes with it."""

    def __init__(self, status: HTTPStatus, text: str = "", *, size: int | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.body = f"{size}\n" if size is not None else f"{text}\n"
        # Clients compare the type of a size letter by letter: no charset beside it.
        self.content_type = "text/x.tlog.size" if size is not None else TEXT


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def key_id(name: str, kind: int, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + bytes([kind]) + public)[:4]


def vkey(name: str, kind: int, public: bytes) -> str:
    material = base64.b64encode(bytes([kind]) + public).decode()
    return f"{name}+{key_id(name, kind, public).hex()}+{material}"


@dataclass(frozen=True)
class LogKey:
    """A key of a log: its kind (ED25519 or MLDSA44) and the bare public key."""

    kind: int
    public: bytes


def parse_vkey(text: str) -> tuple[str, LogKey]:
    """Name and public key of a log; ValueError when the text does not hold together."""
    name, _, rest = text.strip().partition("+")
    declared, _, encoded = rest.partition("+")
    material = base64.b64decode(encoded, validate=True)
    kind, public = material[0] if material else 0, material[1:]
    if (
        not name
        or len(public) != KEY_SIZES.get(kind)
        or key_id(name, kind, public).hex() != (declared)
    ):
        raise ValueError(f"{text!r} is neither an Ed25519 nor an ML-DSA-44 verifier key")
    if kind == MLDSA44 and MLDSA44PublicKey is None:
        raise ValueError("an ML-DSA-44 key needs a newer cryptography package")
    return name, LogKey(kind, public)


@dataclass(frozen=True)
class Checkpoint:
    """What a log says about itself; ``text`` is the signed part, ``note`` all of it.

    ``lines`` are name, blob and text of each signature.
    """

    origin: str
    size: int
    root: bytes
    text: str
    note: str
    lines: tuple[tuple[str, bytes, str], ...]


def parse_checkpoint(note: str) -> Checkpoint:
    """Reads a signed note; Refused with 400 when it is malformed."""
    text, blank, signatures = note.rpartition("\n\n")
    lines = text.split("\n")
    if not blank or len(lines) < 3 or not lines[0] or _SIZE.fullmatch(lines[1]) is None:
        raise Refused(HTTPStatus.BAD_REQUEST, "malformed checkpoint")
    root = _decoded(lines[2])
    if int(lines[1]) > SIZE_MAX:
        raise Refused(HTTPStatus.BAD_REQUEST, "the size is too large")
    if any(ord(letter) < 0x20 and letter != "\n" for letter in note):
        raise Refused(HTTPStatus.BAD_REQUEST, "a control character in the checkpoint")
    if len(root) != 32:
        raise Refused(HTTPStatus.BAD_REQUEST, "malformed root")
    found = tuple(_signature(line) for line in signatures.removesuffix("\n").split("\n"))
    if not signatures.endswith("\n"):
        raise Refused(HTTPStatus.BAD_REQUEST, "the last line of the note has no end")
    return Checkpoint(lines[0], int(lines[1]), root, text + "\n", note, found)


def _signature(line: str) -> tuple[str, bytes, str]:
    """Name and blob of a signature line, as strictly as its readers take it."""
    name, _, encoded = line.removeprefix("— ").partition(" ")
    if not line.startswith("— ") or not name or "+" in name or any(map(str.isspace, name)):
        raise Refused(HTTPStatus.BAD_REQUEST, "malformed signature line")
    blob = _decoded(encoded)
    if len(blob) < 5 or base64.b64encode(blob).decode() != encoded:
        raise Refused(HTTPStatus.BAD_REQUEST, "malformed signature line")
    return name, blob, f"{line}\n"


def signed_lines(head: Checkpoint, keys: Sequence[LogKey]) -> str:
    """The lines that keys of the log signed; Refused with 403 where one of them does not hold.

    Lines by other keys are left aside: anybody could have put them there.
    """
    wanted = {key_id(head.origin, key.kind, key.public): key for key in keys}
    held = []
    for name, blob, line in head.lines:
        key = wanted.get(blob[:4]) if name == head.origin else None
        if key is None:
            continue
        if not _holds(key, head, blob[4:]):
            raise Refused(HTTPStatus.FORBIDDEN, "a signature by the log's key does not hold")
        held.append(line)
    if not held:
        raise Refused(HTTPStatus.FORBIDDEN, "no signature by the log's key")
    return "".join(dict.fromkeys(held))


def _holds(key: LogKey, head: Checkpoint, signature: bytes) -> bool:
    try:
        if key.kind == ED25519:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, head.text.encode())
            return True
        moment = int.from_bytes(signature[:8], "big")
        message = cosigned_message(head.origin, head, moment)
        MLDSA44PublicKey.from_public_bytes(key.public).verify(signature[8:], message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


def is_consistent(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """RFC 9162, 2.1.4.2: whether the tree of size ``new`` continues that of size ``old``."""
    if old == 0:
        return not proof and (new > 0 or new_root == sha256(b""))
    if old == new:
        return not proof and old_root == new_root
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = path[0]
    for step in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            first, second = _node(step, first), _node(step, second)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = _node(second, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and first == old_root and second == new_root


def cosigned_message(cosigner: str, head: Checkpoint, moment: int) -> bytes:
    """What an ML-DSA-44 cosigner signs of a whole tree (tlog-cosignature)."""
    name, origin = cosigner.encode(), head.origin.encode()
    if not 0 < len(name) < 256 or not 0 < len(origin) < 256:
        raise Refused(HTTPStatus.BAD_REQUEST, "too long a name")
    message = b"subtree/v1\n\0" + bytes([len(name)]) + name + moment.to_bytes(8, "big")
    message += bytes([len(origin)]) + origin + bytes(8)
    return message + head.size.to_bytes(8, "big") + head.root


def _mldsa_key(key: Ed25519PrivateKey) -> MLDSA44PrivateKey | None:
    """The second key follows from the first one's secret, so that one file is all to keep."""
    if MLDSA44PrivateKey is None:
        return None
    try:
        seed = sha256(b"dure-witness/ml-dsa-44|" + key.private_bytes_raw())
        return MLDSA44PrivateKey.from_seed_bytes(seed)
    except UnsupportedAlgorithm:
        return None


class Witness:
    """The rules of a witness; everything it remembers is on disk before it signs."""

    def __init__(
        self, name: str, key: Ed25519PrivateKey, logs: Sequence[str], folder: Path
    ) -> None:
        self.name, self.key, self.folder = name, key, folder
        self.mldsa = _mldsa_key(key)
        self.logs: dict[str, list[LogKey]] = {}
        for text in logs:
            origin, log_key = parse_vkey(text)
            self.logs.setdefault(origin, []).append(log_key)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def verifier_key(self) -> str:
        return vkey(self.name, COSIGNATURE, self.key.public_key().public_bytes_raw())

    @property
    def verifier_keys(self) -> list[str]:
        """The Ed25519 key and, where the library has it, the ML-DSA-44 key."""
        if self.mldsa is None:
            return [self.verifier_key]
        public = self.mldsa.public_key().public_bytes_raw()
        return [self.verifier_key, vkey(self.name, MLDSA44, public)]

    def add_checkpoint(self, body: bytes, *, moment: int) -> str:
        """The cosignature lines for a checkpoint that continues what was seen; else Refused."""
        old, proof, head = _parse_request(body)
        if head.origin not in self.logs:
            raise Refused(HTTPStatus.NOT_FOUND, "unknown log")
        signed = signed_lines(head, self.logs[head.origin])
        if old > head.size:
            raise Refused(HTTPStatus.BAD_REQUEST, "the old size is larger than the new one")
        with self._locked(head.origin) as path:
            seen = _remembered(path)
            seen_size = 0 if seen is None else seen.size
            if old != seen_size:
                raise Refused(HTTPStatus.CONFLICT, size=seen_size)
            seen_root = head.root if seen is None else seen.root
            if seen is not None and old == head.size and head.root != seen_root:
                # The log shows two faces: no other size to start from would help.
                raise Refused(HTTPStatus.CONFLICT, "another root was seen at this size")
            if not is_consistent(old, head.size, seen_root, head.root, proof):
                raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "the proof does not hold")
            lines = self._cosign(head, moment)
            _write(path, f"{head.text}\n{signed}{lines}")
        return lines

    def latest(self, origin_hash: str) -> str | None:
        """The newest checkpoint of a log, with the cosignature; None if none was seen."""
        for origin in self.logs:
            if sha256(origin.encode()).hex() == origin_hash:
                path = self._path(origin)
                return path.read_text(encoding="utf-8") if path.exists() else None
        return None

    def _cosign(self, head: Checkpoint, moment: int) -> str:
        signature = self.key.sign(f"cosignature/v1\ntime {moment}\n{head.text}".encode())
        lines = self._line(COSIGNATURE, self.key.public_key().public_bytes_raw(), moment, signature)
        if self.mldsa is not None:
            signature = self.mldsa.sign(cosigned_message(self.name, head, moment))
            public = self.mldsa.public_key().public_bytes_raw()
            lines += self._line(MLDSA44, public, moment, signature)
        return lines

    def _line(self, kind: int, public: bytes, moment: int, signature: bytes) -> str:
        blob = key_id(self.name, kind, public) + moment.to_bytes(8, "big") + signature
        return f"— {self.name} {base64.b64encode(blob).decode()}\n"

    def _path(self, origin: str) -> Path:
        return self.folder / f"{sha256(origin.encode()).hex()}.checkpoint"

    @contextmanager
    def _locked(self, origin: str) -> Iterator[Path]:
        """Compare and swap: one request of a log at a time, over threads and processes."""
        path = self._path(origin)
        descriptor = os.open(path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield path
        finally:
            os.close(descriptor)


def _parse_request(body: bytes) -> tuple[int, list[bytes], Checkpoint]:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "not UTF-8") from error
    head, blank, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    word, _, size = first.partition(" ")
    if not blank or word != "old" or _SIZE.fullmatch(size) is None:
        raise Refused(HTTPStatus.BAD_REQUEST, "malformed request")
    if len(lines) > PROOF_LINES_MAX:
        raise Refused(HTTPStatus.BAD_REQUEST, "too long a proof")
    proof = [_decoded(line) for line in lines]
    if any(len(digest) != 32 for digest in proof):
        raise Refused(HTTPStatus.BAD_REQUEST, "malformed proof")
    return int(size), proof, parse_checkpoint(note)


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "not base64") from error


def _remembered(path: Path) -> Checkpoint | None:
    """What was seen last. Its signatures were checked then; files of earlier versions hold more."""
    if not path.exists():
        return None
    text = path.read_text(encoding="utf-8").rpartition("\n\n")[0]
    return parse_checkpoint(f"{text}\n\n— seen c2VlbiBoZXJl\n")


def _write(path: Path, text: str) -> None:
    """Replaces a file so that after a crash it is the old one or the new one, on disk."""
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def load_key(folder: Path) -> Ed25519PrivateKey:
    """The witness's own key, made once in a file that only this account reads."""
    path = folder / "key"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        # Whole on disk before it has its name: a crash leaves no half a key behind.
        fresh = folder / f"key.{os.getpid()}"
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o400)
        with os.fdopen(descriptor, "wb") as file:
            file.write(Ed25519PrivateKey.generate().private_bytes_raw())
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was quicker: its key it is
            os.link(fresh, path)
        fresh.unlink()
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


class _Handler(BaseHTTPRequestHandler):
    witness: Witness
    # A caller that stops in the middle of a request holds no thread for ever.
    timeout = 20

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        try:
            if self.path != "/add-checkpoint":
                raise Refused(HTTPStatus.NOT_FOUND, "unknown address")
            if _LENGTH.fullmatch(length) is None or int(length) > BODY_BYTES_MAX:
                raise Refused(HTTPStatus.BAD_REQUEST, "the length is missing or too large")
            body = self.rfile.read(int(length))
            self._answer(200, self.witness.add_checkpoint(body, moment=int(time.time())))
        except Refused as refused:
            self._answer(refused.status, refused.body, refused.content_type)

    def do_GET(self) -> None:
        origin, _, name = self.path.removeprefix("/").partition("/")
        found = self.witness.latest(origin) if name == "checkpoint" else None
        self._answer(404 if found is None else 200, found or "nothing here\n")

    def _answer(self, status: int, body: str, content_type: str = TEXT) -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: a witness keeps no record of who asks."""


def server(witness: Witness, host: str, port: int) -> ThreadingHTTPServer:
    """A server that answers with this witness; port 0 takes a free one."""
    handler = type("Handler", (_Handler,), {"witness": witness})
    return ThreadingHTTPServer((host, port), handler)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the witness or prints its verifier key."""
    parser = argparse.ArgumentParser(prog="dure-witness", description="Witnesses logs.")
    modes = parser.add_subparsers(dest="mode", required=True)
    for mode in ("serve", "key"):
        one = modes.add_parser(mode)
        one.add_argument("--name", required=True, help="name of the witness, as in a key")
        one.add_argument("--folder", type=Path, default=Path("dure-witness"))
        if mode == "serve":
            one.add_argument("--log", action="append", required=True, help="verifier key of a log")
            one.add_argument("--host", default="127.0.0.1")
            one.add_argument("--port", type=int, default=8765)
    arguments = parser.parse_args(argv)
    name, logs = arguments.name, getattr(arguments, "log", [])
    if not name or "+" in name or any(map(str.isspace, name)) or len(name.encode()) > 255:
        parser.error("a name has 1 to 255 bytes, no blanks and no plus sign")
    try:
        witness = Witness(name, load_key(arguments.folder), logs, arguments.folder)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    sys.stdout.write("".join(f"{key}\n" for key in witness.verifier_keys))
    if arguments.mode == "serve":
        served = server(witness, arguments.host, arguments.port)
        sys.stdout.write(f"http://{arguments.host}:{served.server_address[1]}\n")
        sys.stdout.flush()
        served.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
