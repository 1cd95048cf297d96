"""One sentence for each thing that can be wrong: what it is, what is allowed, what to do.

A sentence may quote the call (bounds, lists, forms) and counts, never a cell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from contributions.decode.formats import NAMES
from contributions.quality.catalogue import KINDS
from contributions.schema.written import written_form

SENTENCES: dict[str, str] = {
    "file.empty": _("The file is empty. Send a file with a header line and at least one row."),
    "file.no_rows": _("The file has a header but no rows. Add at least one row of data."),
    "file.not_a_table": _(
        "This is not a table that we can read (%(kind)s). Save it as one of %(accepted)s "
        "and send it again."
    ),
    "file.encoding": _(
        "The text cannot be read from byte %(offset)s on. UTF-8 and CP949 are read; save "
        "the file as UTF-8 and send it again."
    ),
    "file.truncated": _(
        "The file ends in the middle of a record or a character. Send the whole file again."
    ),
    "file.nul": _(
        "The file holds NUL characters, which no text has. Export it again as plain text."
    ),
    "file.surrogate": _("The file holds half of a character. Export it again as UTF-8."),
    "file.too_large": _("The file is larger than %(limit)s. Split it and send the parts."),
    "file.too_many_rows": _("The file has more than %(limit)s rows. Split it and send the parts."),
    "file.too_many_columns": _(
        "The file has more than %(limit)s columns. Send only the columns of the call."
    ),
    "file.cell_too_large": _(
        "One cell is larger than %(limit)s. Shorten it and send the file again."
    ),
    "file.header_duplicate": _(
        "Column %(position)s has the name of an earlier column. Give every column a name "
        "of its own."
    ),
    "file.header_empty": _(
        "Column %(position)s holds data but has no name. Name it in the header line."
    ),
    "file.title_line": _(
        "There is a title at the top and no header below it. Write one line with the column "
        "names above the data."
    ),
    "file.quote_unclosed": _(
        "A quotation mark opened near line %(line)s is never closed. Close it and send "
        "the file again."
    ),
    "file.quoting": _(
        "Near line %(line)s there is text directly behind a closing quotation mark. Write "
        "a quotation mark inside a cell twice."
    ),
    "file.key_duplicate": _("A record names one key twice. Every key may stand once in a record."),
    "file.nested_value": _(
        "A record holds a list or an object as a value. Only flat records are read; write "
        "one value per column."
    ),
    "file.not_previewable": _(
        "This format can be looked into only as a whole. Send it; it is checked after the upload."
    ),
    "file.limit": _(
        "Reading the file takes more memory or time than any table of its size needs, so "
        "it was stopped. Save the table as CSV, or split it, and send it again."
    ),
    "file.bomb": _(
        "The archive unfolds to more than %(limit)s times its size. Send the table without "
        "an archive."
    ),
    "file.archive_members": _(
        "The archive holds %(found)s files. Send an archive of exactly one table, or the "
        "table itself."
    ),
    "file.archive_nested": _("The archive holds another archive. Send the table itself."),
    "file.archive_unsafe": _(
        "The archive is not built as an ordinary one (names that lead elsewhere, overlapping "
        "or unusually packed files). Pack the table again or send it without an archive."
    ),
    "file.encrypted": _(
        "The file is protected by a password. Save it without one and send it again."
    ),
    "file.xml_entities": _(
        "The spreadsheet holds definitions that no spreadsheet program writes. Open it, save "
        "it anew and send it again."
    ),
    "file.too_many_cells": _(
        "The cells of the sheet span more than %(limit)s places. Delete stray cells far from "
        "the table, or save it as CSV."
    ),
    "file.too_many_sheets": _(
        "The workbook has more than %(limit)s sheets. Send a workbook with the table alone."
    ),
    "file.two_header_rows": _(
        "The column names stand in two rows. Write one header row with one name for each "
        "column and send the file again."
    ),
    "file.header_control": _(
        "The name of column %(position)s holds control characters. Type the name again."
    ),
    "file.preamble": _(
        "%(lines)s lines above the header were left out. Nothing has to be done; a file that "
        "begins with the header is read as it stands."
    ),
    "file.other_sheets": _(
        "Only the first sheet was read; %(sheets)s more hold data. Send each of them as a "
        "file of its own."
    ),
    "columns.missing": _(
        "Columns of the call are missing: %(columns)s. Add them under exactly these names."
    ),
    "columns.unknown": _(
        "The call does not ask for these columns, and they are not stored: %(columns)s."
    ),
    "row.too_short": _(
        "The row has %(found)s cells instead of %(expected)s. Fill in the missing cells "
        "or add their separators."
    ),
    "row.too_long": _(
        "The row has %(found)s cells instead of %(expected)s. Put cells that contain the "
        "separator in quotation marks."
    ),
    "row.not_json": _("The line is not valid JSON. Write one object per line."),
    "row.not_a_record": _("The line is JSON, but not an object. Write one object per line."),
    "row.second_header": _(
        "The row holds a second line of names or units instead of data, so it was set aside. "
        "Leave it out next time."
    ),
    "row.control": _(
        "A cell holds control characters, which no text needs. Type the value again without them."
    ),
    "row.geometry": _(
        "The geometry is not valid GeoJSON. Give longitude and latitude in degrees (WGS 84) "
        "and close every ring."
    ),
    "row.duplicate": _(
        "The same record was already contributed; it counts once, for whoever sent it "
        "first. Leave it out."
    ),
    "repeats.key": _(
        "A record with the same %(columns)s was already contributed; it counts once, for whoever "
        "sent it first, even if other values differ. Leave it out."
    ),
    "cell.required": _(
        "The cell is empty, but a value is required here. Fill it in or leave the row out."
    ),
    "cell.integer": _("This is not a whole number. Write digits only, such as 1234."),
    "cell.number": _(
        "This is not a number. Write digits with a decimal point, such as 12.5, without a unit."
    ),
    "cell.thousands": _("The number has commas between thousands. Write it without them."),
    "cell.number_range": _(
        "The number is too large to be stored exactly. Check the unit and the value."
    ),
    "cell.boolean": _("This is neither true nor false. Write true or false."),
    "cell.date": _("This is not a date in the expected form. Write it as %(expected)s."),
    "cell.datetime": _(
        "This is not a date with time in the expected form. Write it as %(expected)s."
    ),
    "cell.time": _("This is not a time of day in the expected form. Write it as %(expected)s."),
    "cell.year": _("This is not a year. Write four digits, such as 2026."),
    "cell.yearmonth": _("This is not a month of a year. Write it as %(expected)s."),
    "cell.impossible_date": _("There is no such day or hour in the calendar. Correct the date."),
    "cell.enum": _("This value is not in the list. Allowed: %(allowed)s."),
    "cell.pattern": _("The text does not have the required form. It must match %(pattern)s."),
    "cell.minimum": _("The value is too small. The least allowed is %(bound)s."),
    "cell.maximum": _("The value is too large. The most allowed is %(bound)s."),
    "cell.min_length": _("The text is too short. Write at least %(bound)s characters."),
    "cell.max_length": _("The text is too long. Write at most %(bound)s characters."),
    "cell.unique": _(
        "The value stands in an earlier row already. It must be different in every row."
    ),
    "between.both": _(
        "The value is outside the allowed range. Allowed: %(min_value)s to %(max_value)s. "
        "Check the unit and the value."
    ),
    "between.min": _(
        "The value is below the allowed range. Allowed: %(min_value)s or more. Check the "
        "unit and the value."
    ),
    "between.max": _(
        "The value is above the allowed range. Allowed: %(max_value)s or less. Check the "
        "unit and the value."
    ),
    "expect_column_values_to_be_in_set": _(
        "This value is not in the list. Allowed: %(value_set)s."
    ),
    "expect_column_values_to_not_be_in_set": _(
        "This value is not allowed. Not allowed are: %(value_set)s."
    ),
    "expect_column_values_to_not_be_null": _(
        "The cell is empty, but a value is required here. Fill it in or leave the row out."
    ),
    "expect_column_values_to_be_null": _("The cell must stay empty. Delete its value."),
    "expect_column_values_to_be_unique": _(
        "The value stands in more than one row. It must be different in every row."
    ),
    "expect_column_values_to_match_regex": _(
        "The text does not have the required form. It must match %(regex)s."
    ),
    "expect_column_values_to_not_match_regex": _(
        "The text has a form that is not allowed here: %(regex)s. Correct it."
    ),
    "expect_column_pair_values_a_to_be_greater_than_b": _(
        "The value must be greater than that of %(column_B)s in the same row. Correct one "
        "of the two."
    ),
    "expect_column_pair_values_to_be_equal": _(
        "The value must equal that of %(column_B)s in the same row. Correct one of the two."
    ),
    "expect_compound_columns_to_be_unique": _(
        "The same combination of values stands in more than one row. Keep one of them."
    ),
    "expect_no_repeated_block": _(
        "The values here stay the same or repeat an earlier stretch almost exactly, which "
        "instruments rarely do. Check the instrument, or send what it measured."
    ),
    "expect_key_to_have_one_value": _(
        "Another row says something else about the same key. Keep the one that is right."
    ),
    "lengths": _("The text does not have the required length. Shorten or complete it."),
    "expectation": _(
        "The row does not meet a quality rule of the call. Read the call's rules and "
        "correct the value."
    ),
    "table": _(
        "The file as a whole does not meet a quality rule of the call. Read the call's "
        "rules and send a corrected file."
    ),
    "check": _(
        "This quality rule could not be applied. Nothing was held against your data; the "
        "city has to correct the rule."
    ),
    "rrn": _(
        "The file holds resident registration numbers. No law lets us receive them, so "
        "the file was refused and deleted. Remove the column and send the file again."
    ),
    "frn": _(
        "The file holds foreigner registration numbers. We may not receive them, so the "
        "file was refused and deleted. Remove the column and send the file again."
    ),
    "passport": _(
        "The file holds passport numbers, so it was refused and deleted. Remove them and "
        "send the file again."
    ),
    "driver_license": _(
        "The file holds driving licence numbers, so it was refused and deleted. Remove "
        "them and send the file again."
    ),
    "card": _(
        "The file holds payment card numbers, so it was refused and deleted. Remove them "
        "and send the file again."
    ),
    "bank_account": _(
        "The file holds bank account numbers, so it was refused and deleted. Remove them "
        "and send the file again."
    ),
    "phone": _(
        "There is a telephone number here. It was replaced by a code that nobody can "
        "call; leave such numbers out next time."
    ),
    "email": _(
        "There is an e-mail address here. It was replaced by a code; leave such addresses "
        "out next time."
    ),
    "plate": _(
        "There is a vehicle number here. It was replaced by a code; leave such numbers "
        "out next time."
    ),
    "name": _(
        "There is a person's name here. It was replaced by a code; leave names out next time."
    ),
    "dob": _(
        "There is a date of birth here. It was reduced to a band of five years; send only "
        "the band next time."
    ),
    "address": _(
        "There is the address of a dwelling here. It was cut down to the street; send "
        "only the neighbourhood next time."
    ),
    "geo_point": _(
        "The positions belong to persons. They were moved to a grid of 250 metres; send only "
        "the neighbourhood next time."
    ),
    "trajectory": _(
        "The positions draw the paths of persons. They were left out; send only counts "
        "per place and hour."
    ),
    "device": _(
        "There is an address or number of a personal device here. It was replaced by a "
        "code; leave it out next time."
    ),
    "brn": _(
        "There is a business registration number here. It is public and may stay; nothing "
        "has to be done."
    ),
    "unknown": _(
        "The row does not meet a rule of this call. Read the call's rules and correct it."
    ),
}
DEVICES = ("ip", "mac", "device_id")


#: Their limit is a number of bytes.
SIZES = ("file.too_large", "file.cell_too_large")
#: Their expectation may be a strptime pattern.
FORMS = ("cell.date", "cell.datetime", "cell.time")
#: Bounds of a call, which arrive as they were written.
BOUNDS = ("min_value", "max_value", "bound")
#: A large whole number; eight digits of this century or the last may be a day.
LARGE = re.compile(r"-?(?!(?:19|20)\d{6}$)\d{5,}")
COUNTS = ("limit", "lines", "found", "expected", "members", "sheets", "received", "quarantined")


class _Blanks(dict[str, object]):
    """A parameter that a caller did not give is a dash, never an error in front of a reader."""

    def __missing__(self, key: str) -> str:
        return "–"


def sentence(rule: str, params: Mapping[str, str | int] | None = None) -> str:
    """The sentence of a rule in the reader's language. Unknown rules get a general one."""
    given = {key: value for key, value in (params or {}).items() if value not in ("", "None")}
    shown = _Blanks(readable(given), accepted=", ".join(NAMES))
    if rule in SIZES and "limit" in given:
        shown["limit"] = filesizeformat(given["limit"])
    if rule in FORMS and "expected" in given:
        shown["expected"] = written_form(str(given["expected"]))
    return gettext(SENTENCES[_key(rule, given)]) % shown


def readable(params: Mapping[str, Any]) -> dict[str, Any]:  # Any: words of a sentence
    """Counts and large bounds with their thousands set apart; the rest as the call has it."""
    return {
        name: number_format(int(value), force_grouping=True)
        if (name in COUNTS and isinstance(value, int))
        or (name in BOUNDS and LARGE.fullmatch(str(value)))
        else value
        for name, value in params.items()
    }


def _key(rule: str, params: Mapping[str, str | int]) -> str:
    if rule == "row.duplicate" and "columns" in params:
        return "repeats.key"
    if rule in SENTENCES:
        return rule
    if rule == "expect_column_values_to_be_between":
        if "min_value" in params and "max_value" in params:
            return "between.both"
        return "between.max" if "max_value" in params else "between.min"
    if rule.startswith("expect_column_value_lengths"):
        return "lengths"
    if rule in KINDS:
        return "expectation" if KINDS[rule].scope == "row" else "table"
    family = rule.split(".")[0]
    if family in DEVICES:
        return "device"
    return family if family in SENTENCES else "unknown"
