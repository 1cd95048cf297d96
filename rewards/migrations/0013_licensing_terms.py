"""The terms of licences are a rule that two people decide, as the others of the treasury."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('rewards', '0012_parameter_changes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='treasurypolicy',
            name='treasury_rule_subject',
        ),
        migrations.AlterField(
            model_name='treasurypolicy',
            name='subject',
            field=models.CharField(choices=[('payout', 'paying out'), ('withholding', 'tax withheld'), ('unclaimed', 'unclaimed amounts'), ('licensing', 'terms of licences')], max_length=12),
        ),
        migrations.AddConstraint(
            model_name='treasurypolicy',
            constraint=models.CheckConstraint(condition=models.Q(('subject__in', ['payout', 'withholding', 'unclaimed', 'licensing'])), name='treasury_rule_subject'),
        ),
    ]
