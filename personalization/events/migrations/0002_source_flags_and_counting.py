"""What facts are rebuilt from, through which door an event came, and what looked odd about it."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="event",
            name="category",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="event", name="counted", field=models.SmallIntegerField(default=3)
        ),
        migrations.AddField(
            model_name="event", name="traits", field=models.JSONField(default=dict)
        ),
        migrations.AddField(
            model_name="event",
            name="source",
            field=models.CharField(blank=True, max_length=16, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="event",
            name="flags",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=64), size=None, default=list
            ),
        ),
    ]
