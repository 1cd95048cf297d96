"""A transfer looks at each account once: what it was opens the sum of what it becomes."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("rewards", "0018_payments_by_two")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
