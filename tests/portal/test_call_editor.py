"""Kang writes a call on pages, Lim approves it; nothing that was typed is lost."""

from __future__ import annotations

import io
import json
import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from contributions.calls.services import register_reference
from contributions.models import Call, CallVersion
from contributions.quality.catalogue import KINDS
from dure.accounts.models import Organisation
from portal.operator.editor.differences import differences
from portal.operator.editor.inputs import read_document
from portal.operator.editor.shown import sections
from tests import cast
from tests.portal import city

pytestmark = pytest.mark.django_db
NEW = "/en/console/new-call/"


class Form(HTMLParser):
    """The fields of the page's form as a browser without scripts would send them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self._area = self._select = ""
        self._first = True
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        name = given.get("name", "")
        if tag == "textarea":
            self._area, self.sent[name] = name, ""
        elif tag == "select":
            self._select, self._first = name, True
        elif tag == "option" and self._select:
            if self._first or "selected" in given:
                self.sent[self._select] = given["value"]
            self._first = False
        elif tag == "input" and name and given.get("type") != "file":
            if given.get("type") == "checkbox" and "checked" not in given:
                return
            self.sent[name] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._area:
            self.sent[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            # A browser leaves out the line break that follows the opening tag.
            self.sent[self._area] = self.sent[self._area].removeprefix("\n")
            self._area = ""
        elif tag == "select":
            self._select = ""


def full_document() -> dict[str, Any]:  # Any: JSON
    """The test call with everything that the form knows."""
    document = city.call_document()
    document["schema"]["fields"][2] |= {
        "constraints": {"minimum": 0, "enum": [1, 2.5]},
        "groupChar": ",",
    }
    document["schema"]["missingValues"] = ["", "-"]
    document["duplicates"] = {"key": ["date", "pm10"], "near": {"pm10": 1}}
    document["strata"][0]["map"] = {"도봉": "11320"}
    document["purposes"][1]["recipients"] = [{"key": "lab", "name": {"ko": "연구소", "en": "Lab"}}]
    document["disclosure"] = {
        "quasi_identifiers": ["district"],
        "sensitive": [],
        "unit": "record",
    }
    document["intake_fill"] = "0.9"
    document["opens_at"] = "2026-01-01T00:00:00Z"
    return document


def sent_of(document: dict[str, Any], client: Client) -> dict[str, str]:  # Any: JSON
    """What the form of a document would send back, unchanged."""
    text = json.dumps(document).encode()
    file = io.BytesIO(text)
    file.name = "call.json"
    answer = client.post(NEW, {"do": "import", "json": file})
    assert answer.status_code == 200, answer.content.decode()[:500]
    return Form(answer.content.decode()).sent


def test_the_form_says_exactly_what_the_document_says(client: Client) -> None:
    register_reference(acting=cast.actor(cast.kang()), document=city.reference_document())
    cast.log_in(client, cast.kang())
    document = full_document()
    assert read_document(sent_of(document, client)) == document


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_check_of_the_catalogue_goes_through_the_form(client: Client, name: str) -> None:
    """Each argument of each kind survives the way into the form and out again."""
    kind = KINDS[name]
    values: dict[str, object] = {
        "column": "pm10", "column_A": "date", "column_B": "district", "regex": "^a|b$",
        "column_list": ["date", "pm10"], "column_set": ["date"], "value_set": [1, 2.5],
        "regex_list": ["^a", "b$"], "value_pairs_set": [["a", "b"]], "type_list": ["INTEGER"],
        "quantile_ranges": {"quantiles": [0.5], "value_ranges": [[1, 2.5]]},
        "json_schema": {"type": "object"}, "partition_object": {"bins": [0, 1], "weights": [1]},
        "min_value": 1, "max_value": 2.5, "strftime_format": "%Y", "match_on": "any",
        "type_": "INTEGER", "method": "iqr", "ignore_row_if": "never",
    }  # fmt: skip
    flags = {"strict_min", "strict_max", "strictly", "or_equal", "exact_match", "double_sided",
             "ties_okay", "allow_relative_error", "bucketize_data"}  # fmt: skip
    kwargs = {
        argument: values.get(argument, True if argument in flags else 3)
        for argument in kind.arguments()
    }
    document = city.call_document()
    loss = {"meta": {"loss": 300}} if kind.scope == "row" else {}
    document["checks"] = [{"type": name, "kwargs": kwargs, "severity": "warning", **loss}]
    cast.log_in(client, cast.kang())
    assert read_document(sent_of(document, client))["checks"] == document["checks"]


def test_kang_writes_a_call_and_lim_publishes_it(client: Client) -> None:
    register_reference(acting=cast.actor(cast.kang()), document=city.reference_document())
    cast.log_in(client, cast.kang())
    sent = Form(client.get(NEW).content.decode()).sent
    sent |= {
        "slug": "noise", "title-ko": "소음", "title-en": "Noise", "description-ko": "골목 소음",
        "description-en": "Noise of alleys", "target_mass": "1,000", "pool-amount": "5000",
        "schema-fields-0-name": "district", "purposes-0-notice-ko": "씁니다.",
        "purposes-0-notice-en": "Used.",
    }  # fmt: skip
    sent = Form(client.post(NEW, sent | {"do": "add:schema.fields"}).content.decode()).sent
    assert sent["title-ko"] == "소음"
    sent |= {"schema-fields-1-name": "decibel", "schema-fields-1-type": "number"}
    add = {"do": "add:checks", "new-check": "expect_column_values_to_be_between"}
    sent = Form(client.post(NEW, sent | add).content.decode()).sent
    sent |= {"checks-0-column": "decibel", "checks-0-min_value": "0", "checks-0-max_value": "140"}
    sent = Form(client.post(NEW, sent | {"do": "add:strata"}).content.decode()).sent
    sent |= {"strata-0-reference": "districts-test/district", "strata-0-column": "district"}
    preview = client.post(NEW, sent | {"do": "preview"})
    assert "This is a preview" in preview.content.decode()
    assert "Dobong-gu" in preview.content.decode()
    assert not Call.objects.exists()
    assert client.post(NEW, sent | {"do": "save"}).status_code == 302
    assert client.post("/en/console/calls/noise/").status_code == 302
    own = client.get("/en/console/calls/noise/").content.decode()
    assert "Approve and publish" not in own
    cast.log_in(client, cast.lim())
    assert client.post("/en/console/calls/noise/").status_code == 302
    version = CallVersion.objects.get(state="published")
    assert version.document["target_mass"] == 1000
    assert version.document["checks"][0]["kwargs"] == {
        "column": "decibel", "min_value": 0, "max_value": 140,
    }  # fmt: skip
    assert client.get("/en/calls/noise/").status_code == 200


def test_what_is_wrong_is_named_at_its_field_and_nothing_typed_is_lost(client: Client) -> None:
    cast.log_in(client, cast.kang())
    sent = sent_of(full_document(), client)
    sent |= {
        "slug": "Not A Slug", "title-en": "", "target_mass": "many", "checks-0-max_value": "high",
        "schema-fields-2-minimum": "low",
    }  # fmt: skip
    answer = client.post(NEW, sent | {"do": "save"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: New call – Dure</title>" in page
    summary = page[page.index('role="alert"') : page.index("</ul>", page.index('role="alert"'))]
    anchors = set(re.findall(r'href="#([^"]+)"', summary))
    assert {"slug", "title-en", "target_mass", "schema-fields-2", "strata-0-reference"} <= anchors
    for anchor in anchors:
        assert page.count(f'id="{anchor}"') == 1, anchor
    kept = Form(page).sent
    assert (kept["target_mass"], kept["checks-0-max_value"]) == ("many", "high")
    assert re.search(r'id="slug"[^>]*aria-invalid="true"', page)


def test_a_change_is_a_new_version_and_shows_what_it_changes(client: Client) -> None:
    city.open_call()
    cast.log_in(client, cast.kang())
    address = f"/en/console/calls/{city.SLUG}/"
    sent = Form(client.get(f"{address}edit/").content.decode()).sent
    assert client.post(f"{address}edit/", sent | {"do": "save"}).status_code == 302
    assert CallVersion.objects.count() == 1  # the same again is no new version
    # Nothing waits, so there is only the page that everybody reads.
    page = client.get(address).content.decode()
    assert f"{address}preview/" not in page
    assert f'"/en/calls/{city.SLUG}/"' in page
    preview = client.get(f"{address}preview/").content.decode()
    assert "published with this wording" in preview
    assert "not public yet" not in preview
    changed = sent | {"pool-amount": "2000000", "checks-0-max_value": "900", "do": "save"}
    assert client.post(f"{address}edit/", changed).status_code == 302
    page = client.get(address).content.decode()
    assert "<del>1000000</del>" in page
    assert "<ins>2000000</ins>" in page
    compared = client.get(f"{address}versions/?from=1&to=2").content.decode()
    assert "<ins>2000000</ins>" in compared
    assert client.get(f"{address}versions/?from=9").status_code == 404
    assert f"{address}preview/" in page
    preview = client.get(f"{address}preview/").content.decode()
    assert "This wording is not public yet" in preview
    # The other tab still holds version 1: its save would undo what was saved here.
    late = client.post(f"{address}edit/", sent | {"pool-amount": "3000000", "do": "save"})
    assert late.status_code == 422
    assert "Somebody saved another version meanwhile" in late.content.decode()


def test_lim_approves_only_the_version_that_was_looked_at(client: Client) -> None:
    city.open_call()
    cast.log_in(client, cast.kang())
    address = f"/en/console/calls/{city.SLUG}/"
    sent = Form(client.get(f"{address}edit/").content.decode()).sent
    client.post(f"{address}edit/", sent | {"pool-amount": "2000000", "do": "save"})
    client.post(address, {"version": "2", "reason": "The council gave more."})
    cast.log_in(client, cast.lim())
    refused = client.post(address, {"version": "1"})
    assert refused.status_code == 422
    assert CallVersion.objects.get(number=2).state == "proposed"
    assert client.post(address, {"version": "2"}).status_code == 302


def test_a_document_goes_out_and_comes_in_again(client: Client) -> None:
    city.open_call()
    cast.log_in(client, cast.kang())
    answer = client.get(f"/console/calls/{city.SLUG}/document/")
    assert json.loads(answer.content) == city.call_document()
    for bad in (b"", b"[1]", b'{"a": NaN}', b"\xff", b"[" * 5000):
        file = io.BytesIO(bad)
        file.name = "call.json"
        refused = client.post(NEW, {"do": "import", "json": file})
        assert refused.status_code == 422
        assert "Choose a JSON file of a call" in refused.content.decode()


@pytest.mark.parametrize(
    "document",
    [
        {}, {"schema": 1, "checks": {}, "strata": [1], "purposes": ["x"], "pool": "1"},
        {"schema": {"fields": ["a", {"name": 1, "constraints": []}]}, "checks": [None, {}]},
        {"title": "x", "opens_at": 5, "closes_at": "soon", "duplicates": [], "disclosure": "x"},
    ],
)  # fmt: skip
def test_any_document_can_be_shown(document: dict[str, Any]) -> None:  # Any: JSON
    assert len(sections(document, references=[])) == 8


def test_a_sample_is_tried_on_the_page_and_not_kept(client: Client) -> None:
    city.open_call()
    cast.log_in(client, cast.kang())
    address = f"/en/console/calls/{city.SLUG}/trial/"
    refused = client.post(address)
    assert refused.status_code == 422
    sample = city.csv_file("2026-11-01,11320,31", "2026-11-01,11320,9999")
    page = unescape(client.post(address, {"file": sample}).content.decode())
    assert "Would count" in page
    assert "Values lie between two bounds" in page
    assert '<data value="1000">1,000</data>' in page


def test_an_open_call_is_closed_by_an_operator(client: Client) -> None:
    city.open_call()
    cast.log_in(client, cast.kang())
    assert client.post(f"/console/calls/{city.SLUG}/closing/").status_code == 302
    assert CallVersion.objects.get().state == "closed"


@pytest.mark.parametrize("page", ["", "edit/", "preview/", "document/", "versions/", "trial/"])
def test_calls_in_the_console_are_for_operators(client: Client, page: str) -> None:
    city.open_call()
    address = f"/console/calls/{city.SLUG}/{page}"
    assert client.get(address).status_code == 302
    cast.log_in(client, cast.charlie())
    assert client.get(address).status_code == 404
    assert client.post(address).status_code in (404, 405)
    cast.log_in(client, cast.kang())
    assert client.get(address).status_code == 200
    assert client.get(f"/console/calls/none/{page}").status_code == 404


def test_differences_name_parts() -> None:
    before, after = city.call_document(), city.call_document()
    after["schema"]["fields"].append({"name": "pm25", "type": "number"})
    after["purposes"][0]["notice"]["en"] = "Other words."
    found = differences(before, after)
    assert [(each.before == "", each.after == "") for each in found] == [
        (True, False),
        (False, False),
    ]
    assert not any(each.money for each in found)


def with_recipients(document: dict[str, Any]) -> dict[str, Any]:  # Any: JSON
    """The test call with two named recipients of its research, one of them registered here."""
    hanbit = cast.hanbit()
    document["purposes"][1]["recipients"] = [
        {
            "key": "hanbit",
            "name": {"ko": "한빛", "en": "Hanbit"},
            "organisation": str(hanbit.party_id),
            "contact": "data@hanbit.example",
            "address": "서울 도봉구 1",
        },
        {"key": "lab", "name": {"ko": "연구소", "en": "Lab"}},
    ]
    return document


def test_approvers_read_who_receives_data_in_words() -> None:
    before, after = city.call_document(), with_recipients(city.call_document())
    after["schema"]["fields"].append({"name": "pm25", "type": "number"})
    after["checks"][0]["kwargs"]["max_value"] = 900
    with override("en"):
        column, check, first, second = differences(before, after)
    assert (column.before, column.after) == ("", "Number, Optional")
    assert "900" in check.after
    assert first.what == "Purpose: research, Recipient hanbit"
    assert first.before == ""
    assert first.after.splitlines() == [
        "한빛 / Hanbit",
        "Registered organisation: Hanbit",
        "Contact for questions: data@hanbit.example",
        "Postal address: 서울 도봉구 1",
    ]
    assert second.after.splitlines()[1] == "Registered organisation: None: nothing reaches them"
    assert not any("{" in each.after for each in (column, check, first, second))


def test_what_words_would_leave_out_is_shown_as_it_stands() -> None:
    before, after = city.call_document(), city.call_document()
    after["checks"][0]["kwargs"]["mostly"] = 0.9
    (found,) = differences(before, after)
    assert '"mostly": 0.9' in found.after


def test_recipients_of_a_purpose_go_through_the_form(client: Client) -> None:
    cast.log_in(client, cast.kang())
    document = with_recipients(city.call_document())
    document["purposes"][0]["recipients"] = []  # said, and said again
    assert read_document(sent_of(document, client)) == document


def test_kang_names_recipients_and_sees_what_contributors_will_read(client: Client) -> None:
    register_reference(acting=cast.actor(cast.kang()), document=city.reference_document())
    cast.log_in(client, cast.kang())
    hanbit = cast.hanbit()
    Organisation.objects.update(live_since=None)  # nobody of the city has looked at it
    sent = sent_of(city.call_document(), client)
    for _twice in range(2):
        page = client.post(NEW, sent | {"do": "add:purposes.1.recipients"}).content.decode()
        sent = Form(page).sent
    assert "Hanbit (not looked at yet)" in page
    sent |= {
        "purposes-1-recipients-0-name-ko": "한빛",
        "purposes-1-recipients-0-name-en": "Hanbit",
        "purposes-1-recipients-0-key": "hanbit",
        "purposes-1-recipients-0-organisation": str(hanbit.party_id),
        "purposes-1-recipients-1-key": "to go",
    }
    # The second is taken away again; what was typed into the first stays.
    page = client.post(NEW, sent | {"do": "remove:purposes.1.recipients:1"}).content.decode()
    sent = Form(page).sent
    assert sent["purposes-1-recipients-0-name-ko"] == "한빛"
    assert "purposes-1-recipients-1-key" not in sent
    preview = unescape(client.post(NEW, sent | {"do": "preview"}).content.decode())
    assert "What contributors will read" in preview
    assert city.call_document()["purposes"][1]["notice"]["en"] in preview
    assert "what Hanbit receives under a licence" in preview
    assert client.post(NEW, sent | {"do": "save"}).status_code == 302
    saved = CallVersion.objects.get().document["purposes"]
    assert saved[1]["recipients"] == [
        {
            "key": "hanbit",
            "name": {"ko": "한빛", "en": "Hanbit"},
            "organisation": str(hanbit.party_id),
        }
    ]
    assert "recipients" not in saved[0]


def test_a_purpose_whose_last_recipient_went_says_nothing_about_recipients(client: Client) -> None:
    cast.log_in(client, cast.kang())
    document = city.call_document()
    document["purposes"][1]["recipients"] = [{"key": "lab", "name": {"ko": "랩", "en": "Lab"}}]
    sent = sent_of(document, client)
    page = client.post(NEW, sent | {"do": "remove:purposes.1.recipients:0"}).content.decode()
    assert read_document(Form(page).sent)["purposes"] == city.call_document()["purposes"]


@pytest.mark.parametrize(
    ("typed", "anchor", "says"),
    [
        ({"name-en": ""}, "purposes-1-recipients-0-name-en", "in this language too"),
        ({"key": "Not A Key"}, "purposes-1-recipients-0", "a key of its own"),
        ({"key": "lab"}, "purposes-1-recipients-1", "a key of its own"),
        ({"contact": "x" * 201}, "purposes-1-recipients-0-contact", "at most 200"),
        ({"organisation": "nobody"}, "purposes-1-recipients-0-organisation", "no such"),
    ],
)
def test_what_is_wrong_with_a_recipient_is_named_where_it_was_typed(
    client: Client, typed: dict[str, str], anchor: str, says: str
) -> None:
    register_reference(acting=cast.actor(cast.kang()), document=city.reference_document())
    cast.log_in(client, cast.kang())
    sent = sent_of(with_recipients(city.call_document()), client)
    sent |= {f"purposes-1-recipients-0-{name}": value for name, value in typed.items()}
    answer = client.post(NEW, sent | {"do": "save"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="#{anchor}"' in page
    assert page.count(f'id="{anchor}"') == 1
    assert says in page[page.index(f'id="{anchor}') :]
    assert not Call.objects.exists()


@pytest.mark.parametrize(
    "act",
    ["add:purposes.99.recipients", "remove:purposes.1.recipients:99", "add:purposes.x.recipients"],
)
def test_buttons_about_recipients_that_are_not_there_change_nothing(
    client: Client, act: str
) -> None:
    cast.log_in(client, cast.kang())
    sent = sent_of(with_recipients(city.call_document()), client)
    answer = client.post(NEW, sent | {"do": act})
    assert answer.status_code == 200
    again = Form(answer.content.decode()).sent
    assert again | {"csrfmiddlewaretoken": ""} == sent | {"csrfmiddlewaretoken": ""}
