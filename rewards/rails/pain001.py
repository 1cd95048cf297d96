"""A batch as a bank reads it: ISO 20022 pain.001.001.09, customer credit transfer initiation.

Pure and the same bytes for the same batch. Element order, lengths and number formats follow the
published schema (ISO 20022 message definition pain.001.001.09); amounts are whole won.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from dure.core.money import format_amount
from rewards.rails.lines import Head, Line, bank_account, printable

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
FORMAT: Final = "pain.001.001.09"
CURRENCY: Final = "KRW"
#: Korean banks are named by the three digits of the clearing institute.
CLEARING_SYSTEM: Final = "KFTC"
PURPOSE: Final = "Dure data reward"
_NAME_MAX: Final = 140


def document(head: Head, lines: Sequence[Line]) -> bytes:
    """The XML of a batch: one payment information with a transaction for each line."""
    root = Element("Document", xmlns=NAMESPACE)
    body = SubElement(root, "CstmrCdtTrfInitn")
    count, total = str(len(lines)), format_amount(sum(line.pays for line in lines))
    group = SubElement(body, "GrpHdr")
    _add(group, "MsgId", head.message_id)
    _add(group, "CreDtTm", head.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    _add(group, "NbOfTxs", count)
    _add(group, "CtrlSum", total)
    _add(group, "InitgPty/Nm", printable(head.debtor_name, _NAME_MAX))
    payment = SubElement(body, "PmtInf")
    _add(payment, "PmtInfId", head.message_id)
    _add(payment, "PmtMtd", "TRF")
    _add(payment, "NbOfTxs", count)
    _add(payment, "CtrlSum", total)
    _add(payment, "ReqdExctnDt/Dt", head.execute_on.isoformat())
    _add(payment, "Dbtr/Nm", printable(head.debtor_name, _NAME_MAX))
    _account(payment, "DbtrAcct", head.debtor_account)
    _add(payment, "DbtrAgt/FinInstnId/BICFI", head.debtor_bic)
    _add(payment, "ChrgBr", "DEBT")
    for line in lines:
        _transaction(payment, line)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode").encode()


def _transaction(payment: Element, line: Line) -> None:
    made = SubElement(payment, "CdtTrfTxInf")
    identity = SubElement(made, "PmtId")
    _add(identity, "InstrId", str(line.number))
    _add(identity, "EndToEndId", line.uid.hex)
    amount = SubElement(SubElement(made, "Amt"), "InstdAmt", Ccy=CURRENCY)
    amount.text = format_amount(line.pays)
    bank, account = bank_account(line.destination)
    if bank:
        member = SubElement(SubElement(SubElement(made, "CdtrAgt"), "FinInstnId"), "ClrSysMmbId")
        _add(member, "ClrSysId/Prtry", CLEARING_SYSTEM)
        _add(member, "MmbId", bank)
    _add(made, "Cdtr/Nm", printable(line.name, _NAME_MAX))
    _account(made, "CdtrAcct", account)
    _add(made, "RmtInf/Ustrd", PURPOSE)


def _account(parent: Element, name: str, account: str) -> None:
    """An account by its IBAN where it has one, else by its number."""
    number = SubElement(SubElement(parent, name), "Id")
    _add(number, "IBAN" if account[:1].isalpha() else "Othr/Id", account)


def _add(parent: Element, path: str, text: str) -> None:
    """New elements along a path, the last one with the text."""
    for name in path.split("/"):
        parent = SubElement(parent, name)
    parent.text = text
