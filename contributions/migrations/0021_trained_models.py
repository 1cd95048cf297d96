"""Models that licensees trained on a release, and entries that were a mistake."""

from pathlib import Path

import django.db.models.deletion
import dure.core.ids
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
#: Functions take their triggers with them.
BACK = """
DROP FUNCTION contributions_model_is_of_a_download CASCADE;
DROP FUNCTION contributions_model_stands CASCADE;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_organisations_and_keys'),
        ('contributions', '0020_patches'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='TrainedModel',
            fields=[
                ('id', models.UUIDField(default=dure.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(blank=True, max_length=80)),
                ('trained_on', models.DateField()),
                ('rows', models.PositiveIntegerField(null=True)),
                ('at', models.DateTimeField()),
                ('log_entry', models.UUIDField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.party')),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='trained', to='contributions.release')),
            ],
            options={
                'verbose_name': 'trained model',
                'verbose_name_plural': 'trained models',
                'ordering': ['-at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='TrainedModelWithdrawal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('log_entry', models.UUIDField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('model', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='withdrawal', to='contributions.trainedmodel')),
            ],
            options={
                'verbose_name': 'withdrawn entry of a model',
                'verbose_name_plural': 'withdrawn entries of models',
                'ordering': ['-at', '-id'],
            },
        ),
        migrations.AddConstraint(
            model_name='trainedmodel',
            constraint=models.CheckConstraint(condition=models.Q(('rows', None), ('rows__gt', 0), _connector='OR'), name='model_has_rows'),
        ),
        migrations.RunSQL(SQL, BACK),
    ]
