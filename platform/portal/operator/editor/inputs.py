"""What the form of a call sends, read into a call document."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from contributions.calls.document import PRICING, RECIPIENT_OPTIONS
from contributions.quality.catalogue import KINDS
from contributions.quality.suite import COMPARED, NUMERIC
from dure.core.clock import CITY_ZONE, rfc3339

Document = dict[str, Any]  # Any: the call document is JSON
#: The fields of a form, as browsers send them.
Sent = Mapping[str, str]

PARTS_MAX = 100
INTEGER = re.compile(r"-?[0-9]{1,15}", re.ASCII)
NUMBER = re.compile(r"-?[0-9]{1,15}\.[0-9]{1,15}", re.ASCII)
#: How the arguments of checks are asked for; a column or a text where nothing is said.
LINES = ("column_list", "column_set", "value_set", "regex_list", "type_list")
FLAGS = (
    "strict_min", "strict_max", "strictly", "or_equal", "exact_match", "double_sided",
    "ties_okay", "allow_relative_error", "bucketize_data",
)  # fmt: skip
NUMBERS = (
    "value", "sum_total", "threshold", "mostly", "run_length", "block_length", "noise",
    "column_index", "multiplier", "internal_weight_holdout", "tail_weight_holdout",
)  # fmt: skip
JSONS = ("json_schema", "partition_object")
BOUNDS = ("min_value", "max_value")
COLUMNS = ("column", "column_A", "column_B")
#: Members of the document that the form has no field for; they are written as JSON.
FURTHER = tuple(name for name in PRICING if name != "intake_fill")
PLEDGE = ("audit_rate", "hold_back", "hold_back_days", "records")
TYPED_CONSTRAINTS = ("minimum", "maximum")
COUNTED_CONSTRAINTS = ("minLength", "maxLength")


def number(text: str) -> int | float | str:
    """The number that a text writes; the text itself where it writes none."""
    plain = text.strip().replace(",", "")
    if INTEGER.fullmatch(plain):
        return int(plain)
    return float(plain) if NUMBER.fullmatch(plain) else text.strip()


def lines(text: str) -> list[str]:
    """The lines of a text that are not blank."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def moment(text: str) -> str | None:
    """A time of the city's clock as RFC 3339; None for nothing, the text where it is no time."""
    text = text.strip()
    if not text:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return text
    return rfc3339(read if read.tzinfo else read.replace(tzinfo=CITY_ZONE))


def places(sent: Sent, start: str, mark: str) -> list[str]:
    """The prefixes ``start-0-``, ``start-1-`` … of the parts that were sent."""
    found = []
    for place in range(PARTS_MAX):
        if f"{start}-{place}-{mark}" not in sent:
            break
        found.append(f"{start}-{place}-")
    return found


def read_document(sent: Sent) -> Document:
    """The call document that a form says; never raises, what is wrong stays in it to be named."""

    def text(name: str) -> str:
        return sent.get(name, "").strip()

    fields = [_field(sent, prefix) for prefix in places(sent, "schema-fields", "name")]
    document: Document = {
        "slug": text("slug"),
        "title": {"ko": text("title-ko"), "en": text("title-en")},
        "description": {"ko": text("description-ko"), "en": text("description-en")},
        "schema": {"fields": fields, "missingValues": ["", *lines(text("schema-missing"))]},
        "checks": [_check(sent, p, fields) for p in places(sent, "checks", "type")],
        "duplicates": _duplicates(sent),
        "strata": [_stratum(sent, p) for p in places(sent, "strata", "column")],
        "target_mass": number(text("target_mass")),
        "method": text("method"),
        "pool": {"asset": text("pool-asset"), "amount": text("pool-amount").replace(",", "")},
        "price_cap": text("price_cap") or None,
        "tolerance": text("tolerance"),
        "purposes": [_purpose(sent, p) for p in places(sent, "purposes", "key")],
        "opens_at": moment(text("opens_at")),
        "closes_at": moment(text("closes_at")),
        "retention_days": number(text("retention_days")),
        "licence": text("licence"),
    }
    if text("intake_fill"):
        document["intake_fill"] = text("intake_fill")
    disclosure = _disclosure(sent, fields)
    if disclosure:
        document["disclosure"] = disclosure
    pledge = _pledge(sent)
    if pledge:
        document["deterrence"] = pledge
    further = read_json(text("further"))
    if isinstance(further, dict):
        document |= {name: value for name, value in further.items() if name in FURTHER}
    return document


def read_json(text: str) -> object:
    """The JSON that a text writes; the text itself where it writes none."""
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found


def _field(sent: Sent, prefix: str) -> Document:
    kind = sent.get(f"{prefix}type", "string")
    field: Document = {"name": sent.get(f"{prefix}name", "").strip(), "type": kind}
    form = sent.get(f"{prefix}format", "").strip()
    if form:
        field["format"] = form
    if sent.get(f"{prefix}declared"):
        field["dure:declared"] = True
    constraints: Document = {}
    for name in ("required", "unique"):
        if sent.get(f"{prefix}{name}"):
            constraints[name] = True
    numeric = kind in NUMERIC
    for name in TYPED_CONSTRAINTS:
        value = sent.get(f"{prefix}{name}", "").strip()
        if value:
            constraints[name] = number(value) if numeric else value
    for name in COUNTED_CONSTRAINTS:
        value = sent.get(f"{prefix}{name}", "").strip()
        if value:
            constraints[name] = number(value)
    if sent.get(f"{prefix}pattern", "").strip():
        constraints["pattern"] = sent[f"{prefix}pattern"].strip()
    listed = lines(sent.get(f"{prefix}enum", ""))
    if listed:
        constraints["enum"] = [number(each) for each in listed] if numeric else listed
    if constraints:
        field["constraints"] = constraints
    rest = read_json(sent.get(f"{prefix}rest", ""))
    return {**rest, **field} if isinstance(rest, dict) else field


def _check(sent: Sent, prefix: str, fields: list[Document]) -> Document:
    name = sent[f"{prefix}type"]
    types = {field["name"]: field["type"] for field in fields}
    kind = KINDS.get(name)
    kwargs: Document = {}
    numeric = types.get(sent.get(f"{prefix}column", "")) in NUMERIC
    for argument in sorted(kind.arguments()) if kind else ():
        text = sent.get(prefix + argument, "")
        if text.strip():
            kwargs[argument] = _argument(name, argument, text, numeric=numeric)
    severity = sent.get(f"{prefix}severity", "critical")
    check: Document = {"type": name, "kwargs": kwargs, "severity": severity}
    loss = sent.get(f"{prefix}loss", "").strip()
    if loss:
        check["meta"] = {"loss": number(loss)}
    return check


def _argument(check: str, argument: str, text: str, *, numeric: bool) -> object:
    """The value of one argument, by its kind and by the type of the column it is about."""
    if argument in FLAGS:
        return text == "yes"
    if argument in NUMBERS:
        return number(text)
    if argument in BOUNDS:
        return text.strip() if check in COMPARED and not numeric else number(text)
    if argument == "value_set":
        return [number(each) if numeric else each for each in lines(text)]
    if argument == "value_pairs_set":
        return [[half.strip() for half in line.split("|")] for line in lines(text)]
    if argument == "quantile_ranges":
        return _quantiles(text)
    if argument in LINES:
        return lines(text)
    return read_json(text) if argument in JSONS else text.strip()


def _quantiles(text: str) -> Document:
    rows = [re.split(r"[,\s]+", line) for line in lines(text)]
    return {
        "quantiles": [number(row[0]) for row in rows],
        "value_ranges": [[number(each) for each in row[1:]] for row in rows],
    }


def _duplicates(sent: Sent) -> Document | None:
    key = lines(sent.get("duplicates-key", ""))
    near = {}
    for line in lines(sent.get("duplicates-near", "")):
        name, _mark, decimals = line.rpartition("=")
        near[name.strip()] = number(decimals)
    if not key and not near:
        return None
    return {"key": key or None, "near": near or None}


def _stratum(sent: Sent, prefix: str) -> Document:
    reference, _slash, dimension = sent.get(f"{prefix}reference", "").partition("/")
    stratum: Document = {
        "dimension": dimension,
        "column": sent.get(f"{prefix}column", ""),
        "reference": reference,
        "weight": sent.get(f"{prefix}weight", "").strip(),
    }
    pairs = [line.partition("=") for line in lines(sent.get(f"{prefix}map", ""))]
    if pairs:
        stratum["map"] = {value.strip(): key.strip() for value, _mark, key in pairs}
    return stratum


def _purpose(sent: Sent, prefix: str) -> Document:
    purpose: Document = {
        "key": sent.get(f"{prefix}key", "").strip(),
        "required": bool(sent.get(f"{prefix}required")),
        "notice": {
            "ko": sent.get(f"{prefix}notice-ko", "").strip(),
            "en": sent.get(f"{prefix}notice-en", "").strip(),
        },
    }
    named = [_recipient(sent, p) for p in places(sent, f"{prefix}recipients", "key")]
    if named:
        purpose["recipients"] = named
    rest = read_json(sent.get(f"{prefix}rest", ""))
    return {**rest, **purpose} if isinstance(rest, dict) else purpose


def _recipient(sent: Sent, prefix: str) -> Document:
    """A third party that a notice names; what is not said of it is left out."""
    recipient: Document = {
        "key": sent.get(f"{prefix}key", "").strip(),
        "name": {
            language: sent.get(f"{prefix}name-{language}", "").strip() for language in ("ko", "en")
        },
    }
    for option in RECIPIENT_OPTIONS:
        value = sent.get(prefix + option, "").strip()
        if value:
            recipient[option] = value
    rest = read_json(sent.get(f"{prefix}rest", ""))
    return {**rest, **recipient} if isinstance(rest, dict) else recipient


def _pledge(sent: Sent) -> Document:
    """What is checked and held back, as far as it was filled in."""
    found: Document = {}
    for name in PLEDGE:
        value = sent.get(f"deterrence-{name}", "").strip()
        if value:
            found[name] = value if name in ("audit_rate", "hold_back") else number(value)
    return found


def _disclosure(sent: Sent, fields: list[Document]) -> Document | None:
    kept = read_json(sent.get("disclosure-rest", ""))
    found: Document = dict(kept) if isinstance(kept, dict) else {}
    chosen: dict[str, list[str]] = {"quasi_identifiers": [], "sensitive": []}
    for place, field in enumerate(fields):
        role = sent.get(f"schema-fields-{place}-release", "")
        if role in chosen:
            chosen[role].append(field["name"])
    named = {name: columns for name, columns in chosen.items() if columns}
    return {**found, **named} if found or named else None


ADDED: dict[str, Callable[[Sent], object]] = {
    "schema.fields": lambda _sent: {"name": "", "type": "string"},
    "checks": lambda sent: {
        "type": sent.get("new-check", ""), "kwargs": {}, "severity": "critical",
    },
    "strata": lambda _sent: {"dimension": "", "column": "", "reference": "", "weight": "1"},
    "purposes": lambda _sent: {"key": "", "required": False, "notice": {"ko": "", "en": ""}},
}  # fmt: skip


RECIPIENTS = re.compile(r"purposes\.([0-9]{1,3})\.recipients", re.ASCII)


def changed(document: Document, what: str, sent: Sent) -> bool:
    """Add or take away a part, as a button of the form says; False for any other button.

    `what` is ``add:checks``, ``remove:checks:2`` or ``remove:purposes.0.recipients:1``.
    """
    act, _mark, rest = what.partition(":")
    path, _mark, place = rest.partition(":")
    if act not in ("add", "remove"):
        return False
    within = RECIPIENTS.fullmatch(path)
    if within is not None:
        _change_recipients(document["purposes"], int(within[1]), act, place)
        return True
    if path not in ADDED:
        return False
    parts = document["schema"]["fields"] if path == "schema.fields" else document[path]
    if act == "add" and len(parts) < PARTS_MAX:
        new = ADDED[path](sent)
        if path != "checks" or sent.get("new-check") in KINDS:
            parts.append(new)
    elif act == "remove" and place.isdecimal() and int(place) < len(parts):
        del parts[int(place)]
    return True


def _change_recipients(purposes: list[Document], at: int, act: str, place: str) -> None:
    if at >= len(purposes):
        return
    kept = purposes[at].pop("recipients", [])
    named = list(kept) if isinstance(kept, list) else []
    if act == "add" and len(named) < PARTS_MAX:
        named.append({"key": "", "name": {"ko": "", "en": ""}})
    elif act == "remove" and place.isdecimal() and int(place) < len(named):
        del named[int(place)]
    if named:  # a purpose without recipients says nothing about them
        purposes[at]["recipients"] = named
