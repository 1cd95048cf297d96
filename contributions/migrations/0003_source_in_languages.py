"""The source of a reference population may be written in both languages."""

from django.db import migrations, models

TABLE = "contributions_referencepopulation"


class Migration(migrations.Migration):
    dependencies = [("contributions", "0002_rules")]
    operations = [
        migrations.RunSQL(
            f"ALTER TABLE {TABLE} ALTER COLUMN source TYPE jsonb USING to_jsonb(source)",
            f"ALTER TABLE {TABLE} ALTER COLUMN source TYPE text USING source #>> '{{}}'",
            state_operations=[
                migrations.AlterField("referencepopulation", "source", models.JSONField())
            ],
        )
    ]
