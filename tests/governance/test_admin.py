"""The administration shows governance's records and offers no way to change them."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import RequestFactory

from dure.accounts.acting import Actor
from dure.accounts.models import Person
from dure.accounts.roles import Role
from dure.accounts.services import create_person
from governance import models
from tests.cast import PASSWORD


@pytest.fixture
def admin_person(db: None) -> Person:
    return create_person(
        acting=Actor.system("tests"),
        email="admin@dure.example",
        name="Admin",
        password=PASSWORD,
        roles=[Role.ADMIN],
    )


@pytest.mark.parametrize(
    "model",
    [
        models.LogEntry,
        models.LogCheckpoint,
        models.LogAudit,
        models.Notice,
        models.Consent,
        models.Report,
        models.AlgorithmVersion,
    ],
)
def test_every_record_can_be_seen_and_none_changed(
    model: type[models.LogEntry], admin_person: Person, rf: RequestFactory
) -> None:
    shown = admin.site.get_model_admin(model)
    request = rf.get("/")
    request.user = admin_person
    assert shown.has_view_permission(request)
    assert not shown.has_add_permission(request)
    assert not shown.has_change_permission(request)
    assert not shown.has_delete_permission(request)
    assert shown.changelist_view(request).status_code == 200
