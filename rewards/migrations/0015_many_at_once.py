"""What many balances take in at once is checked in time that grows with their number."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("rewards", "0014_tests_are_never_settled")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
