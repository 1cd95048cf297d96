"""The latest accepted push of a feed is found by an index, however many pushes there were."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contributions", "0013_tests_never_count")]

    operations = [
        migrations.AddIndex(
            model_name="contribution",
            index=models.Index(
                condition=models.Q(("state", "accepted"), ("test", False)),
                fields=["party", "call", "-accepted_at"],
                name="contribution_of_feed",
            ),
        ),
    ]
