"""Places in the log stand beside the entries: giving one is an insertion, never a rewriting."""

from __future__ import annotations

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("governance", "0011_audit_signature_and_records")]

    operations = [
        migrations.CreateModel(
            name="LogPlace",
            fields=[
                (
                    "index",
                    models.BigIntegerField(
                        primary_key=True, serialize=False, verbose_name="index"
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        db_column="origin_seq",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="place",
                        to="governance.logentry",
                        to_field="origin_seq",
                    ),
                ),
            ],
            options={"verbose_name": "log place", "verbose_name_plural": "log places"},
        ),
        migrations.CreateModel(
            name="LogWaiting",
            fields=[
                (
                    "origin_seq",
                    models.BigIntegerField(
                        primary_key=True, serialize=False, verbose_name="sequence of origin"
                    ),
                ),
                ("leaf_hash", models.BinaryField(max_length=32, verbose_name="leaf hash")),
            ],
            options={
                "verbose_name": "waiting log entry",
                "verbose_name_plural": "waiting log entries",
            },
        ),
        migrations.AddConstraint(
            model_name="logplace",
            constraint=models.CheckConstraint(
                condition=models.Q(("index__gte", 0)), name="log_place_from_0"
            ),
        ),
        # The way back would have to rewrite every entry; a backup is the way back.
        migrations.RunSQL(SQL),
        migrations.RemoveConstraint(model_name="logentry", name="log_entry_index_from_0"),
        migrations.RemoveIndex(model_name="logentry", name="log_entry_waiting"),
        migrations.RemoveIndex(model_name="logentry", name="log_entry_kind"),
        migrations.RemoveField(model_name="logentry", name="index"),
        migrations.AddIndex(
            model_name="logentry",
            index=models.Index(fields=["kind", "-origin_seq"], name="log_entry_kind_origin"),
        ),
    ]
