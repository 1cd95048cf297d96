"""Letters of recalls and of what takes the place of a recalled release."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('portal', '0003_letters_of_findings'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='unwantedletters',
            name='letters_unwanted_kind',
        ),
        migrations.RemoveConstraint(
            model_name='waitingletter',
            name='letter_kind_known',
        ),
        migrations.AlterField(
            model_name='unwantedletters',
            name='kind',
            field=models.CharField(choices=[('contributions', 'Contributions'), ('rewards', 'Rewards'), ('expiry', 'Expiry'), ('redemptions', 'Redemptions'), ('answers', 'Answers'), ('guardianship', 'Guardianship'), ('membership', 'Membership'), ('webhooks', 'Webhooks'), ('findings', 'Findings'), ('recalls', 'Recalls')], max_length=16),
        ),
        migrations.AlterField(
            model_name='waitingletter',
            name='kind',
            field=models.CharField(choices=[('contributions', 'Contributions'), ('rewards', 'Rewards'), ('expiry', 'Expiry'), ('redemptions', 'Redemptions'), ('answers', 'Answers'), ('guardianship', 'Guardianship'), ('membership', 'Membership'), ('webhooks', 'Webhooks'), ('findings', 'Findings'), ('recalls', 'Recalls')], max_length=16),
        ),
        migrations.AddConstraint(
            model_name='unwantedletters',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['contributions', 'rewards', 'expiry', 'redemptions', 'answers', 'guardianship', 'membership', 'webhooks', 'findings', 'recalls']), models.Q(('kind__in', ['guardianship', 'membership', 'webhooks', 'findings', 'recalls']), _negated=True)), name='letters_unwanted_kind'),
        ),
        migrations.AddConstraint(
            model_name='waitingletter',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['contributions', 'rewards', 'expiry', 'redemptions', 'answers', 'guardianship', 'membership', 'webhooks', 'findings', 'recalls'])), name='letter_kind_known'),
        ),
    ]
