"""What is said to be accepted is what is read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator

from contributions import problems
from contributions.decode import ACCEPTED, EXTENSIONS, MEDIA_TYPES, NAMES
from contributions.decode.result import Format
from contributions.findings_text import sentence
from dure_client.city import content_type_of

PORTAL = Path(__file__).resolve().parents[3] / "platform" / "portal" / "templates"


def test_every_format_that_is_read_is_named_and_no_other() -> None:
    assert {name.lower() for name in NAMES} == {*get_args(Format), "zip"}
    assert len(set(EXTENSIONS)) == len(EXTENSIONS)
    assert len(set(MEDIA_TYPES)) == len(MEDIA_TYPES)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_refusals_name_every_format(language: str) -> None:
    with translation.override(language):
        said = (sentence("file.not_a_table"), str(problems.FILE_UNREADABLE.advice))
    assert all(name in text for name in NAMES for text in said)


def test_the_api_and_the_form_take_every_format() -> None:
    generator: Any = SchemaGenerator  # Any: drf-spectacular ships no types
    document = generator().get_schema(request=None, public=True)
    bodies = document["paths"]["/api/v1/contributions/"]["post"]["requestBody"]["content"]
    assert set(bodies) == {*MEDIA_TYPES, "multipart/form-data"}
    page = (PORTAL / "portal" / "resident" / "file.html").read_text()
    offered = re.search(r'accept="([^"]+)"', page)
    assert offered is not None
    assert offered[1].split(",") == list(EXTENSIONS)


def test_the_client_sends_a_media_type_that_the_city_takes() -> None:
    for form in ACCEPTED:
        for extension in form.extensions:
            assert content_type_of(Path(f"a{extension}")) in (*MEDIA_TYPES, "text/plain")
