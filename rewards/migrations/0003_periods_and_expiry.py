"""Closed months, holds that end, and a role that cannot rewrite the books; the SQL stands beside."""

from pathlib import Path

from django.db import migrations, models


SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")

BACK = """
DROP FUNCTION rewards_transfers_are_open, rewards_lock_books_for_closing CASCADE;
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'dure_app') THEN
        DROP OWNED BY dure_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('rewards', '0002_rules'),
    ]

    operations = [
        migrations.CreateModel(
            name='ClosedPeriod',
            fields=[
                ('month', models.CharField(max_length=7, primary_key=True, serialize=False)),
                ('ends_at', models.DateTimeField(unique=True)),
                ('closed_at', models.DateTimeField()),
                ('actor', models.CharField(max_length=80)),
                ('trial_balance_sha256', models.CharField(max_length=64)),
            ],
            options={
                'verbose_name': 'closed period',
                'verbose_name_plural': 'closed periods',
                'ordering': ['month'],
            },
        ),
        migrations.AddField(
            model_name='hold',
            name='expires_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(condition=models.Q(('expires_at__isnull', False)), fields=['expires_at'], name='hold_expiry'),
        ),
        migrations.AddConstraint(
            model_name='closedperiod',
            constraint=models.CheckConstraint(condition=models.Q(('month__regex', '^[0-9]{4}-(0[1-9]|1[0-2])$')), name='period_is_a_month'),
        ),
        migrations.AddConstraint(
            model_name='closedperiod',
            constraint=models.CheckConstraint(condition=models.Q(('closed_at__gte', models.F('ends_at'))), name='period_is_over_when_closed'),
        ),
        migrations.RunSQL(SQL, BACK),
    ]
