"""The shares of a bulk posting are written once, by the statement that freezes them."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("rewards", "0024_one_at_a_time")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
