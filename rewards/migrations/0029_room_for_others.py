"""What a bulk posting reads, one process reads: who pays meanwhile finds a processor free."""

from django.db import migrations

_READERS = (
    "rewards_bulk_freeze(uuid, uuid)",
    "rewards_bulk_load(uuid, integer)",
    "rewards_bulk_seal(uuid, text)",
)


class Migration(migrations.Migration):

    dependencies = [("rewards", "0028_settled_by_two")]

    operations = [
        migrations.RunSQL(
            f"ALTER FUNCTION {reader} SET max_parallel_workers_per_gather = 0",
            f"ALTER FUNCTION {reader} RESET max_parallel_workers_per_gather",
        )
        for reader in _READERS
    ]
