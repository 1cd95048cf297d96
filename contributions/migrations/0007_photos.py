"""Photographs that stand beside a contribution; the SQL of their trigger stands beside."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import dure.core.ids

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")

BACK = """
DROP TRIGGER photo_stands ON contributions_photo;
DROP FUNCTION contributions_photo_stands;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contributions", "0006_release_rules"),
        ("core", "0003_key_generations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Photo",
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
                (
                    "format",
                    models.CharField(
                        choices=[("jpeg", "JPEG"), ("png", "PNG"), ("webp", "WebP")], max_length=4
                    ),
                ),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("added_at", models.DateTimeField()),
                ("log_entry", models.UUIDField()),
                (
                    "added_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "blob",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.blob",
                    ),
                ),
                (
                    "contribution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="photos",
                        to="contributions.contribution",
                        verbose_name="contribution",
                    ),
                ),
            ],
            options={
                "verbose_name": "photo of a contribution",
                "verbose_name_plural": "photos of contributions",
                "ordering": ["added_at", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("contribution", "sha256"), name="photo_once"),
                    models.CheckConstraint(
                        condition=models.Q(("format__in", ["jpeg", "png", "webp"])),
                        name="photo_format_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("height__gte", 1), ("size__gte", 1), ("width__gte", 1)),
                        name="photo_shows_something",
                    ),
                ],
            },
        ),
        migrations.RunSQL(SQL, BACK),
    ]
