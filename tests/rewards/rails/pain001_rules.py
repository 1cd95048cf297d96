"""Rules of the published schema of pain.001.001.09, written down apart from what builds the file.

For each type: its elements in order with how often they may come, or how its text is written.
Only what a credit transfer of this project may hold; anything else is a fault.
"""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

NAMESPACE = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"

# type -> [(element, type, least, most)]; alternatives of a choice carry the same group letter.
SEQUENCES: dict[str, list[tuple[str, str, int, int]]] = {
    "Document": [("CstmrCdtTrfInitn", "Initiation", 1, 1)],
    "Initiation": [("GrpHdr", "Header", 1, 1), ("PmtInf", "Payment", 1, 10**6)],
    "Header": [
        ("MsgId", "Max35", 1, 1),
        ("CreDtTm", "DateTime", 1, 1),
        ("NbOfTxs", "Count", 1, 1),
        ("CtrlSum", "Decimal", 0, 1),
        ("InitgPty", "Party", 1, 1),
    ],
    "Payment": [
        ("PmtInfId", "Max35", 1, 1),
        ("PmtMtd", "Method", 1, 1),
        ("BtchBookg", "Boolean", 0, 1),
        ("NbOfTxs", "Count", 0, 1),
        ("CtrlSum", "Decimal", 0, 1),
        ("ReqdExctnDt", "DateChoice", 1, 1),
        ("Dbtr", "Party", 1, 1),
        ("DbtrAcct", "Account", 1, 1),
        ("DbtrAgt", "Agent", 1, 1),
        ("ChrgBr", "Charges", 0, 1),
        ("CdtTrfTxInf", "Transaction", 1, 10**6),
    ],
    "Transaction": [
        ("PmtId", "Identity", 1, 1),
        ("Amt", "Amount", 1, 1),
        ("CdtrAgt", "Agent", 0, 1),
        ("Cdtr", "Party", 0, 1),
        ("CdtrAcct", "Account", 0, 1),
        ("RmtInf", "Remittance", 0, 1),
    ],
    "Identity": [("InstrId", "Max35", 0, 1), ("EndToEndId", "Max35", 1, 1)],
    "Amount": [("InstdAmt", "Money", 1, 1)],
    "Agent": [("FinInstnId", "Institution", 1, 1)],
    "Institution": [("BICFI", "Bic", 0, 1), ("ClrSysMmbId", "Member", 0, 1)],
    "Member": [("ClrSysId", "System", 0, 1), ("MmbId", "Max35", 1, 1)],
    "System": [("Prtry", "Max35", 1, 1)],
    "Party": [("Nm", "Max140", 0, 1)],
    "Account": [("Id", "AccountChoice", 1, 1)],
    "Other": [("Id", "Max34", 1, 1)],
    "DateChoice": [("Dt", "Date", 1, 1)],
    "Remittance": [("Ustrd", "Max140", 0, 10**6)],
}
CHOICES = {"AccountChoice": {"IBAN": "Iban", "Othr": "Other"}}
TEXTS = {
    "Max34": r".{1,34}",
    "Max35": r".{1,35}",
    "Max140": r".{1,140}",
    "DateTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)",
    "Date": r"\d{4}-\d\d-\d\d",
    "Count": r"[0-9]{1,15}",
    "Decimal": r"[0-9]{1,17}(\.[0-9]{1,17})?",
    "Method": r"CHK|TRF|TRA",
    "Boolean": r"true|false",
    "Charges": r"DEBT|CRED|SHAR|SLEV",
    "Money": r"(?=[0-9.]{1,19}$)[0-9]{1,13}(\.[0-9]{1,5})?",
    "Bic": r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?",
    "Iban": r"[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}",
}
#: References are restricted further by the banks' rules of use: no slash first, last or doubled.
REFERENCE = re.compile(r"(?!/)(?!.*//)[A-Za-z0-9/\-?:().,'+ ]{1,35}(?<!/)", re.ASCII)


def faults(content: bytes) -> list[str]:
    """Everything that the schema and the usual rules of use refuse; empty for a good file."""
    root = fromstring(content, forbid_dtd=True)
    found = [] if root.tag == f"{NAMESPACE}Document" else [f"root {root.tag}"]
    found += _check(root, "Document", "Document")
    if not found:
        found += _sums(root)
    return found


def _check(element: Element, kind: str, path: str) -> list[str]:
    allowed_attributes = {"Ccy"} if kind == "Money" else set()
    found = [f"{path}@{name}" for name in element.attrib if name not in allowed_attributes]
    if kind in TEXTS:
        text = element.text or ""
        if len(element) or not re.fullmatch(TEXTS[kind], text):
            found.append(f"{path}: {text!r} is no {kind}")
        if kind == "Money" and not re.fullmatch("[A-Z]{3}", element.get("Ccy", "")):
            found.append(f"{path}: no currency")
        return found
    if (element.text or "").strip():
        found.append(f"{path}: text")
    children = [(child.tag.removeprefix(NAMESPACE), child) for child in element]
    if kind in CHOICES:
        names = [name for name, _ in children]
        if len(names) != 1 or names[0] not in CHOICES[kind]:
            return [*found, f"{path}: choice of {names}"]
        return found + _check(children[0][1], CHOICES[kind][names[0]], f"{path}/{names[0]}")
    order = [name for name, *_ in SEQUENCES[kind]]
    places = [order.index(name) if name in order else -1 for name, _ in children]
    if -1 in places or places != sorted(places):
        return [*found, f"{path}: {[name for name, _ in children]} is not in the order {order}"]
    for name, _type, least, most in SEQUENCES[kind]:
        if not least <= Counter(name for name, _ in children)[name] <= most:
            found.append(f"{path}/{name}: wrong number")
    types = {name: type_ for name, type_, *_ in SEQUENCES[kind]}
    for name, child in children:
        found += _check(child, types[name], f"{path}/{name}")
    return found


def _sums(root: Element) -> list[str]:
    def texts(path: str) -> list[str]:
        return [each.text or "" for each in root.iterfind(path, {"": NAMESPACE[1:-1]})]

    found = []
    amounts = [Decimal(text) for text in texts(".//InstdAmt")]
    for path in ("./CstmrCdtTrfInitn/GrpHdr", "./CstmrCdtTrfInitn/PmtInf"):
        if texts(f"{path}/NbOfTxs") != [str(len(amounts))]:
            found.append(f"{path}: number of transactions")
        if [Decimal(text) for text in texts(f"{path}/CtrlSum")] != [sum(amounts)]:
            found.append(f"{path}: control sum")
    references = texts(".//EndToEndId")
    if len(set(references)) != len(references):
        found.append("an end-to-end reference comes twice")
    for text in (*references, *texts(".//MsgId"), *texts(".//PmtInfId"), *texts(".//InstrId")):
        if not REFERENCE.fullmatch(text):
            found.append(f"reference {text!r}")
    if any(amount <= 0 for amount in amounts):
        found.append("an amount that is not positive")
    return found
