"""A rotation rewrites every data key: without an index on what changes and with room on its page
each row stays where it is, and no index has to learn of it.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("core", "0003_key_generations"),
    ]

    operations = [
        migrations.AlterField(
            model_name="datakey",
            name="kek",
            field=models.ForeignKey(
                db_index=False,
                default="derived",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="core.keyencryptionkey",
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE core_datakey SET (fillfactor = 50)",
            "ALTER TABLE core_datakey RESET (fillfactor)",
        ),
    ]
