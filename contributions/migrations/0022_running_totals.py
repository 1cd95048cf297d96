"""Sums over all contributions are kept along with them, so that no page has to add them up."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contributions", "0021_trained_models")]

    operations = [
        migrations.CreateModel(
            name="RunningCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("contributions", models.BigIntegerField()),
                ("records", models.BigIntegerField()),
                ("call", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contributions.call")),
            ],
            options={
                "verbose_name": "running count",
                "verbose_name_plural": "running counts",
            },
        ),
        migrations.CreateModel(
            name="RunningMass",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("dimension", models.CharField(max_length=80)),
                ("key", models.CharField(max_length=80)),
                ("mass", models.BigIntegerField()),
                ("call", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contributions.call")),
            ],
            options={
                "verbose_name": "running mass",
                "verbose_name_plural": "running masses",
            },
        ),
        migrations.RunSQL(
            Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"), migrations.RunSQL.noop
        ),
    ]
