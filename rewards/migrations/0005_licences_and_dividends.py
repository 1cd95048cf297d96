"""Licences and dividends, and what PostgreSQL refuses about them; the SQL stands beside."""

from pathlib import Path

import django.db.models.deletion
import dure.core.ids
from django.db import migrations, models


SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")

BACK = """
DROP FUNCTION rewards_licence_moves, rewards_dividend_moves, rewards_chunk_moves CASCADE;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('contributions', '0004_corrections_and_clusters'),
        ('rewards', '0004_settled_counts_stand'),
    ]

    operations = [
        migrations.CreateModel(
            name='Dividend',
            fields=[
                ('id', models.UUIDField(default=dure.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('amount', models.BigIntegerField()),
                ('rest', models.BigIntegerField()),
                ('people', models.IntegerField()),
                ('root', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[('paying', 'being paid'), ('paid', 'paid')], default='paying', max_length=8)),
                ('frozen_at', models.DateTimeField()),
                ('paid_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'dividend',
                'verbose_name_plural': 'dividends',
                'ordering': ['-frozen_at'],
            },
        ),
        migrations.CreateModel(
            name='DividendChunk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first', models.IntegerField()),
                ('last', models.IntegerField()),
                ('paid', models.BooleanField(default=False)),
            ],
            options={
                'verbose_name': 'chunk of a dividend',
                'verbose_name_plural': 'chunks of dividends',
            },
        ),
        migrations.CreateModel(
            name='DividendShare',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.IntegerField()),
                ('weight', models.DecimalField(decimal_places=0, max_digits=30)),
                ('amount', models.BigIntegerField()),
                ('leaf', models.BinaryField()),
            ],
            options={
                'verbose_name': 'share of a dividend',
                'verbose_name_plural': 'shares of dividends',
            },
        ),
        migrations.CreateModel(
            name='Licence',
            fields=[
                ('id', models.UUIDField(default=dure.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('quote', models.JSONField()),
                ('total', models.BigIntegerField()),
                ('agreed_at', models.DateTimeField()),
                ('paid_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'licence',
                'verbose_name_plural': 'licences',
                'ordering': ['-agreed_at', '-id'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='account',
            name='account_kind_known',
        ),
        migrations.AlterField(
            model_name='account',
            name='kind',
            field=models.CharField(choices=[('issuance', 'issuance'), ('treasury', 'treasury'), ('pool', 'pool of a call'), ('wallet', 'wallet'), ('clearing', 'clearing of a rail'), ('dividend', "contributors' part of a revenue"), ('fund', 'neighbourhood funds'), ('operation', 'operation')], max_length=12),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['issuance', 'treasury', 'pool', 'wallet', 'clearing', 'dividend', 'fund', 'operation'])), name='account_kind_known'),
        ),
        migrations.AddField(
            model_name='dividend',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rewards.account'),
        ),
        migrations.AddField(
            model_name='dividendchunk',
            name='dividend',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='chunks', to='rewards.dividend'),
        ),
        migrations.AddField(
            model_name='dividendshare',
            name='account',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='dividend_shares', to='rewards.account'),
        ),
        migrations.AddField(
            model_name='dividendshare',
            name='dividend',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='shares', to='rewards.dividend'),
        ),
        migrations.AddField(
            model_name='licence',
            name='call',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='licences', to='contributions.call'),
        ),
        migrations.AddField(
            model_name='licence',
            name='party',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='licences', to='accounts.party'),
        ),
        migrations.AddField(
            model_name='licence',
            name='payment',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='licence', to='rewards.transfer'),
        ),
        migrations.AddField(
            model_name='dividend',
            name='licence',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='dividend', to='rewards.licence'),
        ),
        migrations.AddConstraint(
            model_name='dividendchunk',
            constraint=models.UniqueConstraint(fields=('dividend', 'first'), name='one_chunk_at_a_place'),
        ),
        migrations.AddConstraint(
            model_name='dividendchunk',
            constraint=models.CheckConstraint(condition=models.Q(('last__gte', models.F('first'))), name='chunk_has_shares'),
        ),
        migrations.AddConstraint(
            model_name='dividendshare',
            constraint=models.UniqueConstraint(fields=('dividend', 'number'), name='one_share_a_number'),
        ),
        migrations.AddConstraint(
            model_name='dividendshare',
            constraint=models.UniqueConstraint(fields=('dividend', 'account'), name='one_share_a_person'),
        ),
        migrations.AddConstraint(
            model_name='dividendshare',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='share_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='licence',
            constraint=models.CheckConstraint(condition=models.Q(('total__gt', 0)), name='licence_has_a_price'),
        ),
        migrations.AddConstraint(
            model_name='licence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('paid_at', None), ('payment', None)), models.Q(('paid_at__isnull', False), ('payment__isnull', False)), _connector='OR'), name='licence_payment_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='dividend',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('people__gte', 0), ('rest__gte', 0), ('rest__lte', models.F('amount'))), name='dividend_adds_up'),
        ),
        migrations.AddConstraint(
            model_name='dividend',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('paid_at', None), ('state', 'paying')), models.Q(('paid_at__isnull', False), ('state', 'paid')), _connector='OR'), name='dividend_paid_at_a_time'),
        ),
        migrations.RunSQL(SQL, BACK),
    ]
