"""A batch is looked up by lists: one walk along an index for all of its accounts and transfers."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("rewards", "0022_leaving_choices")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SQL, migrations.RunSQL.noop)],
            state_operations=[
                migrations.AddField(
                    model_name="balance",
                    name="asset",
                    field=models.CharField(
                        choices=[("DURE", "Dure token"), ("KRW", "Korean won")], max_length=8
                    ),
                    preserve_default=False,
                )
            ],
        )
    ]
