"""A proposal that needs a second person can be taken back, or declined."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

STANDS = """
DROP TRIGGER proposal_stands ON governance_proposal;
CREATE TRIGGER proposal_stands BEFORE UPDATE ON governance_proposal FOR EACH ROW
    WHEN (OLD.decided_at IS NOT NULL {dropped} OR (NEW.id, NEW.kind, NEW.details, NEW.proposer_id,
        NEW.proposed_at) IS DISTINCT FROM (OLD.id, OLD.kind, OLD.details, OLD.proposer_id,
        OLD.proposed_at)) EXECUTE FUNCTION governance_refuse();
ALTER TABLE governance_proposal ENABLE ALWAYS TRIGGER proposal_stands;
"""


class Migration(migrations.Migration):

    dependencies = [
        ("governance", "0016_one_statement_an_entry"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint("proposal", "one_open_proposal_of_a_kind"),
        migrations.AddField(
            "proposal",
            "dropper",
            models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            "proposal", "dropped_at", models.DateTimeField(null=True, verbose_name="dropped at")
        ),
        migrations.AddConstraint(
            "proposal",
            models.UniqueConstraint(condition=Q(decided_at=None, dropped_at=None), fields=("kind",), name="one_open_proposal_of_a_kind"),
        ),
        migrations.AddConstraint(
            "proposal",
            models.CheckConstraint(condition=Q(Q(dropper=None, dropped_at=None), Q(dropper__isnull=False, dropped_at__isnull=False, decided_at=None), _connector="OR"), name="what_is_dropped_is_not_decided"),
        ),
        migrations.RunSQL(
            STANDS.format(dropped="OR OLD.dropped_at IS NOT NULL"), STANDS.format(dropped="")
        ),
    ]
