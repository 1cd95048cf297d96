"""Triggers that keep references, versions, states and stage runs; the SQL stands beside."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")

BACK = """
DROP TRIGGER reference_stands ON contributions_referencepopulation;
DROP TRIGGER call_version_stands ON contributions_callversion;
DROP TRIGGER contribution_moves ON contributions_contribution;
DROP TRIGGER stage_run_stands ON contributions_stagerun;
DROP FUNCTION contributions_reference_stands, contributions_call_version_stands,
    contributions_contribution_moves, contributions_stage_run_stands;
"""


class Migration(migrations.Migration):
    dependencies = [("contributions", "0001_initial")]
    operations = [migrations.RunSQL(SQL, BACK)]
