"""Masses of joint cells and of the hours of a week; their trigger stands beside."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")

BACK = """
DROP TRIGGER cell_mass_stands ON contributions_cellmass;
DROP TRIGGER cell_mass_is_not_emptied ON contributions_cellmass;
DROP FUNCTION contributions_cell_mass_stands;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contributions", "0007_photos"),
    ]

    operations = [
        migrations.CreateModel(
            name="CellMass",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "table",
                    models.CharField(
                        choices=[("joint", "all dimensions at once"), ("week", "hour and weekday")],
                        max_length=8,
                    ),
                ),
                ("key", models.CharField(max_length=420)),
                ("mass", models.BigIntegerField()),
                ("records", models.PositiveIntegerField()),
                (
                    "contribution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cells",
                        to="contributions.contribution",
                    ),
                ),
            ],
            options={
                "verbose_name": "mass of a cell",
                "verbose_name_plural": "masses of cells",
                "ordering": ["contribution", "table", "key"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("contribution", "table", "key"), name="one_mass_per_cell"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("table__in", ["joint", "week"])), name="cell_table"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("mass__gte", 0)), name="cell_mass_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("records__gt", 0)), name="cell_with_records"
                    ),
                ],
            },
        ),
        migrations.RunSQL(SQL, BACK),
    ]
