"""Triggers that keep releases as they were given out; the SQL stands beside."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")

BACK = """
DROP TRIGGER release_stands ON contributions_release;
DROP TRIGGER release_is_not_emptied ON contributions_release;
DROP TRIGGER release_file_stands ON contributions_releasefile;
DROP TRIGGER release_file_is_not_emptied ON contributions_releasefile;
DROP TRIGGER release_member_stands ON contributions_releasemember;
DROP TRIGGER release_member_is_not_emptied ON contributions_releasemember;
DROP FUNCTION contributions_release_stands, contributions_release_part_stands;
"""


class Migration(migrations.Migration):
    dependencies = [("contributions", "0005_releases")]
    operations = [migrations.RunSQL(SQL, BACK)]
