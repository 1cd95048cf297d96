"""Claims with a code, for somebody who has left."""

from pathlib import Path

import django.db.models.deletion
import dure.core.ids
from django.db import migrations, models

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
#: Functions take their triggers with them; the others go with their tables.
BACK = """
DROP FUNCTION rewards_code_is_for_who_leaves CASCADE;
DROP FUNCTION rewards_claim_is_of_who_left CASCADE;
DROP FUNCTION rewards_claimed_is_its_owners CASCADE;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('governance', '0016_one_statement_an_entry'),
        ('accounts', '0006_organisations_and_keys'),
        ('rewards', '0025_shares_written_once'),
    ]

    operations = [
        migrations.CreateModel(
            name='ClaimCode',
            fields=[
                ('id', models.UUIDField(default=dure.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('digest', models.BinaryField(unique=True)),
                ('at', models.DateTimeField()),
                ('log_entry', models.UUIDField()),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.party')),
            ],
            options={
                'verbose_name': 'claim code',
                'verbose_name_plural': 'claim codes',
                'ordering': ['-at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='ProvenClaim',
            fields=[
                ('id', models.UUIDField(default=dure.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('holder', models.BinaryField()),
                ('at', models.DateTimeField()),
                ('code', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='rewards.claimcode')),
            ],
            options={
                'verbose_name': 'claim with a code',
                'verbose_name_plural': 'claims with a code',
                'ordering': ['-at', '-id'],
            },
        ),
        migrations.AddField(
            model_name='redemption',
            name='proven_claim',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='redemptions', to='rewards.provenclaim'),
        ),
        migrations.AddIndex(
            model_name='claimcode',
            index=models.Index(fields=['party', '-at', '-id'], name='claim_code_of_party'),
        ),
        migrations.RunSQL(SQL, BACK),
    ]
