"""Files for the rails: what a bank and what the others read, held to rules written apart."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.core.money import SUB_UNITS
from rewards.rails import csv_form, pain001
from rewards.rails.lines import Head, Line, bank_account, item_uid, printable
from tests.rewards.rails.pain001_rules import faults

BATCH = UUID("6a0f0000-0000-4000-8000-000000000001")
HEAD = Head(
    message_id=f"D{BATCH.hex}",
    created_at=datetime(2026, 11, 22, 20, 41, 37, tzinfo=UTC),
    execute_on=date(2026, 11, 23),
    debtor_name="서울특별시 <재무과>",
    debtor_account="00112345678",
    debtor_bic="DUREKRSE",
)


def line(number: int = 1, **changes: object) -> Line:
    values: dict[str, object] = {
        "uid": item_uid(BATCH, UUID(int=number)),
        "number": number,
        "pays": 3000 * SUB_UNITS,
        "name": "민아",
        "destination": "088110123456789",
        "asset": "KRW",
        "amount": 3000 * SUB_UNITS,
    }
    return Line(**{**values, **changes})  # type: ignore[arg-type]  # changes keep the types


def test_a_file_for_banks_follows_the_published_schema() -> None:
    lines = [
        line(1),
        line(2, destination="004:12345678901"),
        line(3, destination="DE02120300000000202051"),
    ]
    content = pain001.document(HEAD, lines)
    assert faults(content) == []
    assert content == pain001.document(HEAD, lines)
    assert content.count(b"<MmbId>") == 2
    assert b"<IBAN>DE02120300000000202051</IBAN>" in content
    assert b"<CtrlSum>9000</CtrlSum>" in content


@given(
    names=st.lists(st.text(max_size=200), min_size=1, max_size=5),
    pays=st.integers(1, 9_000_000),
)
def test_no_name_and_no_amount_makes_a_file_that_a_bank_refuses(
    names: list[str], pays: int
) -> None:
    lines = [line(number, name=name, pays=pays * SUB_UNITS) for number, name in enumerate(names, 1)]
    assert faults(pain001.document(HEAD, lines)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<PmtMtd>TRF</PmtMtd>", b""),
        (b"<PmtMtd>TRF</PmtMtd>", b"<PmtMtd>CASH</PmtMtd>"),
        (b"<CtrlSum>3000</CtrlSum>", b"<CtrlSum>3001</CtrlSum>"),
        (b'Ccy="KRW"', b""),
        (b"<EndToEndId>", b"<EndToEndId>0123456789"),
        (b"<ChrgBr>DEBT</ChrgBr>", b"<Other>x</Other>"),
        (b"pain.001.001.09", b"pain.001.001.03"),
        (b">3000</InstdAmt>", b">-3000</InstdAmt>"),
    ],
)
def test_the_rules_notice_what_is_wrong(old: bytes, new: bytes) -> None:
    content = pain001.document(HEAD, [line()])
    assert old in content
    assert faults(content.replace(old, new)) != []


def test_other_rails_get_documented_columns_without_formulas() -> None:
    content = csv_form.document(HEAD, [line(destination="=1+1", asset="DURE")]).decode()
    (row,) = csv.DictReader(io.StringIO(content))
    assert tuple(row) == csv_form.COLUMNS
    assert row["destination"] == "'=1+1"
    assert (row["uid"], row["amount"], row["currency"]) == (line().uid.hex, "3000", "KRW")
    assert all(f"``{column}``" in (csv_form.__doc__ or "") for column in csv_form.COLUMNS)
    assert "민아" not in content


def test_references_are_derived_and_never_shared() -> None:
    assert item_uid(BATCH, UUID(int=1)) == item_uid(BATCH, UUID(int=1))
    assert item_uid(BATCH, UUID(int=1)) != item_uid(UUID(int=9), UUID(int=1))
    assert len(line().uid.hex) <= 35


def test_texts_for_banks_are_clean_and_accounts_are_split() -> None:
    assert printable("A\x00B\u200b\r\n  C", 140) == "A B\u200b C"
    assert printable("\x07", 140) == "NOTPROVIDED"
    assert printable("가" * 200, 140) == "가" * 140
    assert bank_account("004:123456789") == ("004", "123456789")
    assert bank_account("088110123456789") == ("088", "110123456789")
    assert bank_account("KR1234567890123")[0] == ""
