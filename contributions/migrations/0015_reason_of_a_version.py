"""Why a version of a call is proposed; said once, as all else of it."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
#: The function as it was before.
BACK = SQL.replace(", NEW.reason)", ")").replace(", OLD.reason)", ")")


class Migration(migrations.Migration):
    dependencies = [("contributions", "0014_pushes_of_a_feed")]

    operations = [
        migrations.AddField(
            model_name="callversion",
            name="reason",
            field=models.CharField(blank=True, default="", max_length=500),
        ),
        migrations.RunSQL(SQL, BACK),
    ]
