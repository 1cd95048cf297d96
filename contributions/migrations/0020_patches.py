"""Patches: what is left of a recalled release, built by the system itself."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
#: The function as it was before; functions take their triggers with them.
BACK = Path(__file__).with_name("0017_release_for_one.sql").read_text(encoding="utf-8") + """
DROP FUNCTION contributions_patch_is_of_a_recall CASCADE;
DROP FUNCTION contributions_patch_adds_nothing CASCADE;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('contributions', '0019_newest_of_a_call'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='release',
            name='release_number',
        ),
        migrations.RemoveConstraint(
            model_name='release',
            name='one_release_in_preparation',
        ),
        migrations.AddField(
            model_name='release',
            name='basis',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.AddField(
            model_name='release',
            name='patch',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='release',
            name='patch_of',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tries', to='contributions.release'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.UniqueConstraint(fields=('call', 'purpose', 'kind', 'recipient', 'number', 'patch'), name='release_number'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.UniqueConstraint(condition=models.Q(('patch_of', None), ('state__in', ['requested', 'building'])), fields=('call', 'purpose', 'kind', 'recipient'), name='one_release_in_preparation'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['requested', 'building'])), fields=('patch_of',), name='one_patch_in_preparation'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['published', 'superseded'])), fields=('patch_of',), name='release_patched_once'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'failed'), _negated=True), fields=('patch_of', 'basis'), name='patch_tried_once_on_a_basis'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('basis', ''), ('patch', 0), ('patch_of', None)), models.Q(models.Q(('patch_of__isnull', False)), models.Q(('basis', ''), _negated=True), models.Q(('number', None), ('patch__gt', 0), _connector='OR')), _connector='OR'), name='patch_is_of_a_release'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.CheckConstraint(condition=models.Q(('superseded_at', None), ('superseded_at__gte', models.F('ended_at')), _connector='OR'), name='superseded_after_publication'),
        ),
        migrations.RunSQL(SQL, BACK),
    ]
