"""Signed notes and checkpoints, as other tools of the transparency ecosystem read them."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from governance.log import note

# The example key and note of the Go module golang.org/x/mod/sumdb/note.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZ"
    "SNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
NAME = "두레.example/log"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
HEAD = note.Checkpoint(NAME, 42, bytes(32))


def signed(text: str = "", name: str = NAME) -> str:
    return note.sign_note(
        text or note.checkpoint_text(HEAD), name=name, public_key=PUBLIC, sign=KEY.sign
    )


def test_a_note_signed_by_another_implementation_opens() -> None:
    name, key = note.parse_verifier_key(PETER)
    text = note.open_note(PETER_NOTE, name=name, public_key=key)
    assert text.endswith("your problem is.\n")
    assert note.verifier_key(name, key) == PETER


def test_a_checkpoint_comes_back_as_it_was_signed() -> None:
    text = note.open_note(signed(), name=NAME, public_key=PUBLIC)
    assert text == f"{NAME}\n42\n{base64.b64encode(bytes(32)).decode()}\n"
    assert note.parse_checkpoint(text) == HEAD


def test_the_signature_line_starts_with_an_em_dash_and_the_key_id() -> None:
    line = signed().splitlines()[-1]
    assert line.startswith(f"— {NAME} ")
    blob = base64.b64decode(line.rsplit(" ", 1)[1])
    assert blob[:4] == note.key_id(NAME, PUBLIC)
    assert len(blob) == 4 + 64


def test_an_altered_text_does_not_open() -> None:
    with pytest.raises(note.NoteError, match="does not match"):
        note.open_note(signed().replace("\n42\n", "\n43\n"), name=NAME, public_key=PUBLIC)


def test_a_note_by_another_key_or_name_does_not_open() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
    for name, key in ((NAME, other), ("someone.else/log", PUBLIC)):
        with pytest.raises(note.NoteError, match="no signature by this key"):
            note.open_note(signed(), name=name, public_key=key)


def test_signatures_of_witnesses_are_left_aside() -> None:
    witness = f"— witness.example {base64.b64encode(b'1234' + bytes(64)).decode()}\n"
    assert note.open_note(signed() + witness, name=NAME, public_key=PUBLIC)


def test_the_last_blank_line_separates() -> None:
    text = "one\n\ntwo\n"
    assert note.open_note(signed(text), name=NAME, public_key=PUBLIC) == text


@pytest.mark.parametrize("name", ["", "two words", "a+b", "line\nfeed"])
def test_names_that_break_the_format_are_refused(name: str) -> None:
    with pytest.raises(note.NoteError):
        signed(name=name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\n— name\n",
        "text\n\n- name AAAAAAA=\n",
        "text\n\n— name not-base64!\n",
        "text\n\n— name AAAA\n",
        "tab\t\n\n— name AAAAAAA=\n",
    ],
)
def test_malformed_notes_are_refused(text: str) -> None:
    with pytest.raises(note.NoteError):
        note.split_note(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "log\n",
        "log\n1\n",
        "log\n01\nAAAA\n",
        "log\n-1\nAAAA\n",
        "\n1\nAAAA\n",
        "log\n1\nAAAA\n",
    ],
)
def test_malformed_checkpoints_are_refused(text: str) -> None:
    with pytest.raises(note.NoteError):
        note.parse_checkpoint(text)


def test_extension_lines_of_a_checkpoint_are_left_aside() -> None:
    assert note.parse_checkpoint(note.checkpoint_text(HEAD) + "extension\n") == HEAD


@pytest.mark.parametrize(
    "vkey", ["", "name", "name+00000000+AAAA", PETER.replace("c74f20a3", "c74f20a4")]
)
def test_malformed_verifier_keys_are_refused(vkey: str) -> None:
    with pytest.raises(note.NoteError):
        note.parse_verifier_key(vkey)
