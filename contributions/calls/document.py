"""Is this a sound call document? Every fault is named by its field.

The shape is the call document of the HTTP API. One that passes here can be published.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any, TypeAlias

import rfc8785
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contributions.calls.decimals import decimal
from contributions.calls.deterrence_rule import deterrence_faults
from contributions.disclosure import read_levels
from contributions.quality.suite import check_problems
from contributions.schema import schema_problems
from dure.core.canonical import sha256_hex
from dure.core.money import Asset, parse_amount
from dure.core.problems import FieldError, Text

# Any: JSON that has not been examined yet.
Document: TypeAlias = Mapping[str, Any]
#: {reference key: {dimension: strata}}
Strata: TypeAlias = Mapping[str, Mapping[str, Sequence[str]]]

SLUG = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
METHODS = ("coverage", "flat", "knn", "permutation", "cost")
CONTRIBUTOR_ATTRIBUTES = ("contributor.age_band", "contributor.district", "contributor.sex")

TARGET_MASS_MAX = 10**9
PURPOSES_MAX = 20
STRATA_MAX = 5
DISCLOSURE_COLUMNS_MAX = 8
TEXT_LENGTH_MAX = 20_000
#: Columns of the working tables start so; data columns may not.
RESERVED_PREFIX = "dure:"

UNSTORABLE = gettext_lazy("The document holds a NUL character or a number beyond 2^53.")
REQUIRED = (
    "slug",
    "title",
    "description",
    "schema",
    "target_mass",
    "method",
    "pool",
    "purposes",
    "retention_days",
    "licence",
)
DEFAULTS: Mapping[str, Any] = {
    "checks": [],
    "duplicates": None,
    "strata": [],
    "price_cap": None,
    "tolerance": "0.2",
    "opens_at": None,
    "closes_at": None,
}
#: Members that a call may have and that only the rewards of its method examine, at publication.
PRICING = ("cost_multipliers", "intake_fill", "training", "sampling", "compensation")
#: Members that a call may have, and that are not written into it where it has none.
OPTIONAL = ("disclosure", "deterrence")


def document_hash(document: Document) -> str:
    """SHA-256 (lowercase hex) of the RFC 8785 bytes; limits of checks may be fractional numbers."""
    return sha256_hex(rfc8785.dumps(dict(document)))


def storable(document: Document) -> bool:
    """Whether the document has one hash and fits a database: no NUL, no integer beyond 2^53."""
    try:
        document_hash(document)
        return r"\u0000" not in json.dumps(document)
    except (rfc8785.CanonicalizationError, RecursionError):
        return False


def with_defaults(document: Document) -> dict[str, Any]:
    """The document with every optional field present."""
    return {**DEFAULTS, **document}


def parse_time(value: str | None) -> datetime | None:
    """An RFC 3339 time with its offset; ValueError for anything else, None for None."""
    if value is None:
        return None
    moment = parse_datetime(value) if isinstance(value, str) else None
    if moment is None or moment.tzinfo is None:
        raise ValueError("not an RFC 3339 time")
    return moment


class _Faults:
    """Collects faults by field."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def add(self, field: str, code: str, message: Text) -> None:
        self.errors.append(FieldError(field=field, message=message, code=code))

    def need(self, sound: bool, field: str, code: str, message: Text) -> bool:
        if not sound:
            self.add(field, code, message)
        return sound


def faults(document: Document, *, strata: Strata) -> list[FieldError]:
    """Every fault of a call document; an empty list means that it is sound.

    `strata` holds the strata of each registered reference population by key and dimension.
    """
    found = _Faults()
    if not found.need(storable(document), "request", "invalid", UNSTORABLE):
        return found.errors
    for name in REQUIRED:
        found.need(name in document, name, "required", _("This field is required."))
    for name in document:
        known = name in (*REQUIRED, *DEFAULTS, *PRICING, *OPTIONAL)
        found.need(known, str(name), "unknown", _("A call has no such field."))
    filled = with_defaults(document)
    for name, check in _CHECKS.items():
        if name in filled and (name in document or filled[name] is not None):
            check(filled, found)
    _check_strata(filled, strata, found)
    return found.errors


def _check_slug(document: Document, found: _Faults) -> None:
    slug = document["slug"]
    sound = isinstance(slug, str) and len(slug) <= 80 and SLUG.match(slug) is not None
    found.need(sound, "slug", "invalid", _("Use lowercase letters, digits and hyphens, up to 80."))


def _bilingual(field: str) -> Callable[[Document, _Faults], None]:
    def check(document: Document, found: _Faults) -> None:
        _need_both_languages(document[field], field, found)

    return check


def _need_both_languages(value: object, field: str, found: _Faults) -> None:
    if not isinstance(value, Mapping) or set(value) - {"ko", "en"}:
        found.add(field, "invalid", _('Give the text as {"ko": …, "en": …}.'))
        return
    for language in ("ko", "en"):
        text = value.get(language)
        sound = isinstance(text, str) and len(text.strip()) > 0 and len(text) <= TEXT_LENGTH_MAX
        found.need(
            sound, f"{field}.{language}", "required", _("Write this text in both languages.")
        )


def column_names(document: Document) -> list[str]:
    """Names of the columns in the order of the schema; empty when the schema is unusable."""
    schema = document.get("schema")
    fields = schema.get("fields") if isinstance(schema, Mapping) else None
    if not isinstance(fields, list):
        return []
    return [f["name"] for f in fields if isinstance(f, Mapping) and isinstance(f.get("name"), str)]


def declared_columns(document: Document) -> frozenset[str]:
    """Columns that the call asks for as they are, although they look like personal data.

    Such a field of the schema says `"dure:declared": true`, for example the telephone numbers of
    public offices. What no call may ask for is refused there too.
    """
    return frozenset(
        field["name"]
        for field in document["schema"]["fields"]
        if field.get(f"{RESERVED_PREFIX}declared") is True
    )


def _check_schema(document: Document, found: _Faults) -> None:
    schema = document["schema"]
    if not isinstance(schema, dict):
        found.add("schema", "invalid", _("Give a Table Schema with its fields."))
        return
    problems = schema_problems(schema)
    for at, problem in problems:
        found.add("schema" if at is None else f"schema.fields[{at}]", "invalid", problem)
    for name in column_names(document):
        taken = name.startswith(RESERVED_PREFIX)
        found.need(not taken, "schema", "reserved", _("A column name may not start with dure:."))
    if not problems and isinstance(document.get("checks"), list):
        for place, problem in check_problems(document["checks"], schema):
            found.add(f"checks[{place}]", "invalid", problem)


def _check_checks(document: Document, found: _Faults) -> None:
    sound = isinstance(document["checks"], list)
    found.need(sound, "checks", "invalid", _("Give a list of checks."))


def _check_duplicates(document: Document, found: _Faults) -> None:
    rule = document["duplicates"]
    if rule is None:  # the whole record is the key
        return
    if not isinstance(rule, Mapping) or set(rule) - {"key", "near"}:
        found.add("duplicates", "invalid", _("Give the key columns and, if wanted, near."))
        return
    key = rule.get("key")
    if key is not None and not (isinstance(key, list) and all(isinstance(k, str) for k in key)):
        found.add("duplicates.key", "invalid", _("Give a list of column names."))
        return
    for name in sorted(set(key or []) - set(column_names(document))):
        found.add(
            "duplicates.key", "unknown-column", _("No column is called %(name)s.") % {"name": name}
        )
    near = rule.get("near")
    numeric = _numeric_columns(document)
    sound = near is None or (
        isinstance(near, Mapping)
        and all(name in numeric and places in range(10) for name, places in near.items())
    )
    found.need(
        sound,
        "duplicates.near",
        "invalid",
        _("Name numeric columns with the decimals, 0 to 9, that tell records apart."),
    )


def _numeric_columns(document: Document) -> set[str]:
    schema = document.get("schema")
    fields = schema.get("fields") if isinstance(schema, Mapping) else None
    return {
        str(field.get("name"))
        for field in (fields if isinstance(fields, list) else [])
        if isinstance(field, Mapping) and field.get("type") in ("integer", "number")
    }


def _check_target_mass(document: Document, found: _Faults) -> None:
    target = document["target_mass"]
    sound = isinstance(target, int) and not isinstance(target, bool)
    found.need(
        sound and 0 < target <= TARGET_MASS_MAX,
        "target_mass",
        "invalid",
        _("Give the number of records wanted, from 1 to a thousand million."),
    )


def _check_method(document: Document, found: _Faults) -> None:
    found.need(
        document["method"] in METHODS,
        "method",
        "invalid",
        _("The method is one of %(names)s.") % {"names": ", ".join(METHODS)},
    )


def _check_pool(document: Document, found: _Faults) -> None:
    pool = document["pool"]
    if not isinstance(pool, Mapping) or set(pool) != {"asset", "amount"}:
        found.add("pool", "invalid", _("Give the asset and the amount of the pool."))
        return
    found.need(
        pool["asset"] in Asset.values, "pool.asset", "invalid", _("The asset is DURE or KRW.")
    )
    try:
        sound = parse_amount(pool["amount"]) > 0
    except (TypeError, ValueError):
        sound = False
    message = _("Give an amount above zero as a decimal string: up to 9.2 trillion, six decimals.")
    found.need(sound, "pool.amount", "invalid", message)


def _check_price_cap(document: Document, found: _Faults) -> None:
    if document["price_cap"] is None:  # prices are not capped
        return
    try:
        sound = decimal(document["price_cap"]) >= 1
    except ValueError:
        sound = False
    found.need(sound, "price_cap", "invalid", _("Give a decimal string of at least 1, or null."))


def _check_tolerance(document: Document, found: _Faults) -> None:
    try:
        sound = decimal(document["tolerance"]) <= 1
    except ValueError:
        sound = False
    found.need(sound, "tolerance", "invalid", _("Give a share from 0 to 1 as a decimal string."))


PURPOSE_OPTIONS = {"recipients", "data"}  # beside key, required and notice
RECIPIENT_OPTIONS = ("address", "contact", "organisation")  # beside key and name


def _check_purposes(document: Document, found: _Faults) -> None:
    purposes = document["purposes"]
    if not isinstance(purposes, list) or not 0 < len(purposes) <= PURPOSES_MAX:
        found.add("purposes", "invalid", _("Name at least one purpose and at most 20."))
        return
    seen: set[str] = set()
    for place, purpose in enumerate(purposes):
        field = f"purposes[{place}]"
        named = set(purpose) if isinstance(purpose, Mapping) else set()
        if named - PURPOSE_OPTIONS != {"key", "required", "notice"}:
            found.add(field, "invalid", _("Give key, required and notice."))
            continue
        key = purpose["key"]
        sound = isinstance(key, str) and len(key) <= 80 and SLUG.match(key) is not None
        if found.need(sound, f"{field}.key", "invalid", _("Use lowercase letters and hyphens.")):
            unique = key not in seen
            found.need(unique, f"{field}.key", "repeated", _("Name each purpose once."))
            seen.add(key)
        sound = isinstance(purpose["required"], bool)
        found.need(sound, f"{field}.required", "invalid", _("Say true or false."))
        _need_both_languages(purpose["notice"], f"{field}.notice", found)
        sound = _named(purpose.get("recipients", []), {"key", "name"}, *RECIPIENT_OPTIONS)
        found.need(sound, f"{field}.recipients", "invalid", _("Give key and name of each."))
        sound = _named(purpose.get("data", []), {"ko", "en"})
        found.need(sound, f"{field}.data", "invalid", _("Write this text in both languages."))


def _named(value: object, members: set[str], *options: str) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, Mapping) and members <= set(each) <= {*members, *options} for each in value
    )


def _time(field: str) -> Callable[[Document, _Faults], None]:
    def check(document: Document, found: _Faults) -> None:
        try:
            parse_time(document[field])
        except ValueError:
            found.add(field, "invalid", _("Give a time such as 2026-11-01T00:00:00Z."))
            return
        if field == "closes_at" and document["closes_at"] and document.get("opens_at"):
            try:
                opens, closes = parse_time(document["opens_at"]), parse_time(document[field])
            except ValueError:
                return
            in_order = opens is None or closes is None or opens < closes
            found.need(in_order, field, "order", _("A call closes after it opens."))

    return check


def _check_retention(document: Document, found: _Faults) -> None:
    days = document["retention_days"]
    sound = isinstance(days, int) and not isinstance(days, bool) and 0 < days <= 36_525
    found.need(sound, "retention_days", "invalid", _("Give a number of days, up to 100 years."))


def _check_licence(document: Document, found: _Faults) -> None:
    licence = document["licence"]
    sound = isinstance(licence, str) and 0 < len(licence) <= 80
    found.need(sound, "licence", "invalid", _("Name the licence of releases."))


def _check_disclosure(document: Document, found: _Faults) -> None:
    declared = document["disclosure"]
    if declared is None:
        return
    names = ("quasi_identifiers", "sensitive", "hierarchies", "unit")
    if not isinstance(declared, Mapping) or set(declared) - set(names):
        found.add("disclosure", "invalid", _("Name columns as quasi_identifiers and sensitive."))
        return
    quasi = declared.get("quasi_identifiers", [])
    hierarchies = declared.get("hierarchies", {})
    for field, named in (
        ("quasi_identifiers", quasi),
        ("sensitive", declared.get("sensitive", [])),
        ("hierarchies", list(hierarchies) if isinstance(hierarchies, Mapping) else None),
    ):
        known = column_names(document)
        if field == "hierarchies":
            known = quasi if isinstance(quasi, list) else []
        sound = (
            isinstance(named, list)
            and len(named) <= DISCLOSURE_COLUMNS_MAX
            and all(isinstance(name, str) and name in known for name in named)
        )
        found.need(sound, f"disclosure.{field}", "invalid", _("Name columns of the schema."))
    for name, levels in hierarchies.items() if isinstance(hierarchies, Mapping) else ():
        try:
            read_levels(levels)
        except ValueError:
            message = _("Give levels as a map, a width or *, finest first.")
            found.add(f"disclosure.hierarchies.{name}", "invalid", message)
    known_unit = declared.get("unit", "contributor") in ("contributor", "record")
    found.need(known_unit, "disclosure.unit", "invalid", _("Say contributor or record."))


def _check_deterrence(document: Document, found: _Faults) -> None:
    found.errors += deterrence_faults(document["deterrence"])


_CHECKS: Mapping[str, Callable[[Document, _Faults], None]] = {
    "slug": _check_slug,
    "title": _bilingual("title"),
    "description": _bilingual("description"),
    "schema": _check_schema,
    "checks": _check_checks,
    "duplicates": _check_duplicates,
    "target_mass": _check_target_mass,
    "method": _check_method,
    "pool": _check_pool,
    "price_cap": _check_price_cap,
    "tolerance": _check_tolerance,
    "purposes": _check_purposes,
    "opens_at": _time("opens_at"),
    "closes_at": _time("closes_at"),
    "retention_days": _check_retention,
    "licence": _check_licence,
    "disclosure": _check_disclosure,
    "deterrence": _check_deterrence,
}


def _check_strata(document: Document, known: Strata, found: _Faults) -> None:
    dimensions = document["strata"]
    if not isinstance(dimensions, list) or len(dimensions) > STRATA_MAX:
        found.add("strata", "invalid", _("Give a list of at most five dimensions."))
        return
    if not dimensions:
        found.need(
            document.get("method") != "coverage",
            "strata",
            "required",
            _("The coverage method needs at least one dimension."),
        )
        return
    seen: set[str] = set()
    total = Fraction(0)
    for place, dimension in enumerate(dimensions):
        field = f"strata[{place}]"
        allowed = {"dimension", "column", "reference", "weight", "map"}
        needed = allowed - {"map"}
        if (
            not isinstance(dimension, Mapping)
            or needed - set(dimension)
            or set(dimension) - allowed
        ):
            found.add(field, "invalid", _("Give dimension, column, reference and weight."))
            continue
        name = str(dimension["dimension"])
        found.need(name not in seen, f"{field}.dimension", "repeated", _("Name each one once."))
        seen.add(name)
        try:
            total += decimal(dimension["weight"])
        except ValueError:
            found.add(f"{field}.weight", "invalid", _("Give a share as a decimal string."))
        _check_dimension(document, dimension, field, known, found)
    found.need(total == 1, "strata", "weights", _("The weights of the dimensions add up to 1."))


def _check_dimension(
    document: Document, dimension: Document, field: str, known: Strata, found: _Faults
) -> None:
    column, reference, name = dimension["column"], dimension["reference"], dimension["dimension"]
    found.need(
        column in CONTRIBUTOR_ATTRIBUTES or column in column_names(document),
        f"{field}.column",
        "unknown-column",
        _("No column is called %(name)s.") % {"name": column},
    )
    if not found.need(
        isinstance(reference, str) and reference in known,
        f"{field}.reference",
        "unknown-reference",
        _("No reference population is called %(name)s.") % {"name": reference},
    ):
        return
    keys = known[reference].get(name)
    if keys is None:
        found.add(
            f"{field}.dimension",
            "unknown-dimension",
            _("%(reference)s has no dimension %(name)s.") % {"reference": reference, "name": name},
        )
        return
    mapping = dimension.get("map")
    if mapping is None:
        return
    if not isinstance(mapping, Mapping) or not all(isinstance(v, str) for v in mapping.values()):
        found.add(f"{field}.map", "invalid", _("Give value and stratum as texts."))
        return
    for stratum in sorted(set(mapping.values()) - set(keys)):
        found.add(
            f"{field}.map",
            "unknown-stratum",
            _("%(reference)s has no stratum %(name)s.") % {"reference": reference, "name": stratum},
        )
