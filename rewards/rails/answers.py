"""Reading what rails give back: pain.002, camt.053 and CSV results. Pure.

Nothing of a file is believed before it has been held to its size, its namespace and its form. XML
is read without document types, entities or references to the outside.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from dure.core.canonical import sha256_hex
from dure.core.money import SUB_UNITS

SIZE_MAX: Final = 5 * 1024 * 1024
LINES_MAX: Final = 50_000
DEPTH_MAX: Final = 24
PAIN002: Final = "pain.002.001.10"
CAMT053: Final = "camt.053.001.08"
RESULT: Final = "csv-result-1"
#: Columns of a CSV result; ``external_id`` is the rail's own and never used twice.
RESULT_COLUMNS: Final = ("uid", "external_id", "status", "amount", "reason", "booked_on")
_URN: Final = "urn:iso:std:iso:20022:tech:xsd:"
_CURRENCY: Final = "KRW"

#: External codes of the status of a payment (ISO 20022 ExternalPaymentTransactionStatus1Code).
_STATUS: Final = {"ACSC": "settled", "ACCC": "settled", "RJCT": "failed"}
_RESULT_STATUS: Final = frozenset({"settled", "failed", "returned", "noted"})
_CODE: Final = re.compile(r"[A-Za-z0-9_.:-]{0,35}", re.ASCII)
_ID: Final = re.compile(r"[\x21-\x7e]{1,70}", re.ASCII)
#: How a reference of ours is written (rewards.rails.lines.item_uid).
_OURS: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
#: A day of XML: a time zone may follow it.
_DAY: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII)


class NotAnAnswer(ValueError):
    """The file is not what it should be; ``reason`` is a code, ``where`` a line or an element."""

    def __init__(self, reason: str, where: str = "") -> None:
        super().__init__(f"{reason} {where}".strip())
        self.reason, self.where = reason, where


@dataclass(frozen=True, slots=True)
class Answer:
    """One line: the rail's id for it, our reference, what happened, sub-units of won if said."""

    external_id: str
    reference: str
    kind: str
    amount: int | None
    reason: str
    booked_on: date | None

    @property
    def sha256(self) -> str:
        """Hash over what the line says, each part with its length before it."""
        parts = (self.reference, self.kind, self.amount, self.reason, self.booked_on)
        return sha256_hex("".join(f"{len(str(part))}:{part}" for part in parts).encode())


@dataclass(frozen=True, slots=True)
class Figure:
    """How many payments of a batch a file speaks of, and their sum in sub-units of won, if said."""

    batch: str
    count: int | None
    total: int | None


@dataclass(frozen=True, slots=True)
class File:
    """What a file is, what it calls itself, its lines, and the figures it gives of batches.

    ``adds_up`` is false where a statement says other sums than those of its own lines.
    """

    form: str
    message_id: str
    answers: tuple[Answer, ...]
    figures: tuple[Figure, ...] = ()
    adds_up: bool = True


def read(content: bytes, *, bank: bool) -> File:
    """The answers in a file of a bank (XML) or of another rail (CSV). Raises NotAnAnswer."""
    if len(content) > SIZE_MAX:
        raise NotAnAnswer("too-large")
    return _xml(content) if bank else _csv(content)


def _xml(content: bytes) -> File:
    try:
        root: Element = fromstring(
            content, forbid_dtd=True, forbid_entities=True, forbid_external=True
        )
    except DefusedXmlException as error:
        raise NotAnAnswer("declares-entities") from error
    except (ParseError, ValueError, LookupError) as error:
        raise NotAnAnswer("not-xml") from error
    form = root.tag.removeprefix("{" + _URN).partition("}")[0]
    if form not in (PAIN002, CAMT053) or root.tag != f"{{{_URN}{form}}}Document":
        raise NotAnAnswer("unknown-namespace")
    if _depth(root) > DEPTH_MAX:
        raise NotAnAnswer("too-deep")
    lines = (_statuses if form == PAIN002 else _bookings)(root, {"": _URN + form})
    answers: list[Answer] = []
    for answer in lines:
        answers.append(answer)
        if len(answers) > LINES_MAX:
            raise NotAnAnswer("too-many-lines")
    names = {"": _URN + form}
    return File(
        form,
        _text(root, "./*/GrpHdr/MsgId", names),
        tuple(answers),
        tuple(_figures(root, names)),
        _adds_up(root, names),
    )


def _depth(root: Element) -> int:
    depth, level = 0, [root]
    while level and depth <= DEPTH_MAX:
        depth, level = depth + 1, [child for each in level for child in each]
    return depth


def _statuses(root: Element, names: dict[str, str]) -> Iterator[Answer]:
    """Transactions of a payment status report; one for what was refused as a whole."""
    message = _text(root, "./CstmrPmtStsRpt/GrpHdr/MsgId", names)
    group = root.find("./CstmrPmtStsRpt/OrgnlGrpInfAndSts", names)
    if not message or group is None:
        raise NotAnAnswer("element-missing", "GrpHdr/MsgId or OrgnlGrpInfAndSts")
    if _text(group, "GrpSts", names) == "RJCT":
        original = _id(_text(group, "OrgnlMsgId", names), "OrgnlMsgId")
        reason = _reason(group, names)
        yield Answer(f"{message}/group", f"group:{original}", "failed", None, reason, None)
    for payment in root.iterfind("./CstmrPmtStsRpt/OrgnlPmtInfAndSts", names):
        for each in payment.iterfind("TxInfAndSts", names):
            yield _status(each, message, names)
        if _text(payment, "PmtInfSts", names) == "RJCT":
            # After its transactions: what they say of themselves is more than what all share.
            original = _id(_text(payment, "OrgnlPmtInfId", names), "OrgnlPmtInfId")
            own, reason = f"{message}/{original[:30]}", _reason(payment, names)
            yield Answer(own, f"group:{original}", "failed", None, reason, None)


def _status(each: Element, message: str, names: dict[str, str]) -> Answer:
    """What a status report says of one transaction."""
    reference = _id(_text(each, "OrgnlEndToEndId", names), "OrgnlEndToEndId")
    status = _text(each, "TxSts", names)
    if not re.fullmatch("[A-Z]{4}", status):
        raise NotAnAnswer("element-missing", "TxSts")
    return Answer(
        external_id=_text(each, "StsId", names) or f"{message}/{reference}/{status}",
        reference=reference,
        kind=_STATUS.get(status, "noted"),
        amount=_money(each.find("OrgnlTxRef/Amt/InstdAmt", names)),
        reason=_reason(each, names),
        booked_on=None,
    )


def _figures(root: Element, names: dict[str, str]) -> Iterator[Figure]:
    """What a file says of whole batches: of the message, of its payments, or as booked at once."""
    for path, name, count, total in (
        ("./CstmrPmtStsRpt/OrgnlGrpInfAndSts", "OrgnlMsgId", "OrgnlNbOfTxs", "OrgnlCtrlSum"),
        ("./CstmrPmtStsRpt/OrgnlPmtInfAndSts", "OrgnlPmtInfId", "OrgnlNbOfTxs", "OrgnlCtrlSum"),
        ("./BkToCstmrStmt/Stmt/Ntry/NtryDtls/Btch", "PmtInfId", "NbOfTxs", "TtlAmt"),
    ):
        for each in root.iterfind(path, names):
            said, how_many = _text(each, total, names), _text(each, count, names)
            if said or how_many:
                yield Figure(
                    _text(each, name, names)[:140],
                    _number(how_many, count) if how_many else None,
                    _won(said, total) if said else None,
                )


def _adds_up(root: Element, names: dict[str, str]) -> bool:
    """Whether every statement's summary of its lines is that of its lines."""
    for statement in root.iterfind("./BkToCstmrStmt/Stmt", names):
        entries = list(statement.iterfind("Ntry", names))
        for path, direction in (
            ("TtlNtries", ""),
            ("TtlDbtNtries", "DBIT"),
            ("TtlCdtNtries", "CRDT"),
        ):
            of = [each for each in entries if direction in ("", _text(each, "CdtDbtInd", names))]
            count = _text(statement, f"TxsSummry/{path}/NbOfNtries", names)
            total = _text(statement, f"TxsSummry/{path}/Sum", names)
            sums = (_money(each.find("Amt", names)) or 0 for each in of)
            if count and _number(count, "NbOfNtries") != len(of):
                return False
            if total and _won(total, "Sum") != sum(sums):
                return False
    return True


def _number(text: str, where: str) -> int:
    if not re.fullmatch(r"[0-9]{1,15}", text, re.ASCII):
        raise NotAnAnswer("amount", where)
    return int(text)


def _bookings(root: Element, names: dict[str, str]) -> Iterator[Answer]:
    """Transactions of a bank statement: debits pay, credits of what we sent come back."""
    message = _text(root, "./BkToCstmrStmt/GrpHdr/MsgId", names)
    for number, entry in enumerate(root.iterfind("./BkToCstmrStmt/Stmt/Ntry", names), 1):
        booked = _text(entry, "Sts/Cd", names) == "BOOK"
        day = _day(_text(entry, "BookgDt/Dt", names) or _text(entry, "BookgDt/DtTm", names)[:10])
        details = entry.findall("NtryDtls/TxDtls", names)
        for place, each in enumerate(details or [entry], 1):
            direction = _text(each, "CdtDbtInd", names) or _text(entry, "CdtDbtInd", names)
            if direction not in ("DBIT", "CRDT"):
                raise NotAnAnswer("element-missing", "CdtDbtInd")
            reference = _reference(each, entry, names)
            says = reference and f"{direction}:{reference}"
            line = _entry_id(entry, f"{message}/{number}", says, names)
            own = _text(each, "Refs/AcctSvcrRef", names) or f"{line}/{place}"
            back = _comes_back(each, entry, reference, names)
            kind = "settled" if direction == "DBIT" else "returned" if back else "noted"
            amount = each.find("Amt", names)
            if amount is None:
                amount = entry.find("Amt", names) if len(details) <= 1 else None
            yield Answer(
                external_id=_id(own, "AcctSvcrRef") + ("" if booked else "/pending"),
                reference=reference,
                kind=kind if booked else "noted",
                amount=_money(amount),
                reason=_code(_text(each, "RtrInf/Rsn/Cd", names)),
                booked_on=day,
            )


def _entry_id(entry: Element, place: str, says: str, names: dict[str, str]) -> str:
    """The bank's own id of an entry, or what takes its place.

    ``NtryRef`` is only sure to be unique in its statement: many banks count from 1 in each. Joined
    with what the entry is about it stays the same where a line comes in two statements.
    """
    number = _text(entry, "NtryRef", names)
    servicer = _text(entry, "AcctSvcrRef", names)
    if servicer or not (number and says):
        return servicer or place
    return f"{number}/{sha256_hex(says.encode())[:16]}"


def _comes_back(each: Element, entry: Element, reference: str, names: dict[str, str]) -> bool:
    """Whether a credit is one of our payments: a return, a reversal, or under our reference."""
    reversed_ = _text(entry, "RvslInd", names) in ("true", "1")
    return reversed_ or each.find("RtrInf", names) is not None or bool(_OURS.fullmatch(reference))


def _reference(each: Element, entry: Element, names: dict[str, str]) -> str:
    """Whose line it is; a batch that the bank has booked as one sum is named as a batch."""
    batch = _text(entry, "NtryDtls/Btch/PmtInfId", names)
    if each is entry and batch:
        return f"batch:{batch}"[:140]
    return _text(each, "Refs/EndToEndId", names)[:140]


def _csv(content: bytes) -> File:
    text = _decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    answers: list[Answer] = []
    try:
        if tuple(next(reader, [])) != RESULT_COLUMNS:
            raise NotAnAnswer("columns", ",".join(RESULT_COLUMNS))
        for number, row in enumerate(reader, 2):
            if row:
                answers.append(_result(row, f"line {number}"))
            if len(answers) > LINES_MAX:
                raise NotAnAnswer("too-many-lines")
    except csv.Error as error:
        raise NotAnAnswer("not-csv") from error
    return File(RESULT, f"csv-{sha256_hex(content)[:16]}", tuple(answers))


def _decoded(content: bytes) -> str:
    """UTF-8, or what a Korean spreadsheet writes."""
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotAnAnswer("not-utf-8")


def _result(row: list[str], where: str) -> Answer:
    if len(row) != len(RESULT_COLUMNS):
        raise NotAnAnswer("columns", where)
    uid, external, status, amount, reason, booked = (cell.strip() for cell in row)
    if status not in _RESULT_STATUS:
        raise NotAnAnswer("status", where)
    return Answer(
        external_id=_id(external, where),
        reference=_id(uid, where),
        kind=status,
        amount=_won(amount, where) if amount else None,
        reason=_code(reason),
        booked_on=_day(booked),
    )


def _text(element: Element, path: str, names: dict[str, str]) -> str:
    return (element.findtext(path, "", names) or "").strip()


def _reason(element: Element, names: dict[str, str]) -> str:
    """The code of a reason; free text may name people and is left where it is."""
    return _code(_text(element, "StsRsnInf/Rsn/Cd", names))


def _code(text: str) -> str:
    return text if _CODE.fullmatch(text) else "other"


def _id(text: str, where: str) -> str:
    if not _ID.fullmatch(text):
        raise NotAnAnswer("reference", where)
    return text


def _day(text: str) -> date | None:
    if not text:
        return None
    found = _DAY.fullmatch(text)
    if found is None:
        raise NotAnAnswer("date")
    try:
        return date.fromisoformat(found[1])
    except ValueError as error:
        raise NotAnAnswer("date") from error


def _money(element: Element | None) -> int | None:
    if element is None:
        return None
    if element.get("Ccy") != _CURRENCY:
        raise NotAnAnswer("currency")
    return _won((element.text or "").strip(), "Amt")


def _won(text: str, where: str) -> int:
    """Sub-units of a decimal amount of won; no sign, no exponent."""
    try:
        if not re.fullmatch(r"[0-9]{1,13}(\.[0-9]{1,5})?", text, re.ASCII):
            raise NotAnAnswer("amount", where)
        return int(Decimal(text) * SUB_UNITS)
    except InvalidOperation as error:
        raise NotAnAnswer("amount", where) from error
