"""Bulk postings: batches, their partitioned shares, and what PostgreSQL refuses; SQL beside."""

from pathlib import Path

import django.db.models.deletion
import dure.core.ids
from django.db import migrations, models


SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")

BACK = """
DROP TABLE rewards_bulkentry;
DROP FUNCTION rewards_balance_takes_shares_in, rewards_bulkchunk_moves, rewards_bulkbatch_moves,
    rewards_bulk_discard, rewards_bulk_attach, rewards_bulk_seal, rewards_bulk_index,
    rewards_bulk_load, rewards_bulk_freeze, rewards_bulk_open, rewards_bulk_balances, rewards_bulk_comes_whole CASCADE;
DROP SEQUENCE rewards_bulk_number;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('rewards', '0006_payouts'),
    ]

    operations = [
        migrations.AddField(
            model_name='balance',
            name='folded',
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name='BulkBatch',
            fields=[
                ('id', models.UUIDField(default=dure.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.IntegerField(editable=False, unique=True)),
                ('kind', models.CharField(max_length=40)),
                ('basis', models.JSONField(default=dict)),
                ('asset', models.CharField(choices=[('DURE', 'Dure token'), ('KRW', 'Korean won')], max_length=8)),
                ('amount', models.BigIntegerField()),
                ('chunk_bits', models.SmallIntegerField()),
                ('policy_sha256', models.CharField(max_length=64)),
                ('reference', models.CharField(max_length=120)),
                ('actor', models.CharField(max_length=80)),
                ('ordered_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('ordered', 'ordered'), ('loading', 'being loaded'), ('sealed', 'sealed'), ('posted', 'posted'), ('failed', 'failed')], default='ordered', max_length=8)),
                ('reason', models.CharField(blank=True, default='', max_length=60)),
                ('people', models.IntegerField(null=True)),
                ('total_weight', models.DecimalField(decimal_places=0, max_digits=30, null=True)),
                ('total', models.BigIntegerField(null=True)),
                ('root', models.CharField(blank=True, default='', max_length=64)),
                ('place', models.IntegerField(null=True, unique=True)),
                ('posted_at', models.DateTimeField(null=True)),
                ('folded_at', models.DateTimeField(null=True)),
                ('rows_done', models.IntegerField(default=0)),
                ('rows_folded', models.IntegerField(default=0)),
                ('attempts', models.SmallIntegerField(default=0)),
                ('claimed_by', models.UUIDField(null=True)),
                ('claimed_until', models.DateTimeField(null=True)),
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='bulk_batch', to='rewards.account')),
                ('reserve', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rewards.transfer')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rewards.account')),
            ],
            options={
                'verbose_name': 'bulk posting',
                'verbose_name_plural': 'bulk postings',
                'ordering': ['-ordered_at'],
            },
        ),
        migrations.CreateModel(
            name='BulkChunk',
            fields=[
                ('pk', models.CompositePrimaryKey('batch_id', 'place', blank=True, editable=False, primary_key=True, serialize=False)),
                ('place', models.IntegerField()),
                ('first', models.IntegerField()),
                ('last', models.IntegerField()),
                ('loaded', models.BooleanField(default=False)),
                ('total', models.BigIntegerField(null=True)),
                ('tiles', models.BinaryField(null=True)),
                ('root', models.BinaryField(null=True)),
                ('batch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='chunks', to='rewards.bulkbatch')),
            ],
            options={
                'verbose_name': 'chunk of a bulk posting',
                'verbose_name_plural': 'chunks of bulk postings',
            },
        ),
        migrations.CreateModel(
            name='BulkFold',
            fields=[
                ('transfer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='bulk_fold', serialize=False, to='rewards.transfer')),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='folds', to='rewards.bulkbatch')),
            ],
            options={
                'verbose_name': 'shares taken into balances',
                'verbose_name_plural': 'shares taken into balances',
            },
        ),
        migrations.AddIndex(
            model_name='bulkbatch',
            index=models.Index(condition=models.Q(('folded_at', None), ('state', 'posted')), fields=['place'], name='bulk_not_folded'),
        ),
        migrations.AddConstraint(
            model_name='bulkbatch',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='bulk_moves_something'),
        ),
        migrations.AddConstraint(
            model_name='bulkbatch',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['ordered', 'loading', 'sealed', 'posted', 'failed'])), name='bulk_state_known'),
        ),
        migrations.AddConstraint(
            model_name='bulkbatch',
            constraint=models.CheckConstraint(condition=models.Q(('chunk_bits__range', (0, 20))), name='bulk_chunk_size'),
        ),
        migrations.AddConstraint(
            model_name='bulkbatch',
            constraint=models.CheckConstraint(condition=models.Q(('total', None), models.Q(('total__gte', 0), ('total__lte', models.F('amount'))), _connector='OR'), name='bulk_gives_no_more_than_it_has'),
        ),
        migrations.AddConstraint(
            model_name='bulkbatch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('place__isnull', False), ('posted_at__isnull', False), ('state', 'posted')), models.Q(models.Q(('state', 'posted'), _negated=True), ('place', None), ('posted_at', None)), _connector='OR'), name='bulk_posted_at_a_place'),
        ),
        migrations.AddConstraint(
            model_name='bulkchunk',
            constraint=models.CheckConstraint(condition=models.Q(('last__gte', models.F('first'))), name='bulk_chunk_has_shares'),
        ),
        # Django knows no partitioned tables: the SQL makes this one.
        migrations.SeparateDatabaseAndState(
            state_operations=[
            migrations.CreateModel(
                name='BulkEntry',
                fields=[
                    ('pk', models.CompositePrimaryKey('batch', 'number', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('batch', models.IntegerField()),
                    ('number', models.IntegerField()),
                    ('weight', models.BigIntegerField()),
                    ('amount', models.BigIntegerField()),
                    ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='bulk_entries', to='rewards.account')),
                ],
                options={
                    'verbose_name': 'share of a bulk posting',
                    'verbose_name_plural': 'shares of bulk postings',
                },
            ),
            migrations.AddConstraint(
                model_name='bulkentry',
                constraint=models.UniqueConstraint(condition=models.Q(('number__gte', 0)), fields=('account', 'batch'), name='one_bulk_share_each'),
            ),
            migrations.AddConstraint(
                model_name='bulkentry',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount__gte', 0), ('number__gte', 0), ('weight__gt', 0)), models.Q(('amount__lte', 0), ('number__lt', 0), ('weight', 0)), _connector='OR'), name='bulk_shares_come_in'),
            ),
            ],
            database_operations=[migrations.RunSQL(SQL, BACK)],
        ),
    ]
