"""What an epoch has settled keeps its counts, whoever asks."""

from django.db import migrations

SQL = """
CREATE FUNCTION rewards_settled_counts_stand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM rewards_epochinput WHERE contribution_id = OLD.id) THEN
        RAISE EXCEPTION 'contribution % is settled and its counts stand', OLD.receipt
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER settled_counts_stand
    BEFORE UPDATE ON contributions_contribution FOR EACH ROW
    WHEN ((OLD.accepted, OLD.duplicate, OLD.mass) IS DISTINCT FROM
          (NEW.accepted, NEW.duplicate, NEW.mass))
    EXECUTE FUNCTION rewards_settled_counts_stand();
"""
BACK = """
DROP TRIGGER settled_counts_stand ON contributions_contribution;
DROP FUNCTION rewards_settled_counts_stand;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("rewards", "0003_periods_and_expiry"),
        ("contributions", "0004_corrections_and_clusters"),
    ]
    operations = [migrations.RunSQL(SQL, BACK)]
