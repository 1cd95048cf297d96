"""Attacks that the database cannot see, tried on a log that is served, and who finds them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dure.core.signing import LogKey
from dure_client import dure_verify, dure_witness
from governance.log import key_chain, merkle, note
from governance.log.leaf import Leaf, build_leaf
from tests.dure_client import log_folder
from tests.dure_client.log_folder import LogFolder, checkpoint, leaf, path_of, root_of
from tests.governance.log import battery

SIZE, NOTED = 300, 270
CITY = LogKey(log_folder._KEY, None)
THIEF = LogKey(Ed25519PrivateKey.from_private_bytes(b"t" * 32), None)
VKEY, ORIGIN = log_folder.verifier_key(), log_folder.ORIGIN
OK, TAMPERED, UNVERIFIABLE = dure_verify.OK, dure_verify.TAMPERED, dure_verify.UNVERIFIABLE


def entry(number: int, **payload: object) -> bytes:
    return build_leaf(
        Leaf(
            kind=str(payload.pop("kind", "contribution.received")),
            ts="2026-11-22T00:00:00Z",
            origin_seq=number,
            actor="00",
            subject=None,
            payload=payload or {"receipt": f"D-2026-{number:08d}"},  # type: ignore[arg-type]
            schema="00",
        )
    )


def bodies(size: int = SIZE) -> list[bytes]:
    return [entry(number) for number in range(size)]


class City:
    """A served log, and what others kept of it when it had 270 entries."""

    def __init__(self, folder: Path) -> None:
        self.log = LogFolder(folder / "log", bodies())
        hashes = [leaf(body) for body in bodies(NOTED)]
        self.noted = folder / "noted"
        self.noted.write_text(checkpoint(NOTED, root_of(hashes)), encoding="utf-8")
        self.receipt = folder / "receipt.json"
        self.receipt.write_text(json.dumps(self.receipt_of(11, NOTED)), encoding="utf-8")
        self.witnesses = [
            dure_witness.Witness(f"w{n}.example", dure_witness.load_key(folder / f"w{n}"),
                                 [VKEY], folder / f"w{n}")
            for n in range(3)
        ]  # fmt: skip
        for witness in self.witnesses:
            witness.add_checkpoint(b"old 0\n\n" + self.noted.read_bytes(), moment=1)
        self.log.write()

    def receipt_of(self, index: int, size: int) -> dict[str, object]:
        hashes = [leaf(body) for body in self.log.bodies[:size]]
        body = self.log.bodies[index]
        return {
            "receipt": f"D-2026-{index:08d}",
            "entry": {"index": index, "body": body.decode(), "leaf_hash": leaf(body).hex()},
            "proof": {
                "index": index,
                "size": size,
                "leaf_hash": leaf(body).hex(),
                "proof": [step.hex() for step in path_of(index, hashes)],
                "root": root_of(hashes).hex(),
            },
            "checkpoint": checkpoint(size, root_of(hashes)),
        }

    def verify(self, *more: str) -> int:
        return dure_verify.main(["log", str(self.log.folder), "--key", VKEY, *more])

    def read(self, document: dict[str, object]) -> int:
        self.receipt.write_text(json.dumps(document), encoding="utf-8")
        return dure_verify.main(["receipt", str(self.receipt), "--key", VKEY])

    def rewrite(self, changed: list[bytes]) -> None:
        """What the holder of the key can do: another log, complete and signed."""
        self.log.bodies = changed
        self.log.write()

    def submit(self, old: int = NOTED) -> str:
        """What a witness answers to the served checkpoint: its lines, or the refusal's status."""
        text = (self.log.folder / "checkpoint").read_text(encoding="utf-8")
        hashes = [leaf(body) for body in self.log.bodies]
        proof = merkle.consistency_path(hashes, old) if 0 < old < len(hashes) else []
        lines = [f"old {old}", *(base64.b64encode(step).decode() for step in proof)]
        try:
            return self.witnesses[0].add_checkpoint(
                ("\n".join(lines) + "\n\n" + text).encode(), moment=2
            )
        except dure_witness.Refused as refused:
            return str(int(refused.status))

    def cosign(self, count: int) -> str:
        """Lines by the first witnesses under the served checkpoint."""
        text = (self.log.folder / "checkpoint").read_text(encoding="utf-8")
        head = dure_witness.parse_checkpoint(text)
        return "".join(witness._cosign(head, 3) for witness in self.witnesses[:count])

    def quorum(self, needed: int) -> list[str]:
        keys = [part for w in self.witnesses for part in ("--witness", w.verifier_key)]
        return [*keys, "--quorum", str(needed)]


@pytest.fixture
def city(tmp_path: Path) -> City:
    built = City(tmp_path)
    assert built.verify("--from", str(built.noted)) == OK
    assert built.read(json.loads(built.receipt.read_text())) == OK
    return built


Attack = Callable[[City], None]
ATTACKS: list[tuple[str, Attack]] = []


def attack(group: battery.Group, title: str, by: str) -> Callable[[Attack], Attack]:
    def enter(run: Attack) -> Attack:
        ATTACKS.append((group.add(title, by), run))
        return run

    return enter


# --- whoever serves the log and lacks the key ---------------------------------------------


@attack(battery.SERVER, "serve another body than was hashed", battery.VERIFIER)
def _body(city: City) -> None:
    city.log.put(city.log.path("entries", 1, 44), b"\x00\x01x" * 44)
    assert city.verify() == TAMPERED


@attack(battery.SERVER, "serve a bundle that ends early", battery.VERIFIER)
def _short(city: City) -> None:
    path = city.log.folder / city.log.path("entries", 1, 44)
    path.write_bytes(path.read_bytes()[:-9])
    assert city.verify() == TAMPERED


@attack(battery.SERVER, "serve a changed tile", battery.VERIFIER)
def _tile(city: City) -> None:
    path = city.log.folder / city.log.path("0", 0, 256)
    path.write_bytes(bytes(32) + path.read_bytes()[32:])
    assert city.verify() == TAMPERED


@attack(battery.SERVER, "serve a changed tile of a higher level", battery.VERIFIER)
def _level(city: City) -> None:
    city.log.put(city.log.path("1", 0, 1), bytes(32))
    assert city.verify() == TAMPERED


@attack(battery.SERVER, "leave a bundle out", battery.VERIFIER)
def _missing(city: City) -> None:
    (city.log.folder / city.log.path("entries", 0, 256)).unlink()
    assert city.verify() == UNVERIFIABLE


@attack(battery.SERVER, "serve a body and tiles that agree, below the old signature",
        battery.VERIFIER)  # fmt: skip
def _agreeing(city: City) -> None:
    signed = (city.log.folder / "checkpoint").read_bytes()
    city.rewrite([entry(999), *city.log.bodies[1:]])
    city.log.put("checkpoint", signed)
    assert city.verify() == TAMPERED


@attack(battery.SERVER, "change the size in the checkpoint", battery.VERIFIER)
def _size(city: City) -> None:
    signed = (city.log.folder / "checkpoint").read_text()
    city.rewrite(bodies(NOTED))
    text = (city.log.folder / "checkpoint").read_text()
    city.log.put("checkpoint", (text.split("\n\n")[0] + "\n\n" + signed.split("\n\n")[1]).encode())
    assert city.verify() == TAMPERED


@attack(battery.SERVER, "sign the log with a key of one's own", battery.VERIFIER)
def _own_key(city: City) -> None:
    text = (city.log.folder / "checkpoint").read_text().rpartition("\n\n")[0] + "\n"
    forged = note.sign_note(text, name=ORIGIN, public_key=THIEF.public, sign=THIEF.sign)
    city.log.put("checkpoint", forged.encode())
    assert city.verify() == UNVERIFIABLE


@attack(battery.SERVER, "serve the log of another city under this one's address",
        battery.VERIFIER)  # fmt: skip
def _other_log(city: City) -> None:
    text = (city.log.folder / "checkpoint").read_text().rpartition("\n\n")[0] + "\n"
    forged = note.sign_note(
        text.replace(ORIGIN, "other.example"), name="other.example",
        public_key=THIEF.public, sign=THIEF.sign,
    )  # fmt: skip
    city.log.put("checkpoint", forged.encode())
    assert city.verify() == UNVERIFIABLE


@attack(battery.SERVER, "go on serving yesterday's log", battery.CONTINUED)
def _stale(city: City) -> None:
    newest = (city.log.folder / "checkpoint").read_text()
    city.noted.write_text(newest)
    city.rewrite(bodies(NOTED))
    assert city.verify() == OK
    assert city.verify("--from", str(city.noted)) == TAMPERED


@attack(battery.SERVER, "hand out a receipt for an entry that is not in the log", battery.HOLDER)
def _no_entry(city: City) -> None:
    document = city.receipt_of(5, SIZE)
    body = entry(5, receipt="D-2026-99999999").decode()
    digest = leaf(body.encode()).hex()
    document["entry"] = {"index": 5, "body": body, "leaf_hash": digest}
    document["proof"] = {**document["proof"], "leaf_hash": digest}  # type: ignore[dict-item]
    document["receipt"] = "D-2026-99999999"
    assert city.read(document) == TAMPERED


@attack(battery.SERVER, "put another receipt number on a proof", battery.HOLDER)
def _number(city: City) -> None:
    assert city.read({**city.receipt_of(5, SIZE), "receipt": "D-2026-00000006"}) == TAMPERED


@attack(battery.SERVER, "give the proof of another place", battery.HOLDER)
def _place(city: City) -> None:
    document = city.receipt_of(5, SIZE)
    document["proof"] = city.receipt_of(6, SIZE)["proof"]
    assert city.read(document) == TAMPERED


@attack(battery.SERVER, "give a proof under an unsigned checkpoint", battery.HOLDER)
def _unsigned(city: City) -> None:
    document = city.receipt_of(5, SIZE)
    text = str(document["checkpoint"]).rpartition("\n\n")[0] + "\n"
    document["checkpoint"] = note.sign_note(
        text, name=ORIGIN, public_key=THIEF.public, sign=THIEF.sign
    )
    assert city.read(document) == UNVERIFIABLE


@attack(battery.SERVER, "show the entry otherwise than it was hashed", battery.HOLDER)
def _shown(city: City) -> None:
    document = city.receipt_of(5, SIZE)
    shown = json.loads(city.log.bodies[5]) | {"ts": "2020-01-01T00:00:00Z"}
    document["entry"] = {**document["entry"], "leaf": shown}  # type: ignore[dict-item]
    assert city.read(document) == TAMPERED


@attack(battery.SERVER, "claim that an entry is about somebody else", battery.HOLDER)
def _opening(city: City) -> None:
    document = city.receipt_of(5, SIZE)
    document["openings"] = [{"part": "actor", "salt": "00" * 32, "value": "person:other"}]
    assert city.read(document) == TAMPERED


@attack(battery.SERVER, "leave the cosignatures of witnesses away", battery.QUORUM)
def _no_witness(city: City) -> None:
    assert city.verify(*city.quorum(2)) == UNVERIFIABLE


@attack(battery.SERVER, "show fewer cosignatures than the quorum", battery.QUORUM)
def _few(city: City) -> None:
    path = city.log.folder / "checkpoint"
    signed = path.read_text()
    path.write_text(signed + city.cosign(2))
    assert city.verify(*city.quorum(2)) == OK
    path.write_text(signed + city.cosign(1))
    assert city.verify(*city.quorum(2)) == UNVERIFIABLE


@attack(battery.SERVER, "show one witness's cosignature twice", battery.QUORUM)
def _twice(city: City) -> None:
    path = city.log.folder / "checkpoint"
    path.write_text(path.read_text() + city.cosign(1) * 2)
    assert city.verify(*city.quorum(2)) == UNVERIFIABLE


@attack(battery.SERVER, "take cosignatures from another checkpoint", battery.QUORUM)
def _moved(city: City) -> None:
    lines = city.cosign(3)
    city.rewrite(bodies(SIZE + 1))
    path = city.log.folder / "checkpoint"
    path.write_text(path.read_text() + lines)
    assert city.verify(*city.quorum(2)) == TAMPERED


@attack(battery.SERVER, "change the time in a cosignature", battery.QUORUM)
def _time(city: City) -> None:
    path = city.log.folder / "checkpoint"
    name, blob = f"— {city.witnesses[0].name} ", city.cosign(1).splitlines()[0].rpartition(" ")[2]
    raw = bytearray(base64.b64decode(blob))
    raw[11] ^= 1
    path.write_text(path.read_text() + f"{name}{base64.b64encode(bytes(raw)).decode()}\n")
    assert city.verify(*city.quorum(1)) == TAMPERED


# --- whoever holds the signing key ----------------------------------------------------------


def _rewritten(change: Callable[[list[bytes]], list[bytes]]) -> Attack:
    """A log changed before what others noted, signed as a whole: it verifies by itself alone."""

    def found(city: City) -> None:
        city.rewrite(change(city.log.bodies))
        assert city.verify() == OK
        assert city.verify("--from", str(city.noted)) == TAMPERED
        assert city.verify("--from", str(city.receipt)) == TAMPERED
        assert city.submit() in {"409", "422", "400"}

    return found


for _title, _change in {
    "rewrite an entry": lambda all_: [*all_[:7], entry(999), *all_[8:]],
    "take an entry out": lambda all_: [*all_[:7], *all_[8:]],
    "slip an entry in": lambda all_: [*all_[:7], entry(999), *all_[7:]],
    "exchange two entries": lambda all_: [*all_[:7], all_[8], all_[7], *all_[9:]],
    "cut off the end": lambda all_: all_[:200],
    "begin a new log of the same name": lambda all_: [entry(n + 5000) for n in range(len(all_))],
}.items():
    _by = f"{battery.WITNESS}; {battery.CONTINUED}; {battery.RECEIPT}"
    attack(battery.THIEF, f"{_title} and sign the new tree", _by)(_rewritten(_change))


@attack(battery.THIEF, "show one tree to some and another of the same size to others",
        battery.WITNESS)  # fmt: skip
def _split(city: City) -> None:
    assert city.submit().startswith("— ")
    city.rewrite([*city.log.bodies[:-1], entry(999)])
    assert city.verify() == OK
    assert city.submit(old=SIZE) == "409"


@attack(battery.THIEF, "present an older checkpoint as the newest", battery.WITNESS)
def _older(city: City) -> None:
    city.rewrite(bodies(200))
    assert city.submit(old=200) == "409"
    assert city.submit() == "400"


@attack(battery.THIEF, "fork the log to drop a change of the key", battery.CONTINUED)
def _drop_rotation(city: City) -> None:
    rotated = [*bodies(), rotation(CITY, THIEF)]
    city.rewrite(rotated)
    text = f"{ORIGIN}\n301\n{base64.b64encode(root_of([leaf(b) for b in rotated])).decode()}\n"
    city.noted.write_text(note.sign_note(text, name=ORIGIN, public_key=CITY.public,
                                         sign=CITY.sign))  # fmt: skip
    city.rewrite(bodies(302))
    assert city.verify() == OK
    assert city.verify("--from", str(city.noted)) == TAMPERED


def rotation(before: LogKey, after: LogKey, **change: object) -> bytes:
    payload = key_chain.rotation_payload(
        origin=ORIGIN, old=before, new=after, overlap_until=datetime(2026, 11, 22, tzinfo=UTC)
    )
    signatures = payload["signatures"]
    assert isinstance(signatures, dict)
    payload = payload | {"signatures": signatures | change}
    return entry(0, kind="key.rotated", **payload)


@attack(battery.THIEF, "appoint a successor whose own signature is missing", battery.VERIFIER)
def _half_signed(city: City) -> None:
    city.rewrite([*bodies(), rotation(CITY, THIEF, new="00" * 64)])
    assert city.verify() == TAMPERED


@attack(battery.THIEF, "appoint a successor without the old key's signature", battery.VERIFIER)
def _usurped(city: City) -> None:
    city.rewrite([*bodies(), rotation(CITY, THIEF, old="00" * 64)])
    assert city.verify() == TAMPERED


@attack(battery.THIEF, "go on signing with a key that was replaced", battery.VERIFIER)
def _retired(city: City) -> None:
    city.rewrite([*bodies(), rotation(CITY, THIEF)])
    assert city.verify() == UNVERIFIABLE


@attack(battery.THIEF, "sign for the witnesses too", battery.QUORUM)
def _forged_witness(city: City) -> None:
    path = city.log.folder / "checkpoint"
    forger = dure_witness.Witness(
        city.witnesses[0].name, Ed25519PrivateKey.generate(), [VKEY], city.log.folder
    )
    head = dure_witness.parse_checkpoint(path.read_text())
    path.write_text(path.read_text() + forger._cosign(head, 3))
    assert city.verify(*city.quorum(1)) == UNVERIFIABLE


@attack(battery.THIEF, "sign an entry that no tile holds, for one receipt", battery.RECEIPT)
def _private_tree(city: City) -> None:
    honest = city.log.bodies
    city.log.bodies = [*honest[:20], entry(999, receipt="D-2026-00000999"), *honest[21:]]
    document = city.receipt_of(20, SIZE) | {"receipt": "D-2026-00000999"}
    assert city.read(document) == OK
    city.log.bodies = honest
    assert city.verify("--from", str(city.receipt)) == TAMPERED


@pytest.mark.parametrize(("title", "run"), ATTACKS, ids=[title for title, _ in ATTACKS])
def test_it_is_found(title: str, run: Attack, city: City) -> None:
    run(city)
