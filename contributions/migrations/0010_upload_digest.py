"""The hash of an upload, by which a request to use it is recognised."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contributions", "0009_uploads")]
    operations = [
        migrations.AddField(
            model_name="upload",
            name="sha256",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
    ]
