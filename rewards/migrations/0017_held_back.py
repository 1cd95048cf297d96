"""Pay that waits: what is held back, what was drawn to be checked, and what was found."""

from pathlib import Path

import django.db.models.deletion
import dure.core.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contributions', '0014_pushes_of_a_feed'),
        ('governance', '0013_cases'),
        ('rewards', '0016_unclaimed_of_a_city'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ClaimDrawing',
            fields=[
                ('id', models.UUIDField(default=dure.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('checkpoint_size', models.BigIntegerField()),
                ('checkpoint_root', models.CharField(max_length=64)),
                ('population_root', models.CharField(max_length=64)),
                ('size', models.PositiveIntegerField()),
                ('drawn_at', models.DateTimeField()),
                ('log_entry', models.UUIDField()),
                ('epoch', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='claim_drawing', to='rewards.epoch')),
            ],
            options={
                'verbose_name': 'drawing of claims',
                'verbose_name_plural': 'drawings of claims',
            },
        ),
        migrations.CreateModel(
            name='ClaimCheck',
            fields=[
                ('id', models.UUIDField(default=dure.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('drawn', 'to be checked'), ('sound', 'in order'), ('proposed', 'a finding waits for a second person'), ('upheld', 'the finding is upheld'), ('dismissed', 'the finding is dismissed')], default='drawn', max_length=9)),
                ('ground', models.CharField(blank=True, choices=[('false-stratum', 'records claim a group or place that they are not from'), ('made-up', 'records were made up'), ('not-own', "records are somebody else's")], default='', max_length=15)),
                ('reason', models.TextField(blank=True, default='')),
                ('checked_at', models.DateTimeField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('checker', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('contribution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claim_checks', to='contributions.contribution')),
                ('decider', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('drawing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='rewards.claimdrawing')),
            ],
            options={
                'verbose_name': 'check of a claim',
                'verbose_name_plural': 'checks of claims',
                'ordering': ['drawing', 'position'],
            },
        ),
        migrations.CreateModel(
            name='HeldReward',
            fields=[
                ('id', models.UUIDField(default=dure.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('amount', models.BigIntegerField()),
                ('due_at', models.DateTimeField()),
                ('contribution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='held_rewards', to='contributions.contribution')),
                ('epoch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='held_rewards', to='rewards.epoch')),
                ('hold', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='held_reward', to='rewards.transfer')),
            ],
            options={
                'verbose_name': 'held-back reward',
                'verbose_name_plural': 'held-back rewards',
            },
        ),
        migrations.AddConstraint(
            model_name='claimdrawing',
            constraint=models.CheckConstraint(condition=models.Q(('size__gt', 0)), name='claims_are_drawn'),
        ),
        migrations.AddConstraint(
            model_name='claimcheck',
            constraint=models.UniqueConstraint(fields=('drawing', 'position'), name='one_check_a_place'),
        ),
        migrations.AddConstraint(
            model_name='claimcheck',
            constraint=models.UniqueConstraint(fields=('drawing', 'contribution'), name='checked_once'),
        ),
        migrations.AddConstraint(
            model_name='claimcheck',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['drawn', 'sound', 'proposed', 'upheld', 'dismissed'])), name='check_state_known'),
        ),
        migrations.AddConstraint(
            model_name='claimcheck',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('checked_at', None), ('checker', None), ('ground', ''), ('reason', ''), ('state', 'drawn')), models.Q(('checked_at__isnull', False), ('checker__isnull', False), ('ground', ''), ('state', 'sound')), models.Q(('checked_at__isnull', False), ('checker__isnull', False), ('ground__in', ['false-stratum', 'made-up', 'not-own']), ('state__in', ['proposed', 'upheld', 'dismissed']), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='a_finding_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='claimcheck',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', False), ('decider__isnull', False), ('state__in', ['upheld', 'dismissed'])), models.Q(models.Q(('state__in', ['upheld', 'dismissed']), _negated=True), ('decided_at', None), ('decider', None)), _connector='OR'), name='a_finding_is_decided'),
        ),
        migrations.AddConstraint(
            model_name='claimcheck',
            constraint=models.CheckConstraint(condition=models.Q(('decider', None), models.Q(('decider', models.F('checker')), _negated=True), _connector='OR'), name='check_four_eyes'),
        ),
        migrations.AddIndex(
            model_name='heldreward',
            index=models.Index(fields=['due_at'], name='held_reward_due'),
        ),
        migrations.AddConstraint(
            model_name='heldreward',
            constraint=models.UniqueConstraint(fields=('epoch', 'contribution'), name='held_once'),
        ),
        migrations.AddConstraint(
            model_name='heldreward',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='held_positive'),
        ),
        migrations.RunSQL(
            Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"), migrations.RunSQL.noop
        ),
    ]
