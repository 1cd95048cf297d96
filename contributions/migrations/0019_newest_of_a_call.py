"""The newest contributions to a call are found by an index, however many there are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contributions", "0018_attestations")]

    operations = [
        migrations.AddIndex(
            model_name="contribution",
            index=models.Index(
                fields=["call", "-submitted_at", "-id"], name="contribution_newest_of_call"
            ),
        ),
    ]
