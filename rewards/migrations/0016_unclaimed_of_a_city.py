"""A share of a dividend to a whole city is set aside as any other, once."""

import django.db.models.deletion
from django.db import migrations, models

SQL = """
CREATE OR REPLACE FUNCTION rewards_unclaimed_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.claimed_at IS NOT NULL OR
        (NEW.id, NEW.party_id, NEW.dividend_id, NEW.batch_id, NEW.asset, NEW.amount, NEW.why,
         NEW.policy_number, NEW.set_aside_id, NEW.set_aside_at, NEW.claim_by)
        IS DISTINCT FROM
        (OLD.id, OLD.party_id, OLD.dividend_id, OLD.batch_id, OLD.asset, OLD.amount, OLD.why,
         OLD.policy_number, OLD.set_aside_id, OLD.set_aside_at, OLD.claim_by)
        OR (OLD.warned_at IS NOT NULL AND NEW.warned_at IS DISTINCT FROM OLD.warned_at)
        OR (OLD.expiry_id IS NOT NULL AND
            (NEW.expiry_id, NEW.expired_at) IS DISTINCT FROM (OLD.expiry_id, OLD.expired_at))
    THEN
        RAISE EXCEPTION 'unclaimed amount % stands as it is', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_organisations_and_keys"),
        ("rewards", "0015_many_at_once"),
    ]
    operations = [
        migrations.AddField(
            model_name="unclaimedamount",
            name="batch",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="unclaimed_amounts",
                to="rewards.bulkbatch",
            ),
        ),
        migrations.AddConstraint(
            model_name="unclaimedamount",
            constraint=models.UniqueConstraint(
                condition=models.Q(("batch__isnull", False)),
                fields=("party", "batch"),
                name="a_city_share_is_set_aside_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="unclaimedamount",
            constraint=models.CheckConstraint(
                condition=models.Q(("dividend", None), ("batch", None), _connector="OR"),
                name="unclaimed_of_one_dividend",
            ),
        ),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
