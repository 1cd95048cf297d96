"""An entry of the log comes with one statement, and waits for its place by a cheaper trigger."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")

BACK = """
DROP FUNCTION governance_log_record;
DROP TRIGGER log_entry_queued ON governance_logentry;
CREATE OR REPLACE FUNCTION governance_log_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO governance_logwaiting (origin_seq, leaf_hash)
        SELECT origin_seq, leaf_hash FROM born;
    RETURN NULL;
END $$;
CREATE TRIGGER log_entry_queued AFTER INSERT ON governance_logentry
    REFERENCING NEW TABLE AS born FOR EACH STATEMENT EXECUTE FUNCTION governance_log_queue();
ALTER TABLE governance_logentry ENABLE ALWAYS TRIGGER log_entry_queued;
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0015_recipients_are_organisations")]

    operations = [migrations.RunSQL(SQL, BACK)]
