"""What PostgreSQL refuses by itself in the ledger and in epochs; the SQL stands beside."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")

BACK = """
DROP FUNCTION rewards_stands, rewards_entries_balance, rewards_balance_follows_entries,
    rewards_balance_opens_empty, rewards_hold_is_pending, rewards_epoch_moves,
    rewards_redemption_moves, rewards_transfers_name_others CASCADE;
ALTER TABLE rewards_hold DROP CONSTRAINT hold_source_asset, DROP CONSTRAINT hold_target_asset;
ALTER TABLE rewards_balance DROP CONSTRAINT balance_account_floor;
"""


class Migration(migrations.Migration):
    dependencies = [("rewards", "0001_initial")]
    operations = [migrations.RunSQL(SQL, BACK)]
