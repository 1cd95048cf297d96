"""Who was given a file of a release; the trigger that keeps it stands beside."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")

BACK = """
DROP TRIGGER download_stands ON contributions_download;
DROP TRIGGER download_is_not_emptied ON contributions_download;
DROP FUNCTION contributions_download_stands;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guardianship"),
        ("contributions", "0010_upload_digest"),
    ]

    operations = [
        migrations.CreateModel(
            name="Download",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="downloads",
                        to="contributions.releasefile",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.party",
                    ),
                ),
            ],
            options={
                "verbose_name": "download",
                "verbose_name_plural": "downloads",
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.RunSQL(SQL, BACK),
    ]
