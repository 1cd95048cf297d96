"""Tests are marked from the beginning and kept out of every use; the triggers stand beside."""

from pathlib import Path

from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")

BACK = """
DROP TRIGGER test_stands ON contributions_contribution;
DROP TRIGGER no_test_in_a_release ON contributions_releasemember;
DROP FUNCTION contributions_test_stands, contributions_no_test_in_a_release;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_organisations_and_keys'),
        ('contributions', '0012_claims_by_the_million'),
        ('core', '0003_key_generations'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='contribution',
            name='test',
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name='contribution',
            constraint=models.CheckConstraint(condition=models.Q(('test', False), ('excluded_at__isnull', False), _connector='OR'), name='a_test_is_never_used'),
        ),
        migrations.RunSQL(SQL, BACK),
    ]
