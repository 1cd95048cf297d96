"""A chunk of a bulk posting is read by one process: another one hashes meanwhile."""

from django.db import migrations

LOAD = "ALTER FUNCTION rewards_bulk_load(uuid, integer) {0} max_parallel_workers_per_gather{1}"


class Migration(migrations.Migration):

    dependencies = [("rewards", "0028_settled_by_two")]

    operations = [migrations.RunSQL(LOAD.format("SET", " = 0"), LOAD.format("RESET", ""))]
