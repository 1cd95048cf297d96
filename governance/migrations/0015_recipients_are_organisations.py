"""A recipient that a notice names stays the organisation that it was said to be."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("governance", "0014_longer_file_names")]

    operations = [
        # The function takes its trigger with it.
        migrations.RunSQL(SQL, "DROP FUNCTION governance_recipient_stays CASCADE;"),
    ]
