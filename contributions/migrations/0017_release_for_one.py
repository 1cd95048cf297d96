"""A licensed release for one recipient whom a notice names."""

from pathlib import Path

from django.db import migrations, models
from django.db.models import Q

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
#: The function as it was before.
BACK = SQL.replace(", NEW.recipient)", ")").replace(", OLD.recipient)", ")")


class Migration(migrations.Migration):
    dependencies = [("contributions", "0016_stage_under_way")]

    operations = [
        migrations.RemoveConstraint(model_name="release", name="release_number"),
        migrations.RemoveConstraint(model_name="release", name="one_release_in_preparation"),
        migrations.AddField(
            model_name="release",
            name="recipient",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.UniqueConstraint(
                fields=("call", "purpose", "kind", "recipient", "number"), name="release_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.UniqueConstraint(
                condition=Q(state__in=["requested", "building"]),
                fields=("call", "purpose", "kind", "recipient"),
                name="one_release_in_preparation",
            ),
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.CheckConstraint(
                condition=Q(recipient="") | Q(kind="licensed"), name="release_for_one_is_licensed"
            ),
        ),
        migrations.RunSQL(SQL, BACK),
    ]
