"""The transfers of a batch are inserted plainly first."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("rewards", "0029_room_for_others")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
