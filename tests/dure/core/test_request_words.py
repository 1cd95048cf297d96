"""What the API says about a request reads as Korean; the English is the library's own text."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest
import rest_framework
from django.utils.translation import gettext as _
from django.utils.translation import override

from dure.core.request_words import TEXTS
from tests import cast

CATALOGUE = Path(rest_framework.__file__).parent / "locale/ko_KR/LC_MESSAGES/django.mo"


def test_each_text_is_still_one_of_the_library() -> None:
    with CATALOGUE.open("rb") as file:
        known = set(gettext.GNUTranslations(file)._catalog)  # type: ignore[attr-defined]
    assert set(TEXTS) - known == set()


@pytest.mark.parametrize("text", TEXTS)
def test_each_text_keeps_its_places_and_is_korean(text: str) -> None:
    with override("ko"):
        korean = _(text)
    assert re.findall(r"\{\w+\}", korean) == re.findall(r"\{\w+\}", text)
    assert re.search("[가-힣]", korean)
    assert "이 필드" not in korean


@pytest.mark.django_db
def test_a_firm_reads_what_to_do_about_an_empty_field() -> None:
    answer = cast.api(cast.mina()).post(
        "/api/v1/redemptions/",
        {"asset": "DURE", "amount": "1", "rail": "bank", "destination": ""},
        headers={"Accept-Language": "ko"},
    )
    (error,) = answer.json()["errors"]
    assert error["message"] == "빈칸으로 둘 수 없습니다. 값을 적어 주십시오."
