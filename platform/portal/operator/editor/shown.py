"""A call document as the inputs of its form, each with its own label, hint and error."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contributions.calls.document import CONTRIBUTOR_ATTRIBUTES, METHODS
from contributions.models import ReferencePopulation
from contributions.quality.catalogue import KINDS
from contributions.schema.document import TYPES
from contributions.strata_labels import dimension_label
from dure.core.clock import CITY_ZONE
from dure.core.language import localized
from dure.core.problems import FieldError
from portal.check_words import SEVERITIES, argument_label, check_title
from portal.formatting import moment_of, unit_text
from portal.operator.editor.controls import (
    Choices,
    Document,
    Errors,
    Input,
    Part,
    Section,
    as_dict,
    as_list,
    as_text,
    choice_of,
)
from portal.operator.editor.inputs import (
    BOUNDS,
    COLUMNS,
    FLAGS,
    FURTHER,
    JSONS,
    LINES,
    NUMBERS,
)
from portal.operator.editor.purposes import purposes_section
from portal.public.schema_words import kind_text

MANY_ROWS = 4


def anchor_of(path: str) -> str:
    """The id of the element that a field of the document is entered in."""
    name = re.sub(r"[\[\].]+", "-", path).strip("-")
    same = {
        "schema-fields": "columns", "schema": "columns", "purposes": "purposes",
        "strata": "strata", "checks": "checks", "duplicates": "duplicates-key",
        "pool": "pool-amount", "title": "title-ko", "description": "description-ko",
        "request": "slug", "deterrence": "deterrence-audit_rate",
        "disclosure-quasi_identifiers": "columns", "disclosure-sensitive": "columns",
    }  # fmt: skip
    if name in same:
        return same[name]
    if path.split(".")[0] in FURTHER:
        return "further"
    name = re.sub(r"^(strata-\d+)-dimension$", r"\1-reference", name)
    return re.sub(r"^(purposes-\d+)-(recipients|data)$", r"\1-key", name)


def sections(
    document: Document,
    *,
    references: Sequence[ReferencePopulation],
    organisations: Choices = (),
    errors: Iterable[FieldError] = (),
    new: bool = False,
) -> list[Section]:
    """The form of a document; `new` asks for the slug, which never changes afterwards.

    `organisations` are identifiers and names of those that a recipient can be tied to.
    """
    wrong = Errors()
    for error in errors:
        wrong.found.setdefault(anchor_of(error.field), str(error.message))
    names = _columns(document)
    return [
        _words(document, wrong, new=new),
        _schema(document, wrong),
        _checks(document, wrong, names),
        _repeats(document, wrong),
        _strata(document, wrong, names, references),
        _money(document, wrong),
        purposes_section(document, wrong, organisations),
        _term(document, wrong),
    ]


def _columns(document: Document) -> list[str]:
    fields = as_list(as_dict(document.get("schema")).get("fields"))
    return [as_text(as_dict(each).get("name")) for each in fields if as_dict(each).get("name")]


def _words(document: Document, wrong: Errors, *, new: bool) -> Section:
    title, description = as_dict(document.get("title")), as_dict(document.get("description"))
    inputs = []
    if new:
        hint = _("Part of the address: lowercase letters, digits and hyphens. It never changes.")
        slug = as_text(document.get("slug"))
        inputs.append(Input("slug", _("Short name"), value=slug, hint=hint, error=wrong.at("slug")))
    for language, name in (("ko", _("Korean")), ("en", _("English"))):
        key = f"title-{language}"
        label = _("Title (%(language)s)") % {"language": name}
        value = as_text(title.get(language))
        inputs.append(Input(key, label, value=value, error=wrong.at(key), lang=language))
    for language, name in (("ko", _("Korean")), ("en", _("English"))):
        key = f"description-{language}"
        label = _("Description (%(language)s)") % {"language": name}
        value = as_text(description.get(language))
        inputs.append(Input(key, label, "area", value, rows=3, error=wrong.at(key), lang=language))
    return Section("words", _("Title and description"), inputs=tuple(inputs))


def _schema(document: Document, wrong: Errors) -> Section:
    schema = as_dict(document.get("schema"))
    disclosure = as_dict(document.get("disclosure"))
    fields = [as_dict(each) for each in as_list(schema.get("fields"))]
    missing = [as_text(each) for each in as_list(schema.get("missingValues")) if each != ""]
    hint = _("Besides the empty cell, one per line, for example - or N/A.")
    area = Input("schema-missing", _("Marks of a missing value"), "area", "\n".join(missing), hint)
    return Section(
        "columns",
        _("Columns"),
        _("What a file has to contain. Rows that a column cannot read are set aside one by one."),
        inputs=(area,),
        parts=tuple(_column(at, each, disclosure, wrong) for at, each in enumerate(fields)),
        add="add:schema.fields",
        add_label=_("Add a column"),
    )


def _column(at: int, each: Document, disclosure: Document, wrong: Errors) -> Part:
    prefix = f"schema-fields-{at}"
    limits = as_dict(each.get("constraints"))
    name, kind = as_text(each.get("name")), as_text(each.get("type") or "string")
    release = next(
        (
            role
            for role in ("quasi_identifiers", "sensitive")
            if name in as_list(disclosure.get(role))
        ),
        "",
    )
    known = {"name", "type", "format", "constraints", "dure:declared"}
    rest = {key: value for key, value in each.items() if key not in known}
    roles = choice_of(
        [("quasi_identifiers", _("Could tell people apart")), ("sensitive", _("Is sensitive"))],
        empty=_("Nothing special"),
    )
    inputs = (
        Input(f"{prefix}-name", _("Name as in the file"), value=name),
        Input(f"{prefix}-type", _("Kind"), "select", kind, choices=_kinds(kind)),
        Input(f"{prefix}-required", _("Must not be empty"), "tick", "on",
              ticked=limits.get("required") is True),
    )  # fmt: skip
    enum = "\n".join(as_text(value) for value in as_list(limits.get("enum")))
    more = (
        Input(f"{prefix}-format", _("Form of dates, such as %Y%m%d"), mono=True,
              value=as_text(each.get("format"))),
        Input(f"{prefix}-minimum", _("Lowest"), value=as_text(limits.get("minimum"))),
        Input(f"{prefix}-maximum", _("Highest"), value=as_text(limits.get("maximum"))),
        Input(f"{prefix}-minLength", _("Fewest characters"),
              value=as_text(limits.get("minLength"))),
        Input(f"{prefix}-maxLength", _("Most characters"), value=as_text(limits.get("maxLength"))),
        Input(f"{prefix}-pattern", _("Form (regular expression)"),
              value=as_text(limits.get("pattern")), mono=True),
        Input(f"{prefix}-enum", _("Allowed values, one per line"), "area", enum),
        Input(f"{prefix}-release", _("In releases"), "select", release, choices=roles),
        Input(f"{prefix}-unique", _("Each value once"), "tick", "on",
              ticked=limits.get("unique") is True),
        Input(f"{prefix}-declared", _("Looks like personal data and is none"), "tick", "on",
              ticked=each.get("dure:declared") is True),
    )  # fmt: skip
    title = _("Column %(number)d") % {"number": at + 1}
    return Part(
        prefix,
        f"{title}: {name}" if name else title,
        inputs,
        more,
        hidden=((f"{prefix}-rest", _json(rest)),) if rest else (),
        remove=f"remove:schema.fields:{at}",
        error=wrong.at(prefix),
        open=bool(wrong.at(prefix)),
    )


def _kinds(kind: str) -> Choices:
    offered = [(each, kind_text(each)) for each in TYPES]
    return tuple(offered if kind in TYPES else [*offered, (kind, kind)])


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _checks(document: Document, wrong: Errors, names: list[str]) -> Section:
    groups = [(name, check_title(name)) for name in KINDS]
    adding = Input(
        "new-check", _("Kind of check"), "select", choices=choice_of(groups, empty=_("Choose one"))
    )
    return Section(
        "checks",
        _("Checks"),
        _("Every check of the catalogue. What fails a critical one is set aside, a warning costs"
          " a stated part of the value, information is only reported."),
        parts=tuple(
            _check(at, as_dict(each), wrong, names)
            for at, each in enumerate(as_list(document.get("checks")))
        ),
        add="add:checks",
        add_label=_("Add this check"),
        adding=adding,
    )  # fmt: skip


def _check(at: int, each: Document, wrong: Errors, names: list[str]) -> Part:
    prefix = f"checks-{at}"
    name = as_text(each.get("type"))
    kind, kwargs = KINDS.get(name), as_dict(each.get("kwargs"))
    needed: tuple[str, ...] = (*kind.columns, *kind.needs, *kind.one_of) if kind else ()
    severity = Input(
        f"{prefix}-severity", _("What a failure means"), "select",
        as_text(each.get("severity") or "critical"),
        choices=tuple((key, _(label)) for key, label in SEVERITIES.items()),
    )  # fmt: skip
    inputs = [_argument(prefix, argument, kwargs, names) for argument in needed] + [severity]
    if kind is None or kind.scope == "row":
        hint = _("In thousandths of a record, 0 to 1,000; only for a warning.")
        loss = as_text(as_dict(each.get("meta")).get("loss"))
        inputs.append(Input(f"{prefix}-loss", _("Loss of value"), "number", loss, hint))
    title = _("Check %(number)d") % {"number": at + 1}
    return Part(
        prefix,
        f"{title}: {check_title(name)}",
        tuple(inputs),
        tuple(
            _argument(prefix, argument, kwargs, names) for argument in (kind.may if kind else ())
        ),
        hidden=((f"{prefix}-type", name),),
        remove=f"remove:checks:{at}",
        error=wrong.at(prefix),
    )


def _argument(prefix: str, argument: str, kwargs: Document, names: list[str]) -> Input:
    name, label, value = f"{prefix}-{argument}", argument_label(argument), kwargs.get(argument)
    if argument in COLUMNS:
        return Input(
            name, label, "select", as_text(value), choices=_of_columns(names, as_text(value))
        )
    if argument in FLAGS:
        chosen = {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else ""
        answers = choice_of([("yes", _("Yes")), ("no", _("No"))], empty=_("As usual"))
        return Input(name, label, "select", chosen, choices=answers)
    if argument == "value_pairs_set":
        pairs = [" | ".join(map(as_text, as_list(pair))) for pair in as_list(value)]
        return Input(name, label, "area", "\n".join(pairs), rows=MANY_ROWS)
    if argument == "quantile_ranges":
        return Input(name, label, "area", _quantile_lines(as_dict(value)), rows=MANY_ROWS)
    if argument in LINES:
        text = "\n".join(map(as_text, value)) if isinstance(value, list) else as_text(value)
        return Input(name, label, "area", text, rows=MANY_ROWS)
    if argument in JSONS:
        text = _json(value) if isinstance(value, (dict, list)) else as_text(value)
        return Input(name, label, "area", text, rows=MANY_ROWS, mono=True)
    kind = "number" if argument in (*NUMBERS, *BOUNDS) else "text"
    return Input(name, label, kind, as_text(value), mono=argument == "regex")


def _quantile_lines(value: Document) -> str:
    quantiles, ranges = as_list(value.get("quantiles")), as_list(value.get("value_ranges"))
    rows = zip(quantiles, ranges, strict=False)
    return "\n".join(", ".join(map(as_text, [at, *as_list(bounds)])) for at, bounds in rows)


def _of_columns(names: list[str], chosen: str, *, contributor: bool = False) -> Choices:
    offered = [(name, name) for name in names]
    if contributor:
        offered += [
            (name, _("of the contributor, verified: %(what)s")
             % {"what": localized(dimension_label(name.partition(".")[2]))})
            for name in CONTRIBUTOR_ATTRIBUTES
        ]  # fmt: skip
    if chosen and chosen not in dict(offered):
        offered.append((chosen, chosen))
    return choice_of(offered, empty=_("Choose one"))


def _repeats(document: Document, wrong: Errors) -> Section:
    rule = as_dict(document.get("duplicates"))
    key = "\n".join(map(as_text, as_list(rule.get("key"))))
    near = "\n".join(f"{name} = {places}" for name, places in as_dict(rule.get("near")).items())
    return Section(
        "duplicates",
        _("Duplicates"),
        _("Records that are the same count once, for whoever sent them first."),
        inputs=(
            Input("duplicates-key", _("Columns that make a record the same, one per line"), "area",
                  key, _("If left empty: all columns together."), rows=3,
                  error=wrong.at("duplicates-key")),
            Input("duplicates-near", _("Columns with small differences, one per line"), "area",
                  near, _("A column and the decimals that tell two records apart: PM10 = 1"),
                  rows=2, error=wrong.at("duplicates-near")),
        ),
    )  # fmt: skip


def _strata(
    document: Document,
    wrong: Errors,
    names: list[str],
    references: Sequence[ReferencePopulation],
) -> Section:
    offered = [
        (
            f"{each.key}/{dimension}",
            f"{localized(each.title)}: {localized(dimension_label(dimension))}",
        )
        for each in references
        for dimension in each.dimensions
    ]
    parts = []
    for at, raw in enumerate(as_list(document.get("strata"))):
        each, prefix = as_dict(raw), f"strata-{at}"
        chosen = f"{as_text(each.get('reference'))}/{as_text(each.get('dimension'))}".strip("/")
        choices = offered if not chosen or chosen in dict(offered) else [*offered, (chosen, chosen)]
        pairs = "\n".join(f"{value} = {key}" for value, key in as_dict(each.get("map")).items())
        column = as_text(each.get("column"))
        parts.append(
            Part(
                prefix,
                _("Dimension %(number)d") % {"number": at + 1},
                (
                    Input(f"{prefix}-reference", _("Reference population and dimension"), "select",
                          chosen, choices=choice_of(choices, empty=_("Choose one")),
                          error=wrong.at(f"{prefix}-reference")),
                    Input(f"{prefix}-column", _("Where the data says it"), "select", column,
                          choices=_of_columns(names, column, contributor=True),
                          error=wrong.at(f"{prefix}-column")),
                    Input(f"{prefix}-weight", _("Weight"), value=as_text(each.get("weight")),
                          hint=_("A share; the weights of all dimensions add up to 1."),
                          error=wrong.at(f"{prefix}-weight") or wrong.at("strata")),
                ),
                (
                    Input(f"{prefix}-map", _("Values and their strata"), "area", pairs,
                          _("One per line, where the file writes it otherwise: Dobong = 11320"),
                          rows=4,
                          error=wrong.at(f"{prefix}-map")),
                ),
                remove=f"remove:strata:{at}",
                error=wrong.at(prefix),
                open=bool(pairs or wrong.at(f"{prefix}-map")),
            )
        )  # fmt: skip
    return Section(
        "strata",
        _("Who the data should represent"),
        _("Each dimension compares the data with published counts; what fills a gap counts more."),
        parts=tuple(parts),
        add="add:strata",
        add_label=_("Add a dimension"),
    )


def _money(document: Document, wrong: Errors) -> Section:
    pool = as_dict(document.get("pool"))
    methods = {
        "coverage": _("Coverage reward: what fills a gap is worth more"),
        "flat": _("Flat: every record is worth the same"),
        "knn": _("Nearest neighbours: what improves a model"),
        "permutation": _("Shares of few institutions"),
        "cost": _("Cost-based quote for firms"),
    }
    further = {name: document[name] for name in FURTHER if name in document}
    fields: list[tuple[str, str, str, str, str, Choices]] = [
        ("target_mass", _("Target (records)"), "number", as_text(document.get("target_mass")),
         "", ()),
        ("method", _("How value is computed"), "select", as_text(document.get("method")), "",
         tuple((name, methods[name]) for name in METHODS)),
        ("pool-amount", _("Budget"), "number", as_text(pool.get("amount")),
         _("Put into the call's pool at publication."), ()),
        ("pool-asset", _("Paid in"), "select", as_text(pool.get("asset")), "",
         tuple((asset, unit_text(asset)) for asset in ("DURE", "KRW"))),
        ("price_cap", _("Price cap"), "number", as_text(document.get("price_cap")),
         _("As a multiple of the mean price, such as 3. If left empty: no cap."), ()),
        ("intake_fill", _("Intake limit (multiple of target)"), "number",
         as_text(document.get("intake_fill")),
         _("Each stratum by itself. With a cap, 2.5 at most: beyond, keeping records back pays. "
           "If left empty: a stratum never closes."), ()),
        ("tolerance", _("Share of rows that may be set aside"), "number",
         as_text(document.get("tolerance")), _("From 0 to 1. Above it a file is returned."), ()),
    ]  # fmt: skip
    inputs = [
        Input(name, label, kind, value, hint, choices, error=wrong.at(name))
        for name, label, kind, value, hint, choices in fields
    ]
    pledge, hints = (
        as_dict(document.get("deterrence")),
        {
            "audit_rate": _("Of a settlement's contributions, from 0 to 1; the log draws them."),
            "hold_back": _("Of each reward, from 0 to 1. If left empty: all is paid at once."),
            "hold_back_days": _("Needed where pay is held back, such as 60."),
            "records": _(
                "Honest records behind each false one; 20 where nothing is said. 0 where accounts "
                "are cheap: false records sent by themselves do not pay then either."
            ),
        },
    )
    for name, label in (
        ("audit_rate", _("Share that is checked")),
        ("hold_back", _("Share that is held back")),
        ("hold_back_days", _("Days held back")),
        ("records", _("Honest records per false record")),
    ):
        key = f"deterrence-{name}"
        inputs.append(
            Input(key, label, "number", as_text(pledge.get(name)), hints[name], error=wrong.at(key))
        )
    if further or wrong.at("further"):
        text = json.dumps(further, ensure_ascii=False, indent=1)
        label = _("Further settings (JSON)")
        inputs.append(
            Input("further", label, "area", text, rows=5, mono=True, error=wrong.at("further"))
        )
    return Section("money", _("Amount and money"), inputs=tuple(inputs))


def _term(document: Document, wrong: Errors) -> Section:
    def local(name: str) -> str:
        value = document.get(name)
        try:
            moment = moment_of(value) if isinstance(value, str) else None
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            return as_text(value)
        return moment.astimezone(CITY_ZONE).strftime("%Y-%m-%dT%H:%M")

    kept = {
        name: value
        for name, value in as_dict(document.get("disclosure")).items()
        if name not in ("quasi_identifiers", "sensitive") or value == []  # said, and said again
    }
    part = Part("kept", "", (), hidden=(("disclosure-rest", _json(kept)),)) if kept else None
    return Section(
        "term",
        _("Time and licence"),
        inputs=(
            Input("opens_at", pgettext("a call", "Opens"), "moment", local("opens_at"),
                  _("If left empty: at publication."), error=wrong.at("opens_at")),
            Input("closes_at", _("Closes"), "moment", local("closes_at"),
                  _("If left empty: open-ended."), error=wrong.at("closes_at")),
            Input("retention_days", _("Days that data is kept"), "number",
                  as_text(document.get("retention_days")), error=wrong.at("retention_days")),
            Input("licence", _("Licence of releases"), value=as_text(document.get("licence")),
                  error=wrong.at("licence")),
        ),
        parts=(part,) if part else (),
    )  # fmt: skip
