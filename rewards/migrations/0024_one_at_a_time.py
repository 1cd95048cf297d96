"""A transfer between two accounts has a function of its own; locks come before keys."""

from pathlib import Path

from django.db import migrations, models
from django.db.models import Q

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")

# Each condition of a table is read and planned anew for every statement that writes it.
TRANSFER = ~Q(kind="") & (
    Q(pending=None) & (Q(state="posted") | (Q(state="pending") & Q(reverses=None)))
    | Q(pending__isnull=False, reverses=None) & (Q(state="post") | Q(state="void"))
)
ENTRY = ~Q(amount=0) & Q(version__gt=0, seq__gte=0)


def removed(model: str, *names: str) -> list[migrations.RemoveConstraint]:
    return [migrations.RemoveConstraint(model_name=model, name=name) for name in names]


class Migration(migrations.Migration):
    dependencies = [("rewards", "0023_batches_by_arrays")]
    operations = [
        *removed("entry", "entry_moves_something", "entry_is_counted"),
        *removed("transfer", "transfer_state_known", "a_resolution_names_its_hold"),
        *removed("transfer", "a_reversal_is_posted", "a_transfer_has_a_kind"),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(condition=ENTRY, name="entry_moves_something"),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(condition=TRANSFER, name="transfer_is_what_it_says"),
        ),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
