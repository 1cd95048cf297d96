"""Bulk postings run twice at once, and taken into thousands of balances at once."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("rewards", "0007_bulk_postings")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
