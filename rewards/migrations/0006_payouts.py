"""Pay-out batches, rules of the treasury and unclaimed amounts; the SQL stands beside."""

import datetime
from pathlib import Path
import django.db.models.deletion
import django.db.models.expressions
import dure.core.ids
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
_RULES = Path(__file__).with_name("0002_rules.sql").read_text(encoding="utf-8")
_BEFORE = _RULES[
    _RULES.index("CREATE FUNCTION rewards_redemption_moves") : _RULES.index(
        "CREATE TRIGGER redemption_moves"
    )
].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
BACK = f"""
DROP FUNCTION rewards_treasury_rule_moves, rewards_batch_moves, rewards_item_moves,
    rewards_import_moves, rewards_unclaimed_moves CASCADE;
{_BEFORE}
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('core', '0003_key_generations'),
        ('rewards', '0005_licences_and_dividends'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DifferenceNote',
            fields=[
                ('id', models.UUIDField(default=dure.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('difference', models.CharField(max_length=200)),
                ('note', models.CharField(max_length=500)),
                ('closes', models.BooleanField()),
                ('written_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'note on a difference',
                'verbose_name_plural': 'notes on differences',
                'ordering': ['written_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='PayoutBatch',
            fields=[
                ('id', models.UUIDField(default=dure.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('rail', models.CharField(choices=[('bank', 'bank account'), ('local-currency', 'local currency'), ('transit', 'transit card'), ('fund', 'neighbourhood fund')], max_length=16)),
                ('asset', models.CharField(choices=[('DURE', 'Dure token'), ('KRW', 'Korean won')], max_length=8)),
                ('state', models.CharField(choices=[('proposed', 'waits for approval'), ('approved', 'approved, not sent'), ('sent', 'sent'), ('discarded', 'discarded')], default='proposed', max_length=10)),
                ('message_id', models.CharField(max_length=35, unique=True)),
                ('policy_number', models.IntegerField()),
                ('count', models.IntegerField()),
                ('total', models.BigIntegerField()),
                ('control_sum', models.BigIntegerField()),
                ('execute_on', models.DateField()),
                ('file_format', models.CharField(max_length=20)),
                ('file_sha256', models.CharField(max_length=64)),
                ('proposed_at', models.DateTimeField()),
                ('approved_at', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('discarded_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'pay-out batch',
                'verbose_name_plural': 'pay-out batches',
                'ordering': ['-proposed_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='PayoutItem',
            fields=[
                ('uid', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('number', models.IntegerField()),
                ('amount', models.BigIntegerField()),
                ('pays', models.BigIntegerField()),
                ('state', models.CharField(choices=[('open', 'no answer yet'), ('settled', 'paid out'), ('failed', 'refused by the rail'), ('returned', 'came back after payment'), ('discarded', 'never sent')], default='open', max_length=10)),
                ('resolved_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'pay-out',
                'verbose_name_plural': 'pay-outs',
                'ordering': ['batch', 'number'],
            },
        ),
        migrations.CreateModel(
            name='RailDuplicate',
            fields=[
                ('id', models.UUIDField(default=dure.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('sha256', models.CharField(max_length=64)),
                ('amount', models.BigIntegerField(null=True)),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'line under a used id',
                'verbose_name_plural': 'lines under used ids',
            },
        ),
        migrations.CreateModel(
            name='RailEvent',
            fields=[
                ('id', models.UUIDField(default=dure.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('rail', models.CharField(choices=[('bank', 'bank account'), ('local-currency', 'local currency'), ('transit', 'transit card'), ('fund', 'neighbourhood fund')], max_length=16)),
                ('external_id', models.CharField(max_length=140)),
                ('kind', models.CharField(choices=[('noted', 'noted'), ('settled', 'paid out'), ('failed', 'refused by the rail'), ('returned', 'came back after payment')], max_length=10)),
                ('outcome', models.CharField(choices=[('applied', 'taken over'), ('known', 'said before'), ('unknown', 'names no pay-out of ours'), ('amount', 'another amount'), ('contradicts', 'contradicts what is known')], max_length=12)),
                ('reference', models.CharField(blank=True, default='', max_length=140)),
                ('amount', models.BigIntegerField(null=True)),
                ('reason', models.CharField(blank=True, default='', max_length=35)),
                ('sha256', models.CharField(max_length=64)),
                ('booked_on', models.DateField(null=True)),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'line of an answer',
                'verbose_name_plural': 'lines of answers',
                'ordering': ['recorded_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='RailImport',
            fields=[
                ('id', models.UUIDField(default=dure.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('rail', models.CharField(choices=[('bank', 'bank account'), ('local-currency', 'local currency'), ('transit', 'transit card'), ('fund', 'neighbourhood fund')], max_length=16)),
                ('file_format', models.CharField(max_length=20)),
                ('sha256', models.CharField(max_length=64)),
                ('message_id', models.CharField(max_length=80)),
                ('counts', models.JSONField(default=dict)),
                ('imported_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'answer of a rail',
                'verbose_name_plural': 'answers of rails',
                'ordering': ['-imported_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='TreasuryPolicy',
            fields=[
                ('id', models.UUIDField(default=dure.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('subject', models.CharField(choices=[('payout', 'paying out'), ('withholding', 'tax withheld'), ('unclaimed', 'unclaimed amounts')], max_length=12)),
                ('number', models.IntegerField()),
                ('document', models.JSONField()),
                ('sha256', models.CharField(max_length=64)),
                ('proposed_at', models.DateTimeField()),
                ('approved_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'treasury rule',
                'verbose_name_plural': 'treasury rules',
                'ordering': ['subject', '-number'],
            },
        ),
        migrations.CreateModel(
            name='UnclaimedAmount',
            fields=[
                ('id', models.UUIDField(default=dure.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('asset', models.CharField(choices=[('DURE', 'Dure token'), ('KRW', 'Korean won')], max_length=8)),
                ('amount', models.BigIntegerField()),
                ('why', models.CharField(choices=[('dormant', 'not used for a long time'), ('left', 'the owner has left')], max_length=8)),
                ('policy_number', models.IntegerField()),
                ('set_aside_at', models.DateTimeField()),
                ('claim_by', models.DateTimeField()),
                ('warned_at', models.DateTimeField(null=True)),
                ('expired_at', models.DateTimeField(null=True)),
                ('claimed_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'unclaimed amount',
                'verbose_name_plural': 'unclaimed amounts',
                'ordering': ['claim_by', 'id'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='account',
            name='account_kind_known',
        ),
        migrations.AddField(
            model_name='redemption',
            name='tax',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='redemption',
            name='tax_hold',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='taxed_redemption', to='rewards.transfer'),
        ),
        migrations.AddField(
            model_name='redemption',
            name='tax_policy',
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='account',
            name='kind',
            field=models.CharField(choices=[('issuance', 'issuance'), ('treasury', 'treasury'), ('pool', 'pool of a call'), ('wallet', 'wallet'), ('clearing', 'clearing of a rail'), ('dividend', "contributors' part of a revenue"), ('fund', 'neighbourhood funds'), ('operation', 'operation'), ('tax', 'tax owed'), ('unclaimed', 'unclaimed amounts')], max_length=12),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['issuance', 'treasury', 'pool', 'wallet', 'clearing', 'dividend', 'fund', 'operation', 'tax', 'unclaimed'])), name='account_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='redemption',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('tax', 0), ('tax_hold', None)), models.Q(('tax__gt', 0), ('tax__lt', models.F('amount')), ('tax_hold__isnull', False)), _connector='OR'), name='redemption_tax_is_held'),
        ),
        migrations.AddField(
            model_name='differencenote',
            name='author',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='payoutbatch',
            name='approver',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='payoutbatch',
            name='file',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.blob'),
        ),
        migrations.AddField(
            model_name='payoutbatch',
            name='proposer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='payoutitem',
            name='batch',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='rewards.payoutbatch'),
        ),
        migrations.AddField(
            model_name='payoutitem',
            name='redemption',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payout_items', to='rewards.redemption'),
        ),
        migrations.AddField(
            model_name='railevent',
            name='item',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='rewards.payoutitem'),
        ),
        migrations.AddField(
            model_name='railduplicate',
            name='event',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duplicates', to='rewards.railevent'),
        ),
        migrations.AddField(
            model_name='railimport',
            name='file',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.blob'),
        ),
        migrations.AddField(
            model_name='railimport',
            name='importer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='railevent',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='rewards.railimport'),
        ),
        migrations.AddField(
            model_name='railduplicate',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duplicates', to='rewards.railimport'),
        ),
        migrations.AddField(
            model_name='treasurypolicy',
            name='approver',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='treasurypolicy',
            name='proposer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='unclaimedamount',
            name='dividend',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='unclaimed_amounts', to='rewards.dividend'),
        ),
        migrations.AddField(
            model_name='unclaimedamount',
            name='expiry',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rewards.transfer'),
        ),
        migrations.AddField(
            model_name='unclaimedamount',
            name='party',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='unclaimed_amounts', to='accounts.party'),
        ),
        migrations.AddField(
            model_name='unclaimedamount',
            name='set_aside',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rewards.transfer'),
        ),
        migrations.AddIndex(
            model_name='differencenote',
            index=models.Index(fields=['difference'], name='note_of_difference'),
        ),
        migrations.AddConstraint(
            model_name='payoutbatch',
            constraint=models.CheckConstraint(condition=models.Q(('control_sum__gt', 0), ('count__gt', 0), ('total__gt', 0)), name='batch_has_items'),
        ),
        migrations.AddConstraint(
            model_name='payoutbatch',
            constraint=models.CheckConstraint(condition=models.Q(('approver', None), models.Q(('approver', models.F('proposer')), _negated=True), _connector='OR'), name='batch_four_eyes'),
        ),
        migrations.AddConstraint(
            model_name='payoutbatch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approved_at', None), ('approver', None), ('sent_at', None), ('state', 'proposed')), models.Q(('approved_at__isnull', False), ('approver__isnull', False), ('sent_at', None), ('state', 'approved')), models.Q(('approver__isnull', False), ('sent_at__isnull', False), ('state', 'sent')), models.Q(('discarded_at__isnull', False), ('sent_at', None), ('state', 'discarded')), _connector='OR'), name='batch_state_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='payoutitem',
            constraint=models.UniqueConstraint(fields=('batch', 'number'), name='item_in_its_batch'),
        ),
        migrations.AddConstraint(
            model_name='payoutitem',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'discarded'), _negated=True), fields=('redemption',), name='redemption_in_one_batch'),
        ),
        migrations.AddConstraint(
            model_name='payoutitem',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('pays__gt', 0)), name='item_pays'),
        ),
        migrations.AddConstraint(
            model_name='payoutitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('resolved_at', None), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('resolved_at__isnull', False)), _connector='OR'), name='item_resolved_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='railimport',
            constraint=models.UniqueConstraint(fields=('rail', 'sha256'), name='an_answer_is_read_once'),
        ),
        migrations.AddIndex(
            model_name='railevent',
            index=models.Index(fields=['outcome'], name='rail_event_outcome'),
        ),
        migrations.AddConstraint(
            model_name='railevent',
            constraint=models.UniqueConstraint(fields=('rail', 'external_id'), name='rail_event_once'),
        ),
        migrations.AddConstraint(
            model_name='railduplicate',
            constraint=models.UniqueConstraint(fields=('event', 'sha256'), name='duplicate_noted_once'),
        ),
        migrations.AddConstraint(
            model_name='treasurypolicy',
            constraint=models.UniqueConstraint(fields=('subject', 'number'), name='treasury_rule_version'),
        ),
        migrations.AddConstraint(
            model_name='treasurypolicy',
            constraint=models.CheckConstraint(condition=models.Q(('subject__in', ['payout', 'withholding', 'unclaimed'])), name='treasury_rule_subject'),
        ),
        migrations.AddConstraint(
            model_name='treasurypolicy',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approved_at', None), ('approver', None)), models.Q(('approved_at__isnull', False), ('approver__isnull', False), models.Q(('approver', models.F('proposer')), _negated=True)), _connector='OR'), name='treasury_rule_four_eyes'),
        ),
        migrations.AddIndex(
            model_name='unclaimedamount',
            index=models.Index(fields=['party'], name='unclaimed_of_party'),
        ),
        migrations.AddConstraint(
            model_name='unclaimedamount',
            constraint=models.UniqueConstraint(condition=models.Q(('dividend__isnull', False)), fields=('party', 'dividend'), name='a_share_is_set_aside_once'),
        ),
        migrations.AddConstraint(
            model_name='unclaimedamount',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='unclaimed_positive'),
        ),
        migrations.AddConstraint(
            model_name='unclaimedamount',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('expired_at', None), ('expiry', None)), models.Q(('expired_at__gte', models.F('claim_by')), ('expiry__isnull', False), models.Q(('why', 'left'), models.Q(('expired_at__gte', django.db.models.expressions.CombinedExpression(models.F('warned_at'), '+', models.Value(datetime.timedelta(days=30)))), ('warned_at__isnull', False)), _connector='OR')), _connector='OR'), name='nothing_expires_unwarned'),
        ),
        migrations.RunSQL(SQL, BACK),
    ]
