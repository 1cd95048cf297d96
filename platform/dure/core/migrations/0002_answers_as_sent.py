from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="idempotentanswer",
            name="body",
            field=models.TextField(default=""),
            preserve_default=False,
        ),
    ]
