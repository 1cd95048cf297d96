"""A finding falls by a granted objection, and what it had taken is given back."""

from pathlib import Path

import django.db.models.deletion
import dure.core.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contributions', '0015_reason_of_a_version'),
        ('governance', '0014_longer_file_names'),
        ('rewards', '0019_fewer_looks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='OverruledFinding',
            fields=[
                ('id', models.UUIDField(default=dure.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('paid_at', models.DateTimeField()),
                ('log_entry', models.UUIDField()),
            ],
            options={
                'verbose_name': 'overruled finding',
                'verbose_name_plural': 'overruled findings',
            },
        ),
        migrations.RemoveConstraint(
            model_name='claimcheck',
            name='check_state_known',
        ),
        migrations.RemoveConstraint(
            model_name='claimcheck',
            name='a_finding_has_a_reason',
        ),
        migrations.RemoveConstraint(
            model_name='claimcheck',
            name='a_finding_is_decided',
        ),
        migrations.AlterField(
            model_name='claimcheck',
            name='state',
            field=models.CharField(choices=[('drawn', 'to be checked'), ('sound', 'in order'), ('proposed', 'a finding waits for a second person'), ('upheld', 'the finding is upheld'), ('dismissed', 'the finding is dismissed'), ('overruled', 'the finding fell by an objection')], default='drawn', max_length=9),
        ),
        migrations.AddConstraint(
            model_name='claimcheck',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['drawn', 'sound', 'proposed', 'upheld', 'dismissed', 'overruled'])), name='check_state_known'),
        ),
        migrations.AddConstraint(
            model_name='claimcheck',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('checked_at', None), ('checker', None), ('ground', ''), ('reason', ''), ('state', 'drawn')), models.Q(('checked_at__isnull', False), ('checker__isnull', False), ('ground', ''), ('state', 'sound')), models.Q(('checked_at__isnull', False), ('checker__isnull', False), ('ground__in', ['false-stratum', 'made-up', 'not-own']), ('state__in', ['proposed', 'upheld', 'dismissed', 'overruled']), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='a_finding_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='claimcheck',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', False), ('decider__isnull', False), ('state__in', ('upheld', 'dismissed', 'overruled'))), models.Q(models.Q(('state__in', ('upheld', 'dismissed', 'overruled')), _negated=True), ('decided_at', None), ('decider', None)), _connector='OR'), name='a_finding_is_decided'),
        ),
        migrations.AddField(
            model_name='overruledfinding',
            name='approver',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='overruledfinding',
            name='check_of',
            field=models.OneToOneField(db_column='check_id', on_delete=django.db.models.deletion.PROTECT, related_name='overruled', to='rewards.claimcheck'),
        ),
        migrations.AddField(
            model_name='overruledfinding',
            name='granted_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='overruledfinding',
            name='objection',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='governance.objection'),
        ),
        migrations.AddField(
            model_name='overruledfinding',
            name='transfer',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='gave_back', to='rewards.transfer'),
        ),
        migrations.AddField(
            model_name='overruledfinding',
            name='voided',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='overruled', to='rewards.transfer'),
        ),
        migrations.AddConstraint(
            model_name='overruledfinding',
            constraint=models.CheckConstraint(condition=models.Q(('approver', models.F('granted_by')), _negated=True), name='overruling_four_eyes'),
        ),
        migrations.RunSQL(
            Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"), migrations.RunSQL.noop
        ),
    ]
