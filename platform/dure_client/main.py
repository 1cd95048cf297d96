"""`dure`: what a contributor runs on their own machine.

    dure push FILE --call SLUG --purpose city-ai    send a file, print its receipt number
    dure status RECEIPT                             where it stands, and why
    dure wallet                                     balances, by asset
    dure verify RECEIPT|FILE                        check the city's proof of a contribution
    dure scan FILE                                  look for personal data before sending

The address and the key come from --url and --key or from DURE_CLIENT_URL and
DURE_CLIENT_KEY. Exit codes: 0 done, 1 refused or not what was claimed, 2 cannot be
verified, reached or read, 3 wrong usage. `scan` needs neither city nor key; having looked at
everything is done, whatever it found, unless --strict asks for 1 where the city would
refuse the file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import secrets
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

from dure_client import dure_verify, resuming
from dure_client.city import City, CityError, Document, content_type_of

DONE, REFUSED, UNVERIFIABLE, USAGE = 0, 1, 2, 3
DEFAULT_URL: Final = "http://127.0.0.1:8000"
RECEIPT: Final = re.compile(r"D-\d{4}-[0-9A-HJKMNP-TV-Z]{8}")
TERMINAL: Final = frozenset({"accepted", "returned", "rejected", "withdrawn", "failed"})
WAIT_S_MAX: Final = 600


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the answer is the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        code: int = arguments.run(arguments)
    except CityError as error:
        print(error, file=sys.stderr)
        return REFUSED if 400 <= error.status < 500 else UNVERIFIABLE
    except dure_verify.Tampered as error:
        print(f"TAMPERED: {error}", file=sys.stderr)
        return REFUSED
    except dure_verify.Unverifiable as error:
        print(f"Cannot be verified: {error}", file=sys.stderr)
        return UNVERIFIABLE
    except BrokenPipeError:
        return DONE
    return code


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="dure", description="Contribute data to a Dure city and check it.")
    parser.add_argument("--url", default=os.environ.get("DURE_CLIENT_URL", DEFAULT_URL))
    parser.add_argument("--key", default=os.environ.get("DURE_CLIENT_KEY", ""))
    parser.add_argument("--language", choices=("ko", "en"), default="ko")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    push = commands.add_parser("push", help="send a file to a call")
    push.add_argument("file", type=_existing_file)
    push.add_argument("--call", required=True, metavar="SLUG")
    push.add_argument("--purpose", action="append", default=[], metavar="KEY")
    push.add_argument("--wait", action="store_true", help="wait until it is decided")
    push.set_defaults(run=_push)

    status = commands.add_parser("status", help="where a contribution stands")
    status.add_argument("receipt", type=_receipt)
    status.set_defaults(run=_status)

    wallet = commands.add_parser("wallet", help="balances by asset")
    wallet.set_defaults(run=_wallet)

    verify = commands.add_parser("verify", help="check the proof of a contribution")
    verify.add_argument("subject", metavar="RECEIPT|FILE")
    verify.add_argument("--log-key", default=os.environ.get("DURE_CLIENT_LOG_KEY", ""))
    verify.add_argument("--save", type=Path, metavar="FILE", help="keep the proof as a file")
    verify.set_defaults(run=_verify)

    scan = commands.add_parser("scan", help="look for personal data, offline")
    scan.add_argument("file", type=_existing_file)
    scan.add_argument(
        "--strict", action="store_true", help="exit with 1 when the city would refuse the file"
    )
    scan.set_defaults(run=_scan)

    for command in (push, status, wallet, verify):
        # Accepted behind the command as well; absent, the value from before it stays.
        for name in ("--url", "--key"):
            command.add_argument(name, default=argparse.SUPPRESS)
    return parser


def _existing_file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"no such file: {text}")
    return path


def _receipt(text: str) -> str:
    if not RECEIPT.fullmatch(text):
        raise argparse.ArgumentTypeError(f"not a receipt number: {text}")
    return text


def _city(arguments: argparse.Namespace) -> City:
    return City(arguments.url, arguments.key, arguments.language)


def _push(arguments: argparse.Namespace) -> int:
    city, file = _city(arguments), arguments.file
    key = _idempotency_key(file, arguments.call, arguments.purpose)
    asked = {"call": arguments.call, "purposes": arguments.purpose, "idempotency_key": key}
    if file.stat().st_size < resuming.LARGE_BYTES:
        contribution = city.push(file, **asked)
    else:
        try:
            upload_id = resuming.send_in_pieces(city, file, key=key, tell=_tell)
        except CityError as error:
            if 400 <= error.status < 500:
                raise
            print("Interrupted; the same command goes on from here.", file=sys.stderr)
            raise
        contribution = city.contribute_upload(upload_id, **asked)
        resuming.give_up(city, upload_id, key=key)
    print(contribution["receipt"])
    if not arguments.wait:
        return DONE
    return _report(_wait(city, contribution["receipt"]))


def _tell(part: float) -> None:
    if sys.stderr.isatty():
        print(f"\r{part:4.0%}", end="\n" if part == 1 else "", file=sys.stderr, flush=True)


def _idempotency_key(file: Path, call: str, purposes: Sequence[str]) -> str:
    """The same file to the same call is the same request, however often it is sent."""
    digest = hashlib.sha256(json.dumps([call, sorted(purposes)]).encode())
    with file.open("rb") as source:
        digest.update(hashlib.file_digest(source, "sha256").digest())
    return digest.hexdigest()


def _wait(city: City, receipt: str) -> Document:
    deadline, pause_s = time.monotonic() + WAIT_S_MAX, 0.2
    while True:
        contribution = city.get(f"contributions/{receipt}/")
        if contribution["state"] in TERMINAL:
            return contribution
        if time.monotonic() > deadline:
            raise CityError(f"{receipt} is still being checked; ask again with: dure status")
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.5, 5)


def _status(arguments: argparse.Namespace) -> int:
    return _report(_city(arguments).get(f"contributions/{arguments.receipt}/"))


def _report(contribution: Document) -> int:
    print(json.dumps(contribution, ensure_ascii=False, indent=2))
    return REFUSED if contribution["state"] in {"returned", "rejected", "failed"} else DONE


def _wallet(arguments: argparse.Namespace) -> int:
    for balance in _city(arguments).get("wallet/")["balances"]:
        amounts = (f"{name} {balance[name]}" for name in ("pending", "confirmed", "paid"))
        print(f"{balance['asset']}  " + "  ".join(amounts))
    return DONE


def _verify(arguments: argparse.Namespace) -> int:
    subject = arguments.subject
    if Path(subject).is_file():
        proof = json.loads(dure_verify.read_file(Path(subject)))
    elif RECEIPT.fullmatch(subject):
        proof = _fetch_proof(_city(arguments), subject)
    else:
        raise dure_verify.Unverifiable(f"{subject} is neither a receipt number nor a file")
    if arguments.save:
        arguments.save.write_text(json.dumps(proof, ensure_ascii=False, indent=1) + "\n")
    pinned = arguments.log_key or proof.get("log_key", "")
    keys = [dure_verify.VerifierKey.parse(pinned)] if pinned else []
    print(dure_verify.check_receipt(proof, keys))
    if not arguments.log_key:
        print(
            f"The key came with the proof. To trust the city less, compare it with the one "
            f"published elsewhere and pass --log-key {pinned}",
            file=sys.stderr,
        )
    return DONE


def _fetch_proof(city: City, receipt: str) -> Document:
    """Everything that the offline check of one contribution needs, as one document."""
    contribution = city.get(f"contributions/{receipt}/")
    index = (contribution.get("log") or {}).get("index")
    if index is None:
        raise dure_verify.Unverifiable(f"{receipt} is not in the log yet; try again in a minute")
    note = city.read("log/checkpoint").decode()
    size = int(note.split("\n")[1])
    published = city.get("log/keys/")

    def proven(place: int) -> Document:
        return {
            "entry": city.get(f"log/entries/{place}/"),
            "proof": city.get(f"log/entries/{place}/proof/?size={size}"),
        }

    changes = [place for place in published.get("rotations", ()) if place < size]
    return {
        "receipt": receipt,
        **proven(index),
        "checkpoint": note,
        "rotations": [proven(place) for place in changes],
        "log_key": published["verifier_key"],
    }


def _scan(arguments: argparse.Namespace) -> int:
    """Offline: the same gate as the city's, over the file as the city would read it.

    One JSON object a line: `row` (1-based data row; null where the header itself holds the value),
    `column`, `type`, `rule`, `action`. Every finding is printed, never a value.
    """
    # Heavy, and of no use to the other commands.
    from contributions.decode import Undecodable, decode
    from contributions.privacy import scan

    file: Path = arguments.file
    try:
        with file.open("rb") as stream:
            decoded = decode(stream, filename=file.name, content_type=content_type_of(file))
    except Undecodable as error:
        print(f"{file.name} cannot be read: {error.rule}", file=sys.stderr)
        return UNVERIFIABLE
    # Pseudonyms are thrown away with this process: any key will do.
    verdict = scan(
        decoded.table, pseudonym_key=secrets.token_bytes(32), findings_per_rule=sys.maxsize
    )
    # Rows that could not be read are not in the table, but count in the file.
    numbers = decoded.row_numbers()
    for finding in verdict.findings:
        line = {
            "row": int(numbers[finding.row - 1]) if finding.row else None,
            "column": finding.column,
            "type": finding.type,
            "rule": finding.rule,
            "action": finding.action,
        }
        print(json.dumps(line, ensure_ascii=False))
    return REFUSED if verdict.refused and arguments.strict else DONE


if __name__ == "__main__":
    sys.exit(main())
