"""The keys of this log: which are in force, and signing and opening heads with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings

from dure.core import signing
from governance.log import cosign, key_chain, note
from governance.log.inconsistency import LogInconsistent
from governance.models import LogEntry


def chain() -> list[key_chain.Link]:
    """Every key of the log from the configured one on, as the sequenced entries have it.

    Raises LogInconsistent if an entry introduces a key that the key before it did not sign.
    """
    entries = LogEntry.objects.filter(kind=key_chain.KIND, place__isnull=False)
    found = entries.order_by("place__index").values_list("place__index", "body")
    rows = [(index, bytes(body)) for index, body in found]
    first = key_chain.first_link(signing.first_log_key())
    try:
        return key_chain.follow(first, rows, origin=settings.LOG_ORIGIN)
    except key_chain.ChainBroken as error:
        raise LogInconsistent(str(error)) from error


def sign_head(head: note.Checkpoint, *, size_before: int, moment: datetime) -> str:
    """The note of a head: an Ed25519 line and an ML-DSA-44 line of each key that has to sign."""
    links = key_chain.signers(chain(), size_before=size_before, moment=moment)
    try:
        keys = [signing.log_key(link.public) for link in links]
    except signing.LogKeyMissing as error:
        raise LogInconsistent(f"the private part of the log's key {error} is not here") from error
    text = note.checkpoint_text(head)
    signed = note.sign_note(text, name=head.origin, public_key=keys[0].public, sign=keys[0].sign)
    for key in keys[1:]:
        signed += note.signature_line(head.origin, key.public, key.sign(text.encode()))
    second = int(moment.timestamp())
    for key in keys:
        if key.mldsa is not None:
            cosigner = mldsa_key(key.mldsa_public)
            message = cosign.mldsa44_message(head, cosigner=cosigner.name, moment=second)
            signed += cosign.cosignature_line(cosigner, key.sign_mldsa(message), second)
    return signed


def open_head(text: str, *, size: int) -> note.Checkpoint:
    """The head in a note that the key in force at ``size`` signed; NoteError otherwise.

    An ML-DSA-44 line of that key must hold where there is one; older notes have none.
    """
    link = key_chain.in_force(chain(), size)
    body = note.open_note(text, name=settings.LOG_ORIGIN, public_key=link.public)
    if link.mldsa_public:
        key = mldsa_key(link.mldsa_public)
        for line in note.split_note(text)[1]:
            ours = (line.name, line.key_id) == (key.name, key.key_id)
            if ours and cosign.cosigned_at(body, line, key) is None:
                raise note.NoteError("the ML-DSA signature does not match the text")
    return note.parse_checkpoint(body)


def is_old_head(text: str, *, size: int, root: bytes, links: Sequence[key_chain.Link]) -> bool:
    """Whether a kept note says this size and root and the key in force then signed it.

    Every other line by a key of the log must hold as well, ML-DSA-44 ones too; older notes have
    none. Under whatever origin: the log may have had another one. For who reads every head there
    was.
    """
    try:
        origin = note.parse_checkpoint(note.split_note(text)[0]).origin
        link = key_chain.in_force(links, size)
        body = note.open_note(text, name=origin, public_key=link.public)
        lines = note.split_note(text)[1]
        if not all(_holds(line, body, origin, links) for line in lines):
            return False
    except note.NoteError:
        return False
    return body == note.checkpoint_text(note.Checkpoint(origin, size, root))


def _holds(line: note.Signature, body: str, origin: str, links: Sequence[key_chain.Link]) -> bool:
    """Whether a line is what it says; lines by other keys than those of the log are left aside."""
    for link in links:
        if (line.name, line.key_id) == (origin, note.key_id(origin, link.public)):
            try:
                verifier = Ed25519PublicKey.from_public_bytes(link.public)
                verifier.verify(line.signature, body.encode())
            except InvalidSignature:
                return False
        if link.mldsa_public:
            key = mldsa_key(link.mldsa_public, origin)
            if (line.name, line.key_id) == (key.name, key.key_id):
                return cosign.cosigned_at(body, line, key) is not None
    return True


def mldsa_key(public: bytes, origin: str = "") -> cosign.CosignerKey:
    """The ML-DSA-44 key of the log, as a cosigner under the log's own name (now, or then)."""
    return cosign.CosignerKey(origin or settings.LOG_ORIGIN, cosign.MLDSA44_COSIGNATURE, public)


def sign_document(body: bytes) -> bytes:
    """The Ed25519 signature of a published document by the newest key of the log."""
    try:
        return signing.log_key(chain()[-1].public).sign(body)
    except signing.LogKeyMissing as error:
        raise LogInconsistent(f"the private part of the log's key {error} is not here") from error


def signer_of(body: bytes, signature: bytes) -> bytes:
    """The key of the chain that signed a document; the newest one if none did."""
    links = chain()
    for link in reversed(links):
        try:
            Ed25519PublicKey.from_public_bytes(link.public).verify(signature, body)
        except InvalidSignature:
            continue
        return link.public
    return links[-1].public
