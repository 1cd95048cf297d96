"""Questions of models that calls name by their hash; the SQL stands beside."""

from pathlib import Path

import django.db.models.deletion
import dure.core.ids
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_key_generations'),
        ('rewards', '0009_rejection_and_reversal'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='TrainingQuestions',
            fields=[
                ('id', models.UUIDField(default=dure.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('sha256', models.CharField(max_length=64, unique=True)),
                ('columns', models.JSONField()),
                ('rows', models.PositiveIntegerField()),
                ('stored_at', models.DateTimeField()),
                ('blob', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.blob')),
                ('stored_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'questions of a model',
                'verbose_name_plural': 'questions of models',
                'ordering': ['-stored_at', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('rows__gte', 1), ('rows__lte', 1000)), name='training_questions_rows'), models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$')), name='training_questions_hash')],
            },
        ),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
