"""Licensees attest that they have deleted what was recalled."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
#: Functions take their triggers with them.
BACK = """
DROP FUNCTION contributions_attestation_is_true CASCADE;
DROP FUNCTION contributions_attestation_stands CASCADE;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_organisations_and_keys'),
        ('contributions', '0017_release_for_one'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DeletionAttestation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('log_entry', models.UUIDField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.party')),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attestations', to='contributions.release')),
            ],
            options={
                'verbose_name': 'attestation of a deletion',
                'verbose_name_plural': 'attestations of deletions',
                'ordering': ['-at', '-id'],
                'constraints': [models.UniqueConstraint(fields=('release', 'party'), name='attested_once')],
            },
        ),
        migrations.RunSQL(SQL, BACK),
    ]
