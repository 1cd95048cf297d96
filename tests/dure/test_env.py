"""Settings are read loudly."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from dure import env


def test_a_misspelt_setting_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DURE_DATABSE_URL", "postgresql://db/dure")
    with pytest.raises(ImproperlyConfigured, match="DURE_DATABSE_URL"):
        env.refuse_unknown()


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "kek").write_text("very secret\n")
    monkeypatch.delenv("DURE_KEK", raising=False)
    monkeypatch.setenv("DURE_KEK_FILE", str(tmp_path / "kek"))
    assert env.text("DURE_KEK") == "very secret"


def test_a_value_and_a_file_for_it_contradict(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DURE_KEK", "one")
    monkeypatch.setenv("DURE_KEK_FILE", str(tmp_path / "kek"))
    with pytest.raises(ImproperlyConfigured, match="keep one"):
        env.text("DURE_KEK")


@pytest.mark.parametrize("value", ["yes", "1", "true", ""])
def test_a_flag_is_true_or_false_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("DURE_DEBUG", value)
    with pytest.raises(ImproperlyConfigured):
        env.flag("DURE_DEBUG")
