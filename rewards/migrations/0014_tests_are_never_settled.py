"""What was sent with a test key enters no settlement, whoever asks for it."""

from django.db import migrations

SQL = """
CREATE FUNCTION rewards_no_test_is_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM contributions_contribution WHERE id = NEW.contribution_id AND test)
    THEN
        RAISE EXCEPTION 'a test is never settled' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER no_test_is_settled
    BEFORE INSERT ON rewards_epochinput
    FOR EACH ROW EXECUTE FUNCTION rewards_no_test_is_settled();
ALTER TABLE rewards_epochinput ENABLE ALWAYS TRIGGER no_test_is_settled;
"""

BACK = """
DROP TRIGGER no_test_is_settled ON rewards_epochinput;
DROP FUNCTION rewards_no_test_is_settled;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contributions", "0013_tests_never_count"),
        ("rewards", "0013_licensing_terms"),
    ]
    operations = [migrations.RunSQL(SQL, BACK)]
