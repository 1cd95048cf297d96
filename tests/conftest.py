"""Every test runs against a real PostgreSQL, started from a wheel when none is given."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

# Two cores are shared by many; a slow example is not a failing one.
hypothesis_settings.register_profile("dure", deadline=None)
hypothesis_settings.load_profile("dure")


def pytest_configure(config: pytest.Config) -> None:
    """Start the database once, before any worker of xdist asks for it."""
    from django.conf import settings
    from django.core.management import call_command

    from dure.embedded.postgres import ensure_running
    from tests.emptying import let_the_runner_empty_tables

    let_the_runner_empty_tables()
    # The middleware of live servers wants the folder to be there, although finders serve the files.
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    if not hasattr(config, "workerinput"):
        ensure_running()
        call_command("compile_catalogues", stdout=io.StringIO())


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Files are named by their argument: in those made while collecting, the hour differs."""
    return argname if isinstance(val, bytes) and len(val) > 64 else None


@pytest.fixture(autouse=True)
def _plain_static_files(
    settings: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No manifest of hashed names is built for tests; blobs and files stay in the test's folder."""
    settings.STORAGES = {  # type: ignore[attr-defined]  # pytest-django's settings wrapper
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    static = tmp_path / "static"
    static.mkdir()
    settings.STATIC_ROOT = static  # type: ignore[attr-defined]
    settings.BLOB_DIR = tmp_path / "blobs"  # type: ignore[attr-defined]
    settings.LOG_ANCHOR_DIR = tmp_path / "log-anchor"  # type: ignore[attr-defined]
    settings.LOG_KEYS = tmp_path / "log-keys"  # type: ignore[attr-defined]
    # Processes that a test starts keep to the test's folder as well.
    monkeypatch.setenv("DURE_LOG_ANCHOR_DIR", str(tmp_path / "log-anchor"))
    monkeypatch.setenv("DURE_LOG_KEYS", str(tmp_path / "log-keys"))
    # In memory: tests without a database have no table to count in.
    near = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    settings.CACHES = {"default": near, "near": {**near, "LOCATION": "near"}}  # type: ignore[attr-defined]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Tests read English unless they choose; no language leaks into the next test."""
    from django.utils import translation

    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _fresh_throttles(_plain_static_files: None) -> None:
    from django.core.cache import caches

    for name in caches:
        caches[name].clear()
