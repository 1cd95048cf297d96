"""Corrections of what was returned, and records that wait behind an earlier one."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import dure.core.ids

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
EARLIER = Path(__file__).with_name("0002_rules.sql").read_text(encoding="utf-8")
MOVES = EARLIER[
    EARLIER.index("CREATE FUNCTION contributions_contribution_moves") : EARLIER.index(
        "CREATE TRIGGER contribution_moves"
    )
].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)

BACK = (
    """
DROP TRIGGER attempt_stands ON contributions_attempt;
DROP FUNCTION contributions_attempt_stands;
"""
    + MOVES
)


class Migration(migrations.Migration):
    dependencies = [
        ("contributions", "0003_source_in_languages"),
        ("core", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            model_name="contribution",
            name="correctable_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="contribution",
            name="corrected_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="WaitingRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "call_id",
                        "digest",
                        "contribution_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("digest", models.BinaryField()),
                ("row", models.PositiveIntegerField()),
                (
                    "call",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contributions.call",
                    ),
                ),
                (
                    "contribution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waiting_records",
                        to="contributions.contribution",
                    ),
                ),
            ],
            options={
                "verbose_name": "waiting record",
                "verbose_name_plural": "waiting records",
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=dure.core.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "mode",
                    models.CharField(
                        choices=[("rows", "corrected rows"), ("file", "the whole file")],
                        max_length=4,
                    ),
                ),
                ("content_type", models.CharField(blank=True, max_length=120)),
                ("suffix", models.CharField(blank=True, max_length=16)),
                ("sent_at", models.DateTimeField()),
                ("answers_rule", models.CharField(max_length=80)),
                ("answers_params", models.JSONField(default=dict)),
                ("answers_counts", models.JSONField(default=dict)),
                ("log_entry", models.UUIDField()),
                (
                    "contribution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="contributions.contribution",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.blob",
                    ),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "correction of a contribution",
                "verbose_name_plural": "corrections of contributions",
                "ordering": ["contribution", "number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("contribution", "number"), name="attempt_number"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 2)), name="attempt_after_the_first"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("mode__in", ["rows", "file"])),
                        name="attempt_mode_known",
                    ),
                ],
            },
        ),
        migrations.RunSQL(SQL, BACK),
    ]
