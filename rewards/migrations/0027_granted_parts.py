"""An objection that is granted in part gives back that part, and giving back has a day it is due."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0016_one_statement_an_entry"),
        ("rewards", "0026_claims_with_a_code"),
    ]

    operations = [
        migrations.CreateModel(
            name="GivingBackClock",
            fields=[
                ("objection", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name="giving_back_clock", serialize=False, to="governance.objection")),
                ("urgency", models.PositiveSmallIntegerField()),
                ("told_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "clock of giving back",
                "verbose_name_plural": "clocks of giving back",
                "constraints": [models.CheckConstraint(condition=models.Q(("urgency__in", [1, 2])), name="giving_back_urgency")],
            },
        ),
        migrations.CreateModel(
            name="GrantedPart",
            fields=[
                ("objection", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name="granted_part", serialize=False, to="governance.objection")),
                ("amount", models.BigIntegerField()),
                ("log_entry", models.UUIDField()),
                ("check_of", models.ForeignKey(db_column="check_id", on_delete=django.db.models.deletion.PROTECT, related_name="granted_parts", to="rewards.claimcheck")),
            ],
            options={
                "verbose_name": "part of an objection that was granted",
                "verbose_name_plural": "parts of objections that were granted",
                "constraints": [models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="granted_part_positive")],
            },
        ),
        migrations.AddField("overruledfinding", "amount", models.BigIntegerField(null=True)),
        migrations.RunSQL(
            Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"), migrations.RunSQL.noop
        ),
        migrations.AlterField("overruledfinding", "amount", models.BigIntegerField()),
        migrations.AddConstraint(
            model_name="overruledfinding",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="given_back_positive"),
        ),
    ]
