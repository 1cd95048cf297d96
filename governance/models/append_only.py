"""Refuses changes to append-only records in Python; triggers refuse them in the database."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

from django.db import models
from django.db.models.base import ModelBase
from django.utils.translation import gettext as _

Row = TypeVar("Row", bound=models.Model)


class RecordIsImmutable(TypeError):
    """Somebody tried to change or delete an append-only record through the ORM."""


def _refuse() -> NoReturn:
    raise RecordIsImmutable(_("This record can only be added to, never changed or deleted."))


class AppendOnlyQuerySet(models.QuerySet[Row]):
    """A query set that reads and inserts."""

    def update(self, **kwargs: object) -> NoReturn:
        _refuse()

    def bulk_update(self, *args: object, **kwargs: object) -> NoReturn:
        _refuse()

    def delete(self) -> NoReturn:
        _refuse()


class AppendOnlyModel(models.Model):
    """A row that is inserted once."""

    class Meta:
        abstract = True

    def save(
        self,
        *,
        force_insert: bool | tuple[ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Any = None,  # Django's own annotation
    ) -> None:
        if not self._state.adding or force_update:
            _refuse()
        super().save(force_insert=force_insert or True, using=using)

    def delete(self, *args: object, **kwargs: object) -> NoReturn:
        _refuse()
