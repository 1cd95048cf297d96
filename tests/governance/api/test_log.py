"""What the log answers to anybody, in exactly the shapes that verifiers read."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from dure.accounts.acting import Actor
from dure.core import signing
from governance.log import merkle, note, services, tiles
from tests.cast import api

pytestmark = pytest.mark.django_db


@pytest.fixture
def log() -> None:
    for count in (300, 5):
        with transaction.atomic():
            for number in range(count):
                services.record(
                    kind="call.drafted",
                    acting=Actor.system("tests"),
                    subject=None,
                    payload={"number": number},
                )
        services.sequence()


@pytest.mark.usefixtures("log")
def test_an_entry_and_its_proof_verify_from_the_answers_alone() -> None:
    entry = api().get("/api/v1/log/entries/7/").json()
    assert set(entry) == {"index", "type", "ts", "leaf", "body", "leaf_hash"}
    proof = api().get("/api/v1/log/entries/7/proof/").json()
    assert set(proof) == {"index", "size", "leaf_hash", "proof", "root"}
    assert proof["size"] == 305
    leaf = merkle.leaf_hash(entry["body"].encode())
    assert leaf.hex() == entry["leaf_hash"] == proof["leaf_hash"]
    assert merkle.verify_inclusion(
        index=7,
        size=305,
        leaf=leaf,
        proof=[bytes.fromhex(step) for step in proof["proof"]],
        expected_root=bytes.fromhex(proof["root"]),
    )
    earlier = api().get("/api/v1/log/entries/7/proof/", {"size": 300}).json()
    assert earlier["size"] == 300
    assert earlier["root"] != proof["root"]


@pytest.mark.usefixtures("log")
def test_two_heads_are_consistent() -> None:
    document = api().get("/api/v1/log/consistency/", {"from": 300, "to": 305}).json()
    assert set(document) == {"from", "to", "proof", "from_root", "to_root"}
    assert merkle.verify_consistency(
        first=300,
        second=305,
        first_root=bytes.fromhex(document["from_root"]),
        second_root=bytes.fromhex(document["to_root"]),
        proof=[bytes.fromhex(step) for step in document["proof"]],
    )


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("entries/305/", 404),
        ("entries/99999999999999999999999/", 404),
        ("entries/305/proof/", 404),
        ("entries/7/proof/?size=7", 400),
        ("entries/7/proof/?size=306", 400),
        ("entries/7/proof/?size=0", 400),
        ("entries/7/proof/?size=many", 400),
        ("entries/7/proof/?size=99999999999999999999999", 400),
        ("consistency/", 400),
        ("consistency/?from=0&to=5", 400),
        ("consistency/?from=6&to=5", 400),
        ("consistency/?from=5&to=306", 400),
        ("consistency/?from=x&to=5", 400),
    ],
)
def test_what_the_log_cannot_answer_is_a_problem(path: str, status: int) -> None:
    response = api().get(f"/api/v1/log/{path}")
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status


@pytest.mark.usefixtures("log")
def test_outside_tools_rebuild_the_tree_from_the_tiles(client: Client) -> None:
    keys = api().get("/api/v1/log/keys/").json()
    name, key = note.parse_verifier_key(keys["verifier_key"])
    assert key == signing.public_key()
    response = client.get("/log/checkpoint")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert "no-cache" in response["Cache-Control"]
    text = note.open_note(response.content.decode(), name=name, public_key=key)
    head = note.parse_checkpoint(text)
    bodies, hashes = [], b""
    for index in range(2):
        width = tiles.tile_width(head.size, 0, index)
        bundle = client.get(
            "/" + tiles.format_tile_path(None, index, width).replace("tile", "log/tile", 1)
        )
        level_0 = client.get(
            "/" + tiles.format_tile_path(0, index, width).replace("tile", "log/tile", 1)
        )
        for answer in (bundle, level_0):
            assert answer.status_code == 200
            assert answer["Content-Type"] == "application/octet-stream"
            assert "immutable" in answer["Cache-Control"]
        bodies += tiles.split_entries(bundle.content)
        hashes += level_0.content
    leaves = [merkle.leaf_hash(body) for body in bodies]
    assert b"".join(leaves) == hashes
    assert merkle.root(leaves) == head.root
    level_1 = client.get("/log/tile/1/000.p/1").content
    assert level_1 == merkle.root(leaves[:256])


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    "path",
    ["0/002.p/1", "0/001", "0/001.p/50", "1/000", "2/000.p/1", "entries/001", "0/1", "nonsense"],
)
def test_a_tile_that_no_signed_tree_covers_is_not_found(client: Client, path: str) -> None:
    response = client.get(f"/log/tile/{path}")
    assert response.status_code == 404
    assert response["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("log")
def test_an_older_partial_tile_stays_readable(client: Client) -> None:
    whole = client.get("/log/tile/0/000").content
    assert client.get("/log/tile/0/000.p/44").content == whole[: 44 * 32]


def test_an_empty_log_has_no_checkpoint(client: Client) -> None:
    assert client.get("/log/checkpoint").status_code == 404
    assert api().get("/api/v1/log/entries/0/").status_code == 404


def test_the_log_is_only_read(client: Client) -> None:
    assert client.post("/log/checkpoint").status_code == 405
    assert client.delete("/log/tile/0/000").status_code == 405
