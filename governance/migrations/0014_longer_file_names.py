from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0013_cases"),
    ]

    operations = [
        migrations.AlterField(
            model_name="reportfile",
            name="name",
            field=models.CharField(max_length=120, verbose_name="name"),
        ),
    ]
