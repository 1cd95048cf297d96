"""What somebody who leaves wants done with their balance."""

from pathlib import Path

import django.db.models.deletion
import dure.core.ids
from django.db import migrations, models

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
#: The function takes its trigger with it; the others go with their table.
BACK = "DROP FUNCTION rewards_left_waits CASCADE;"


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_organisations_and_keys'),
        ('rewards', '0021_trial_balances'),
    ]

    operations = [
        migrations.CreateModel(
            name='LeavingChoice',
            fields=[
                ('id', models.UUIDField(default=dure.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('wish', models.CharField(choices=[('pay', 'pay it out'), ('fund', 'give it to the neighbourhood funds'), ('wait', 'keep it for 30 days, then give it to the neighbourhood funds')], max_length=4)),
                ('at', models.DateTimeField()),
                ('log_entry', models.UUIDField()),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.party')),
            ],
            options={
                'verbose_name': 'choice at leaving',
                'verbose_name_plural': 'choices at leaving',
                'ordering': ['-at', '-id'],
                'indexes': [models.Index(fields=['party', '-at', '-id'], name='leaving_choice_of_party')],
                'constraints': [models.CheckConstraint(condition=models.Q(('wish__in', ['pay', 'fund', 'wait'])), name='leaving_wish')],
            },
        ),
        migrations.RunSQL(SQL, BACK),
    ]
