"""A transfer is one statement; the books are written by functions of their owner alone."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("rewards", "0010_training_questions")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
