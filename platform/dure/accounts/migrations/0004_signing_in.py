"""Rounds of sessions, counters of attempts, and the confirmed address of everybody who is there."""

from django.db import migrations, models

COUNTERS = """
CREATE UNLOGGED TABLE accounts_shared_counter (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX accounts_shared_counter_expires ON accounts_shared_counter (expires);
"""

ADDRESSES = """
INSERT INTO account_emailaddress (user_id, email, verified, "primary")
SELECT id, email, true, true FROM accounts_person WHERE is_active
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [
        ("account", "0009_emailaddress_unique_primary_email"),
        ("accounts", "0003_scoped_roles"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="session_round",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="person",
            name="said_born_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.RunSQL(COUNTERS, "DROP TABLE accounts_shared_counter"),
        migrations.RunSQL(ADDRESSES, migrations.RunSQL.noop),
    ]
