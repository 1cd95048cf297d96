"""Is a Table Schema one that we can apply? Asked when an operator drafts a call, not per file."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from contributions.schema.document import (
    CONSTRAINTS,
    DIRECTIVES,
    TEMPORAL,
    TYPES,
    Field,
    same_name,
)


def validate_schema_document(schema: dict[str, object]) -> list[str]:
    """What is wrong with a schema, as sentences for its author; empty when it is usable."""
    return [text for _place, text in schema_problems(schema)]


def schema_problems(schema: dict[str, object]) -> list[tuple[int | None, str]]:
    """The same with the 0-based place of each faulty field; None where it is the schema itself."""
    fields = schema.get("fields")
    if not isinstance(fields, list) or not fields:
        return [(None, _("The schema needs a list of at least one column."))]
    problems: list[tuple[int | None, str]] = []
    values = schema.get("missingValues", [""])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        problems.append((None, _("missingValues must be a list of texts.")))
    seen: set[str] = set()
    for place, field in enumerate(fields):
        number = {"number": place + 1}
        if not isinstance(field, dict) or not isinstance(field.get("name"), str):
            problems.append((place, _("Column %(number)d needs a name.") % number))
            continue
        name = same_name(field["name"])
        if not name:
            problems.append((place, _("Column %(number)d needs a name.") % number))
        if name in seen:
            problems.append((place, _("Column %(number)d has the name of another.") % number))
        seen.add(name)
        problems.extend((place, f"{field['name']}: {text}") for text in _field_problems(field))
    return problems


def _field_problems(field: Field) -> list[str]:
    kind = field.get("type", "string")
    if kind not in TYPES:
        return [_("the type is one of %(names)s.") % {"names": ", ".join(TYPES)}]
    problems = _format_problems(str(kind), field.get("format", "default"))
    for key in ("groupChar", "decimalChar"):
        mark = field.get(key)
        if mark is not None and not (isinstance(mark, str) and len(mark) == 1):
            problems.append(_("%(name)s must be one character.") % {"name": key})
    constraints = field.get("constraints", {})
    if not isinstance(constraints, dict):
        return [*problems, _("the constraints must be an object.")]
    for key, value in constraints.items():
        if key not in CONSTRAINTS:
            problems.append(_("the constraint %(name)s is not known.") % {"name": key})
        elif kind not in CONSTRAINTS[key]:
            words = {"name": key, "kind": kind}
            problems.append(
                _("the constraint %(name)s does not apply to the type %(kind)s.") % words
            )
        else:
            problems.extend(_constraint_problems(str(key), value, field))
    return problems


def _format_problems(kind: str, form: object) -> list[str]:
    if not isinstance(form, str):
        return [_("the format must be a text.")]
    if form in ("default", "any") or kind not in TEMPORAL:
        return []
    directives = re.findall(r"%(.?)", form)
    if not directives:
        pattern = {"example": "%Y-%m-%d"}
        return [_("the format is default, any or a pattern such as %(example)s.") % pattern]
    return [
        _("the format holds %(mark)s, which is not supported.") % {"mark": f"%{each}"}
        for each in directives
        if each not in DIRECTIVES
    ]


def _constraint_problems(key: str, value: object, field: Field) -> list[str]:
    if key in ("required", "unique"):
        return (
            []
            if isinstance(value, bool)
            else [_("%(name)s must be true or false.") % {"name": key}]
        )
    if key in ("minLength", "maxLength"):
        fits = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        words = {"name": key, "least": 0}
        return [] if fits else [_("%(name)s must be a whole number from %(least)d on.") % words]
    if key == "pattern":
        try:
            re.compile(value if isinstance(value, str) else "(")
        except re.error:
            return [_("the pattern is not a regular expression.")]
        return []
    from contributions.schema.parsing import parses

    candidates = value if isinstance(value, list) else [value]
    if key == "enum" and (not isinstance(value, list) or not value):
        return [_("enum must be a list with at least one value.")]
    if all(parses(str(each), field) for each in candidates):
        return []
    return [
        _("%(name)s holds a value that is not of the column's own type and format.") % {"name": key}
    ]
