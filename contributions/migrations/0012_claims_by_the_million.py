"""Foreign keys of each claimed record give way to a trigger of each statement that claims."""

from pathlib import Path
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
BACK = """
DROP TRIGGER fingerprints_are_of_the_call ON contributions_recordfingerprint;
DROP TRIGGER fingerprints_stay_in_the_call ON contributions_recordfingerprint;
DROP TRIGGER waiting_records_are_of_the_call ON contributions_waitingrecord;
DROP TRIGGER waiting_records_stay_in_the_call ON contributions_waitingrecord;
DROP FUNCTION contributions_claims_are_of_the_call;
"""


def without_constraint(model: str, field: str, **options: Any) -> migrations.AlterField:
    return migrations.AlterField(
        model_name=model,
        name=field,
        field=models.ForeignKey(
            db_constraint=False,
            on_delete=django.db.models.deletion.PROTECT,
            to=f"contributions.{field}",
            **options,
        ),
    )


class Migration(migrations.Migration):
    dependencies = [("contributions", "0011_downloads")]
    operations = [
        without_constraint("recordfingerprint", "call", db_index=False, related_name="+"),
        without_constraint("recordfingerprint", "contribution", related_name="fingerprints"),
        without_constraint("waitingrecord", "call", db_index=False, related_name="+"),
        without_constraint("waitingrecord", "contribution", related_name="waiting_records"),
        migrations.RunSQL(SQL, BACK),
    ]
