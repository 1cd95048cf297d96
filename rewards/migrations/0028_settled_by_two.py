"""What was paid is said by two, or by a file that fits; a file with doubts waits for a second person."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

PERSON = {"null": True, "on_delete": django.db.models.deletion.PROTECT, "related_name": "+", "to": settings.AUTH_USER_MODEL}


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0016_one_statement_an_entry"),
        ("rewards", "0027_granted_parts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="railimport", name="an_answer_is_read_once"),
        migrations.AddField("payoutbatch", "sender", models.ForeignKey(**PERSON)),
        migrations.AddField("railimport", "confirmer", models.ForeignKey(**PERSON)),
        migrations.AddField("railimport", "decided_at", models.DateTimeField(null=True)),
        migrations.AddField("railimport", "doubts", models.JSONField(default=list)),
        migrations.AddField(
            "railimport",
            "state",
            models.CharField(choices=[("waiting", "waits for a second person"), ("taken", "taken over"), ("discarded", "discarded")], default="taken", max_length=9),
        ),
        migrations.AddConstraint(
            model_name="railimport",
            constraint=models.UniqueConstraint(condition=models.Q(("state", "discarded"), _negated=True), fields=("rail", "sha256"), name="an_answer_is_read_once"),
        ),
        migrations.AddConstraint(
            model_name="railimport",
            constraint=models.CheckConstraint(condition=models.Q(("confirmer", None), models.Q(("confirmer", models.F("importer")), _negated=True), _connector="OR"), name="answer_four_eyes"),
        ),
        migrations.AddConstraint(
            model_name="railimport",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("confirmer", None), ("decided_at", None), ("doubts", []), ("state", "taken")), models.Q(("confirmer__isnull", False), ("decided_at__isnull", False), ("state", "taken")), models.Q(("confirmer", None), ("decided_at", None), ("state", "waiting"), models.Q(("doubts", []), _negated=True)), models.Q(("confirmer", None), ("decided_at__isnull", False), ("state", "discarded")), _connector="OR"), name="answer_state_is_whole"),
        ),
        migrations.RunSQL(
            Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"), migrations.RunSQL.noop
        ),
    ]
